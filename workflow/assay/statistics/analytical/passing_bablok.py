"""The line between two methods without assumptions on the errors: Passing-Bablok regression.

Sources: Passing & Bablok (1983), J. Clin. Chem. Clin. Biochem. 21, 709: shifted median of all
pairwise slopes, slopes of -1 left out, identical points left out, offset K. As the R package mcr
does (and its values are the test), two middle slopes are averaged as angles and the limits are
taken at the unrounded rank, in analogy to the median. Frame: CLSI EP09.

Known values set by design repeat, and pairs of equal known values then bend the median upwards: on
6 levels of 10 samples the slope was called different from 1 in 38 % of faultless validations. Such
pairs are left out, with the variance of tied ranks: Baumdicker & Hölker (2019), arXiv
1905.07649.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from assay.metrics import Floats, pair
from assay.statistics.analytical.deming import Line
from assay.statistics.interval import Interval, unavailable

MINIMUM_SAMPLES = 4


def passing_bablok(
    known: ArrayLike,
    found: ArrayLike,
    *,
    by_design: bool | None = None,
    confidence: float = 0.95,
) -> Line:
    """Line of (n,) samples; for values that rise together. Memory: 8 n^2 / 2 bytes.

    by_design: the known values are set levels, so pairs of equal ones tell no slope; by default
    where on average each known value comes twice or more often. False is what mcr does.
    """
    x, y = pair(known, found)
    n = x.size
    if by_design is None:
        by_design = 2 * np.unique(x).size <= n
    angles = np.sort(_angles(x, y, vertical=not by_design))
    below = int(np.sum(angles < -np.pi / 4))
    twice = angles.size + 2 * below  # twice the rank of the shifted median
    if angles.size == 0 or twice > 2 * angles.size:
        nothing = unavailable(float("nan"), "the values do not rise together", confidence)
        return Line(n, nothing, nothing)
    slope = float(np.tan(_at(angles, twice)))
    intercept = float(np.median(y - slope * x))
    spread = stats.norm.ppf((1 + confidence) / 2) * _sd_of_ranks(x, ties=by_design)
    low, high = round(twice - spread), round(twice + spread)
    if n < MINIMUM_SAMPLES or low < 1 or high > 2 * angles.size - 1:
        few = f"{n} samples are too few for limits"
        return Line(n, unavailable(intercept, few, confidence), unavailable(slope, few, confidence))
    lower, upper = (float(np.tan(_at(angles, rank))) for rank in (low, high))
    start, end = (float(np.median(y - bound * x)) for bound in (upper, lower))
    return Line(
        n, Interval(intercept, start, end, confidence), Interval(slope, lower, upper, confidence)
    )


def _sd_of_ranks(x: Floats, *, ties: bool) -> float:
    """SD of the number of rising minus falling pairs, as for Kendall's tau."""
    counts = np.unique(x, return_counts=True)[1] if ties else np.empty(0)
    n = x.size
    tied = float(np.sum(counts * (counts - 1) * (2 * counts + 5)))
    return float(np.sqrt((n * (n - 1) * (2 * n + 5) - tied) / 18))


def _angles(x: Floats, y: Floats, *, vertical: bool) -> Floats:
    """Angle of the slope of each pair of points, without identical points and slopes of -1.

    Vertical pairs count as pi / 2: with -pi / 2 the offset K would move the median back alike.
    """
    parts = []
    for i in range(x.size - 1):
        dx, dy = _difference(x[i + 1 :], x[i]), _difference(y[i + 1 :], y[i])
        moved = (dx != 0) | ((dy != 0) & vertical)
        dx, dy = dx[moved], dy[moved]
        angle = np.where(dx == 0, np.pi / 2, np.arctan(dy / np.where(dx == 0, 1, dx)))
        parts.append(angle[np.abs(angle + np.pi / 4) > 1e-12])
    return np.concatenate(parts) if parts else np.empty(0)


def _difference(values: Floats, value: float) -> Floats:
    """Differences, 0 where they are only rounding: ties must stay ties."""
    difference = values - value
    noise = 1e-12 * (np.abs(values) + abs(value)) / 2
    return np.where(np.abs(difference) <= noise, 0.0, difference)


def _at(angles: Floats, twice: int) -> float:
    """The value at rank twice / 2, ranks from 1 half a rank up: the median has twice = n."""
    half = (twice + 1) // 2
    if twice % 2 == 1:
        return float(angles[half - 1])
    return float(angles[half - 1 : half + 1].mean())
