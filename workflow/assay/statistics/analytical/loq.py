"""From where on can it be measured? Limit of quantification by goal; limit of detection.

LOQ: the lowest level tested whose bias and RSD meet the stated goal, CLSI EP17. LOD: from blanks
and low samples only, CLSI EP17 (parametric): LoB = mean + 1.645 SD of the blanks, LOD = LoB + c SD
of the low samples, c = 1.645 / (1 - 1 / (4 df)). Never extrapolated from a range far above zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from assay.metrics import Floats, pair
from assay.statistics.analytical.accuracy import Accuracy

MINIMUM_PER_LEVEL = 5  # samples; the 95 % limits of an SD of 5 are 0.6 and 2.9 times it
MINIMUM_BLANKS = 20  # and as many low samples: what EP17 asks to verify a claim
NOT_ESTIMABLE = "not estimable from these data"


@dataclass(frozen=True)
class Limit:
    """A limit in concentration units, or None; the text is what a report prints."""

    value: float | None
    text: str
    reason: str = ""


def limit_of_quantification(
    rows: Sequence[Accuracy],
    *,
    bias_percent: float,
    rsd_percent: float,
    minimum: int = MINIMUM_PER_LEVEL,
) -> Limit:
    """The lowest of the levels (accuracy.per_level) that meets both goals, in %."""
    judged = sorted((row for row in rows if row.n >= minimum), key=lambda row: row.known)
    good = [row for row in judged if _meets(row, bias_percent, rsd_percent)]
    goal = f"bias within {bias_percent:g} % and RSD up to {rsd_percent:g} %"
    if not judged:
        return Limit(None, NOT_ESTIMABLE, f"no level has {minimum} samples")
    if not good:
        return Limit(None, "not reached", f"no level with {minimum} samples has {goal}")
    found = good[0]
    worse = [f"{row.known:g}" for row in judged if row.known > found.known and row not in good]
    reason = f"{goal}; n = {found.n}"
    if worse:
        reason += f"; missed again at the higher level {', '.join(worse)}"
    if found is judged[0]:
        reason += "; it is the lowest level tested, so the limit may lie lower"
        return Limit(found.known, f"at most {found.known:g}", reason)
    return Limit(found.known, f"{found.known:g}", reason)


def _meets(row: Accuracy, bias_percent: float, rsd_percent: float) -> bool:
    if row.known <= 0 or row.rsd is None:
        return False
    return abs(100 * row.bias.estimate / row.known) <= bias_percent and row.rsd <= rsd_percent


def limit_of_detection(
    known: ArrayLike, found: ArrayLike, *, minimum: int = MINIMUM_BLANKS
) -> Limit:
    """LOD from (n,) samples of which some are blanks (known 0) and some low; 5 % errors each way.

    Low: a known value above 0 and up to 5 limits of blank.
    """
    x, y = pair(known, found)
    blanks = y[x == 0]
    if blanks.size < minimum:
        reason = f"{blanks.size} blanks of the {minimum} needed; the lowest level is {x.min():g}"
        return Limit(None, NOT_ESTIMABLE, reason)
    if blanks.std(ddof=1) == 0:
        return Limit(None, NOT_ESTIMABLE, "the blanks do not scatter: the outputs are clipped")
    blank = float(blanks.mean() + stats.norm.ppf(0.95) * blanks.std(ddof=1))
    low = (x > 0) & (x <= 5 * blank)
    if low.sum() < minimum:
        reason = f"{low.sum()} low samples of the {minimum} needed, up to {5 * blank:g}"
        return Limit(None, NOT_ESTIMABLE, reason)
    sd, df = _pooled(x[low], y[low])
    value = float(blank + stats.norm.ppf(0.95) / (1 - 1 / (4 * df)) * sd)
    return Limit(value, f"{value:g}", f"{blanks.size} blanks, {low.sum()} low samples")


def _pooled(x: Floats, y: Floats) -> tuple[float, int]:
    """SD within the known values, pooled, and its degrees of freedom."""
    distinct, index, count = np.unique(x, return_inverse=True, return_counts=True)
    mean = np.bincount(index, y) / count
    df = x.size - distinct.size
    if df < 1:  # no value repeats: the scatter of the errors stands in
        return float(np.std(y - x, ddof=1)), x.size - 1
    return float(np.sqrt(np.sum((y - mean[index]) ** 2) / df)), df
