"""The line between two methods that both err: Deming regression.

Sources: Deming, Statistical Adjustment of Data (1943); Linnet (1990), Stat. Med. 9, 1463, and
(1993), Clin. Chem. 39, 424 (jackknife intervals). Frame: CLSI EP09.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from assay.faults import refuse
from assay.metrics import Floats, pair
from assay.statistics.interval import Interval, unavailable

MINIMUM_SAMPLES = 4


@dataclass(frozen=True)
class Line:
    """found = intercept + slope known, n samples."""

    n: int
    intercept: Interval
    slope: Interval


def deming(
    known: ArrayLike, found: ArrayLike, error_ratio: float, confidence: float = 0.95
) -> Line:
    """Deming line of (n,) samples, intervals by jackknife with n - 2 degrees of freedom.

    error_ratio (lambda): variance of the error of the known values over that of the found ones. It
    can't be learnt from these pairs and must be stated: 1 weighs both alike, a small value trusts
    the known ones, 0 is least squares of found on known.
    """
    if not error_ratio >= 0:
        raise refuse(
            "E_ERROR_RATIO",
            f"an error ratio of {error_ratio:g} is not a ratio of variances.",
            "Give variance of the known over variance of the found values, 0 or more.",
        )
    x, y = pair(known, found)
    n = x.size
    a, b = (float(value) for value in _fit(_moments(x, y), error_ratio))
    if n < MINIMUM_SAMPLES or not np.isfinite(b):
        note = "the slope has no solution" if n >= MINIMUM_SAMPLES else f"{n} samples"
        return Line(n, unavailable(a, note, confidence), unavailable(b, note, confidence))
    left_out = _fit(_moments_without_one(x, y), error_ratio)
    intervals = []
    for estimate, others in zip((a, b), left_out, strict=True):
        pseudo = n * estimate - (n - 1) * others
        error = pseudo.std(ddof=1) / np.sqrt(n)
        half = float(stats.t.ppf((1 + confidence) / 2, n - 2) * error)
        intervals.append(Interval(estimate, estimate - half, estimate + half, confidence))
    return Line(n, *intervals)


Moments = tuple[Floats, Floats, Floats, Floats, Floats]  # mean x, mean y, sxx, syy, sxy


def _moments(x: Floats, y: Floats) -> Moments:
    dx, dy = x - x.mean(), y - y.mean()
    sums = [np.sum(value) for value in (dx * dx, dy * dy, dx * dy)]
    return np.asarray(x.mean()), np.asarray(y.mean()), sums[0], sums[1], sums[2]


def _moments_without_one(x: Floats, y: Floats) -> Moments:
    """The moments with each sample left out in turn, (n,) each."""
    n = x.size
    mean_x, mean_y, sxx, syy, sxy = _moments(x, y)
    dx, dy, drop = x - mean_x, y - mean_y, n / (n - 1)
    return (
        mean_x - dx / (n - 1),
        mean_y - dy / (n - 1),
        sxx - drop * dx * dx,
        syy - drop * dy * dy,
        sxy - drop * dx * dy,
    )


def _fit(moments: Moments, error_ratio: float) -> tuple[Floats, Floats]:
    """Intercept and slope; Linnet (1993), eq. 3, in a form that also holds for a ratio of 0."""
    mean_x, mean_y, sxx, syy, sxy = moments
    u = sxx - error_ratio * syy
    with np.errstate(divide="ignore", invalid="ignore"):
        # 2 sxy / (u + root) = (root - u) / (2 ratio sxy): no cancellation where u is above zero
        root = np.sqrt(u**2 + 4 * error_ratio * sxy**2)
        slope = np.where(u >= 0, 2 * sxy / (u + root), (root - u) / (2 * error_ratio * sxy))
    return mean_y - slope * mean_x, slope
