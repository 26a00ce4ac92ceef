"""Which values stand apart? Listed for a person to look at; nothing here drops any.

Sources: modified z-score, Iglewicz & Hoaglin, How to Detect and Handle Outliers (1993), cut at 3.5;
generalised ESD, Rosner (1983), Technometrics 25, 165 (for up to a stated number of outliers in
normal data of 25 or more).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from assay.metrics import Floats, finite


@dataclass(frozen=True)
class Outlier:
    """A value that stands apart; position counts from 0 in the array given."""

    position: int
    value: float
    score: float  # robust z, or the ESD statistic R
    limit: float  # the score it passed


def robust_z(values: ArrayLike) -> Floats:
    """(x - median) / (1.4826 MAD), (n,); 0 where nothing scatters.

    Where more than half of the values are equal the MAD is 0 and 1.2533 times the mean absolute
    deviation takes its place.
    """
    x = finite(values, "tested")
    deviation = x - np.median(x)
    spread = 1.482602 * np.median(np.abs(deviation)) or 1.253314 * np.mean(np.abs(deviation))
    return deviation / spread if spread > 0 else np.zeros(x.size)


def by_robust_z(values: ArrayLike, limit: float = 3.5) -> list[Outlier]:
    """Values with |z| above the limit, the farthest first."""
    x, z = finite(values, "tested"), robust_z(values)
    far = np.flatnonzero(np.abs(z) > limit)
    order = far[np.argsort(-np.abs(z[far]), kind="stable")]
    return [Outlier(int(i), float(x[i]), float(z[i]), limit) for i in order]


def by_esd(values: ArrayLike, most: int = 10, alpha: float = 0.05) -> list[Outlier]:
    """Outliers by the generalised ESD test for up to `most` of them, the farthest first."""
    x = finite(values, "tested")
    left = np.arange(x.size)
    steps: list[Outlier] = []
    for step in range(1, min(most, x.size - 2) + 1):
        deviation = x[left] - x[left].mean()
        sd = x[left].std(ddof=1)
        if sd == 0:
            break
        worst = int(np.argmax(np.abs(deviation)))
        steps.append(
            Outlier(
                position=int(left[worst]),
                value=float(x[left[worst]]),
                score=float(abs(deviation[worst]) / sd),
                limit=_esd_limit(x.size, step, alpha),
            )
        )
        left = np.delete(left, worst)
    last = max((i + 1 for i, one in enumerate(steps) if one.score > one.limit), default=0)
    return steps[:last]


def _esd_limit(n: int, step: int, alpha: float) -> float:
    """Rosner's lambda at the step, from 1."""
    m = n - step + 1  # values left
    t = stats.t.ppf(1 - alpha / (2 * m), m - 2)
    return float((m - 1) * t / np.sqrt((m - 2 + t**2) * m))
