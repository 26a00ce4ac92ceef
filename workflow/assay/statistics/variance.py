"""Do the errors scatter alike at every level? Brown-Forsythe test of equal variance.

Source: Brown & Forsythe (1974), J. Am. Stat. Assoc. 69, 364: one-way ANOVA of the absolute
deviations from the level's median; holds for errors that are not normal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.metrics import Floats, pair
from assay.statistics.hypothesis import FTest, f_test, not_available
from assay.statistics.levels import Levels, levels


@dataclass(frozen=True)
class EqualVariance:
    """The SD of the errors per level of `at`, NaN at a level of one, and the test of equality."""

    at: Levels
    sd: Floats  # (k,) concentration units
    test: FTest


def brown_forsythe(known: ArrayLike, found: ArrayLike, at: Levels | None = None) -> EqualVariance:
    """Test (n,) samples; levels with one sample take no part."""
    x, y = pair(known, found)
    error, chosen = y - x, at or levels(x)
    groups = [error[chosen.index == k] for k in range(chosen.count.size)]
    sd = np.array([group.std(ddof=1) if group.size > 1 else np.nan for group in groups])
    return EqualVariance(chosen, sd, _test([group for group in groups if group.size > 1]))


def _test(groups: list[Floats]) -> FTest:
    if len(groups) < 2:
        return not_available("fewer than 2 levels with 2 samples")
    spread = [np.abs(group - np.median(group)) for group in groups]
    n, pooled = sum(group.size for group in groups), np.concatenate(spread).mean()
    between = sum(group.size * (group.mean() - pooled) ** 2 for group in spread)
    within = sum(float(np.sum((group - group.mean()) ** 2)) for group in spread)
    return f_test(float(between), len(groups) - 1, within, n - len(groups))
