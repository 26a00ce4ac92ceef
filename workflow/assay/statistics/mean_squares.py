"""Confidence limits of a variance that is a weighted sum or difference of mean squares.

Modified large-sample method: Graybill & Wang (1980), J. Am. Stat. Assoc. 75, 869, for sums; Ting,
Burdick, Graybill, Jeyaratnam & Lu (1990), J. Stat. Comput. Simul. 35, 135, for differences; both in
Burdick & Graybill, Confidence Intervals on Variance Components (1992), ch. 3. Exact for a single
mean square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from assay.statistics.interval import Interval


@dataclass(frozen=True)
class MeanSquare:
    """A mean square and its degrees of freedom."""

    value: float
    df: int


Terms = Sequence[tuple[float, MeanSquare]]  # weight and mean square


def variance(terms: Terms) -> float:
    """The weighted sum; a difference of mean squares may come out below zero."""
    return sum(weight * square.value for weight, square in terms)


def sd_interval(terms: Terms, confidence: float = 0.95) -> Interval:
    """Standard deviation of the combination; a negative variance is set to 0 and noted."""
    estimate, tail = variance(terms), (1 - confidence) / 2
    plus = [(weight, square) for weight, square in terms if weight > 0]
    minus = [(-weight, square) for weight, square in terms if weight < 0]
    low = estimate - np.sqrt(max(0.0, _below(plus, minus, tail)))
    high = estimate + np.sqrt(max(0.0, _above(plus, minus, tail)))
    note = "negative variance estimate, set to 0" if estimate < 0 else ""
    return Interval(_root(estimate), _root(low), _root(high), confidence, note)


def _root(value: float) -> float:
    return float(np.sqrt(max(0.0, value)))


def _short(df: int, tail: float) -> float:
    """1 - 1 / F(upper tail; df, infinity)."""
    return 1 - df / float(stats.chi2.ppf(1 - tail, df))


def _long(df: int, tail: float) -> float:
    """1 / F(lower tail; df, infinity) - 1."""
    return df / float(stats.chi2.ppf(tail, df)) - 1


def _below(plus: Terms, minus: Terms, tail: float) -> float:
    """Squared distance from the estimate to the lower limit."""
    total = sum((_short(s.df, tail) * w * s.value) ** 2 for w, s in plus)
    total += sum((_long(s.df, tail) * w * s.value) ** 2 for w, s in minus)
    for weight, one in plus:
        for other_weight, other in minus:
            f = float(stats.f.ppf(1 - tail, one.df, other.df))
            cross = (f - 1) ** 2 - (_short(one.df, tail) * f) ** 2 - _long(other.df, tail) ** 2
            total += cross / f * weight * one.value * other_weight * other.value
    return total


def _above(plus: Terms, minus: Terms, tail: float) -> float:
    """Squared distance from the estimate to the upper limit."""
    total = sum((_long(s.df, tail) * w * s.value) ** 2 for w, s in plus)
    total += sum((_short(s.df, tail) * w * s.value) ** 2 for w, s in minus)
    for weight, one in plus:
        for other_weight, other in minus:
            f = float(stats.f.ppf(tail, one.df, other.df))
            cross = (1 - f) ** 2 - (_long(one.df, tail) * f) ** 2 - _short(other.df, tail) ** 2
            total += cross / f * weight * one.value * other_weight * other.value
    return total
