"""What is measured: its name, unit, range and scale, and the words for axes and tables."""

from __future__ import annotations

from dataclasses import dataclass

from assay.intake.numerals import decimals
from assay.metrics import Scale


@dataclass(frozen=True)
class Quantity:
    """low and high: the range of the method, in concentration units; errors are on the scale."""

    name: str = "concentration"
    unit: str = ""
    low: float = 80.0
    high: float = 350.0
    scale: Scale = "linear"

    def label(self, what: str) -> str:
        """An axis label such as `known concentration (mg/L)`."""
        return f"{what} {self.name}" + (f" ({self.unit})" if self.unit else "")

    @property
    def of_error(self) -> str:
        """The unit that an error is in, with a space before it; empty where there is none."""
        if self.scale == "log10":
            return " log10 units"
        return f" {self.unit}" if self.unit else ""

    def with_unit(self, score: str, power: str = "") -> str:
        """A score's name with the unit of errors, as `RMSE (mg/L)`; power: `²` for a square."""
        unit = self.of_error.strip()
        return f"{score} ({unit}){power}" if unit else score

    def places(self, *values: float) -> int | None:
        """Decimals for these values; None on the log10 scale, where each has digits of its own."""
        return None if self.scale == "log10" else decimals(*values)

    @property
    def span(self) -> str:
        """The range of the method in words."""
        text = f"{self.low:g} to {self.high:g} {self.unit}".strip()
        return f"{text} on the log10 scale" if self.scale == "log10" else text

    @property
    def error_label(self) -> str:
        """The axis label of errors, found minus known on the scale."""
        if self.scale == "log10":
            return "log10 of found ÷ known"
        return "found \u2212 known" + (f" ({self.unit})" if self.unit else "")
