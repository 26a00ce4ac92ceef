"""Is found = known? The line found = a + b known, and whether a line is enough.

One row per sample; rows are taken as independent with equal variance (variance.py tests the
latter). Sources: line and joint test of a = 0, b = 1, Draper & Smith, Applied Regression Analysis
(3rd ed. 1998), ch. 1, 2 and 6; lack of fit, ibid. ch. 2.1; Mandel, The Statistical Analysis of
Experimental Data (1964), as used in ISO 8466-1. Frame: ICH Q2(R2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from assay.metrics import Floats, pair
from assay.statistics.hypothesis import FTest, f_test, not_available
from assay.statistics.interval import Interval, unavailable


@dataclass(frozen=True)
class Linearity:
    """The least-squares line through n samples, and its tests; concentration units."""

    n: int
    intercept: Interval
    slope: Interval
    residual_sd: float | None
    identity: FTest  # joint hypothesis: intercept 0 and slope 1
    lack_of_fit: FTest  # against the scatter within repeated levels
    mandel: FTest  # straight line against parabola
    curvature: Interval  # how far the parabola leaves its chord at mid-range; below zero: it bulges


def linearity(known: ArrayLike, found: ArrayLike, confidence: float = 0.95) -> Linearity:
    """Fit the line and the parabola to (n,) samples and test them."""
    x, y = pair(known, found)
    intercept, slope, rss = _line(x, y, confidence)
    df = x.size - 2
    return Linearity(
        n=x.size,
        intercept=intercept,
        slope=slope,
        residual_sd=float(np.sqrt(rss / df)) if df > 0 and np.ptp(x) > 0 else None,
        identity=_identity(x, y, rss),
        lack_of_fit=_lack_of_fit(x, y, rss),
        mandel=_mandel(x, y, rss),
        curvature=_curvature(x, y, confidence),
    )


def _rss(x: Floats, y: Floats, degree: int) -> float:
    """Residual sum of squares of a polynomial; x is scaled to [-1, 1] for a sound solution."""
    design = np.vander(_scaled(x), degree + 1, increasing=True)
    fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return _squares(y - fitted, y)


def _squares(residual: Floats, y: Floats) -> float:
    """Sum of squared residuals; 0 where these are rounding only."""
    total = float(np.sum(residual**2))
    return total if total > 1e-24 * float(np.sum(y**2)) else 0.0


def _scaled(x: Floats) -> Floats:
    return (2 * x - x.max() - x.min()) / np.ptp(x) if np.ptp(x) > 0 else np.zeros(x.size)


def _line(x: Floats, y: Floats, confidence: float) -> tuple[Interval, Interval, float]:
    """Intercept and slope with t intervals, and the residual sum of squares."""
    centred = x - x.mean()
    sxx = float(np.sum(centred**2))
    if sxx == 0:
        note = "the known values do not vary"
        nothing = unavailable(float("nan"), note, confidence)
        return nothing, nothing, _squares(y - y.mean(), y)
    b = float(np.sum(centred * y) / sxx)
    a = float(y.mean() - b * x.mean())
    rss = _squares(y - a - b * x, y)
    if x.size < 3:
        note = "fewer than 3 samples"
        return unavailable(a, note, confidence), unavailable(b, note, confidence), rss
    half = float(stats.t.ppf((1 + confidence) / 2, x.size - 2) * np.sqrt(rss / (x.size - 2)))
    wide, narrow = half * np.sqrt(1 / x.size + x.mean() ** 2 / sxx), half / np.sqrt(sxx)
    return (
        Interval(a, a - float(wide), a + float(wide), confidence),
        Interval(b, b - float(narrow), b + float(narrow), confidence),
        rss,
    )


def _identity(x: Floats, y: Floats, rss: float) -> FTest:
    if np.ptp(x) == 0:
        return not_available("the known values do not vary")
    return f_test(float(np.sum((y - x) ** 2)) - rss, 2, rss, x.size - 2)


def _lack_of_fit(x: Floats, y: Floats, rss: float) -> FTest:
    """F = [SS_lof / (k - 2)] / [SS_pe / (n - k)] with k distinct known values."""
    distinct, index, count = np.unique(x, return_inverse=True, return_counts=True)
    if distinct.size == x.size:
        return not_available("no known value repeats, so pure error can't be estimated")
    if distinct.size < 3:
        return not_available("fewer than 3 levels")
    mean = np.bincount(index, y) / count
    pure = _squares(y - mean[index], y)
    return f_test(rss - pure, distinct.size - 2, pure, x.size - distinct.size)


def _mandel(x: Floats, y: Floats, rss: float) -> FTest:
    """F = (RSS_line - RSS_parabola) / [RSS_parabola / (n - 3)] with 1 and n - 3 df."""
    if np.unique(x).size < 3:
        return not_available("fewer than 3 levels")
    parabola = _rss(x, y, 2)
    return f_test(rss - parabola, 1, parabola, x.size - 3)


def _curvature(x: Floats, y: Floats, confidence: float) -> Interval:
    """Quadratic coefficient on x scaled to [-1, 1]: chord minus parabola at mid-range."""
    if np.unique(x).size < 3 or x.size < 4:
        return unavailable(float("nan"), "fewer than 3 levels or 4 samples", confidence)
    design = np.vander(_scaled(x), 3, increasing=True)
    inverse = np.linalg.inv(design.T @ design)
    c = float((inverse @ design.T @ y)[2])
    df = x.size - 3
    error = np.sqrt(_rss(x, y, 2) / df * inverse[2, 2])
    half = float(stats.t.ppf((1 + confidence) / 2, df) * error)
    return Interval(c, c - half, c + half, confidence)
