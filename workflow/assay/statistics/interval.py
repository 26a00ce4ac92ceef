"""An estimate with its confidence interval, or with the reason why it has none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """low and high are None where the data can't support an interval; the note then says why."""

    estimate: float
    low: float | None
    high: float | None
    confidence: float = 0.95
    note: str = ""

    @property
    def available(self) -> bool:
        """Whether there is an interval."""
        return self.low is not None and self.high is not None

    def contains(self, value: float) -> bool:
        """Whether the value lies inside; an interval that isn't available excludes nothing."""
        if self.low is None or self.high is None:
            return True
        return self.low <= value <= self.high

    def scaled(self, factor: float) -> Interval:
        """The same interval in other units, e.g. as % with factor 100 / level."""
        if self.low is None or self.high is None:
            return Interval(self.estimate * factor, None, None, self.confidence, self.note)
        low, high = sorted((self.low * factor, self.high * factor))
        return Interval(self.estimate * factor, low, high, self.confidence, self.note)


def unavailable(estimate: float, note: str, confidence: float = 0.95) -> Interval:
    """An estimate without interval, and why."""
    return Interval(estimate, None, None, confidence, note)
