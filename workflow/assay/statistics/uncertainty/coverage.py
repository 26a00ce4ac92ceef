"""Do the intervals hold what they promise? Share of known values inside, with exact limits.

Source: Clopper & Pearson (1934), Biometrika 26, 404.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from assay.faults import refuse
from assay.metrics import finite
from assay.statistics.interval import Interval
from assay.statistics.levels import Levels, levels

Verdict = Literal["as promised", "too narrow", "too wide"]


@dataclass(frozen=True)
class Coverage:
    """Of n known values at a level, how many lie inside their interval."""

    known: float  # mean known value
    n: int
    inside: int
    share: Interval  # inside / n
    nominal: float
    verdict: Verdict  # too narrow or wide: the share's limits leave the nominal value out


def clopper_pearson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Exact interval of a binomial share."""
    if not 0 <= successes <= n or n < 1:
        raise refuse("E_COUNTS", f"{successes} of {n} is no share.", "Check the counts.")
    tail = (1 - confidence) / 2
    low = stats.beta.ppf(tail, successes, n - successes + 1) if successes > 0 else 0.0
    high = stats.beta.ppf(1 - tail, successes + 1, n - successes) if successes < n else 1.0
    return Interval(successes / n, float(low), float(high), confidence)


def by_chance(
    samples: int, confidence: float, reach_error: float = 0.0, probability: float = 0.99
) -> tuple[float, float]:
    """Between which shares the coverage of a calibration lies, with that probability.

    On average over calibrations it is the confidence; of one with m samples it is drawn from a beta
    law: Vovk (2012), Asian Conf. Mach. Learn., PMLR 25, 475, proposition 2a. reach_error: relative
    standard error of the intervals' reach that comes on top, to first order for normal errors.
    """
    rank = math.ceil(confidence * (samples + 1) - 1e-9)
    tail = (1 - probability) / 2
    low, high = stats.beta.ppf([tail, 1 - tail], rank, samples + 1 - rank)
    z = stats.norm.ppf((1 + confidence) / 2)
    more = stats.norm.ppf(1 - tail) * 2 * z * stats.norm.pdf(z) * reach_error
    mean = rank / (samples + 1)
    least, most = mean - math.hypot(mean - low, more), mean + math.hypot(high - mean, more)
    return max(0.0, float(least)), min(1.0, float(most))


def coverage(
    known: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    nominal: float,
    *,
    at: Levels | None = None,
    confidence: float = 0.95,
) -> list[Coverage]:
    """One row per level, and a last one over all (n,) samples, whose mean known value is theirs."""
    x = finite(known, "known")
    within = (np.asarray(low) <= x) & (x <= np.asarray(high))
    index = (at or levels(x)).index
    chosen = [index == k for k in range(int(index.max()) + 1)]
    chosen.append(np.ones(x.size, dtype=bool))
    rows = []
    for rows_of in chosen:
        n, inside = int(rows_of.sum()), int(within[rows_of].sum())
        share = clopper_pearson(inside, n, confidence)
        mean = float(x[rows_of].mean())
        rows.append(Coverage(mean, n, inside, share, nominal, _verdict(share, nominal)))
    return rows


def _verdict(share: Interval, nominal: float) -> Verdict:
    if share.contains(nominal):
        return "as promised"
    return "too narrow" if share.estimate < nominal else "too wide"
