"""An F test, or the reason why the data don't allow it."""

from __future__ import annotations

from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class FTest:
    """F with its degrees of freedom and p-value; None where the test isn't available (see note)."""

    statistic: float | None
    df_numerator: int = 0
    df_denominator: int = 0
    p: float | None = None
    note: str = ""

    @property
    def available(self) -> bool:
        """Whether the test could be made."""
        return self.p is not None


def f_test(numerator: float, df_numerator: int, denominator: float, df_denominator: int) -> FTest:
    """F = (numerator / df_numerator) / (denominator / df_denominator), both sums of squares."""
    if df_numerator < 1 or df_denominator < 1:
        return not_available("too few samples for the degrees of freedom")
    if denominator <= 0:
        return not_available("the residuals do not scatter")
    statistic = (numerator / df_numerator) / (denominator / df_denominator)
    p = float(stats.f.sf(statistic, df_numerator, df_denominator))
    return FTest(float(statistic), df_numerator, df_denominator, p)


def not_available(note: str) -> FTest:
    """A test that can't be made, and why."""
    return FTest(None, note=note)
