"""How far apart may found and known lie? Bland-Altman limits of agreement, in units and in %.

Sources: Bland & Altman (1986), Lancet 327, 307, and (1999), Stat. Methods Med. Res. 8, 135; exact
intervals of the limits by the noncentral t, Carkeet (2015), Optom. Vis. Sci. 92(3), e71;
differences over the known value where that is a reference, Krouwer (2008), Stat. Med. 27, 778.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from assay.faults import refuse
from assay.metrics import Floats, pair
from assay.statistics.analytical.accuracy import mean_interval
from assay.statistics.interval import Interval, unavailable


@dataclass(frozen=True)
class Limits:
    """Bias and the limits between which a share of the differences found - known lies."""

    bias: Interval
    sd: float | None
    lower: Interval
    upper: Interval


@dataclass(frozen=True)
class Agreement:
    """Limits of agreement of n samples."""

    n: int
    share: float  # of differences between the limits, 0.95
    units: Limits
    percent: Limits | None  # of the mean of both or of the known; None where that is not above 0


def agreement(
    known: ArrayLike,
    found: ArrayLike,
    *,
    share: float = 0.95,
    percent_of: Literal["mean", "known"] = "mean",
    confidence: float = 0.95,
) -> Agreement:
    """Bias and limits of (n,) samples; share 0.95 gives bias +- 1.96 SD."""
    if percent_of not in ("mean", "known"):
        raise refuse("E_PERCENT_OF", f"{percent_of!r} is no base.", 'Use "mean" or "known".')
    x, y = pair(known, found)
    base = x if percent_of == "known" else (x + y) / 2
    percent = None
    if base.min() > 0:
        percent = _limits(100 * (y - x) / base, share, confidence)
    return Agreement(x.size, share, _limits(y - x, share, confidence), percent)


def _limits(difference: Floats, share: float, confidence: float) -> Limits:
    bias = mean_interval(difference, confidence)
    if difference.size < 3:
        none = unavailable(float("nan"), "fewer than 3 samples", confidence)
        return Limits(bias, None, none, none)
    mean, sd = float(difference.mean()), float(difference.std(ddof=1))
    z = float(stats.norm.ppf((1 + share) / 2))
    near, far = (sd * factor for factor in quantile_factors(difference.size, z, confidence))
    return Limits(
        bias,
        sd,
        Interval(mean - z * sd, mean - far, mean - near, confidence),
        Interval(mean + z * sd, mean + near, mean + far, confidence),
    )


def quantile_factors(n: int, z: float, confidence: float) -> tuple[float, float]:
    """k with P(mean + k s covers mu + z sigma) at both tails: exact interval of a normal quantile.

    Above 500 samples the noncentral t is replaced by the normal limit of Bland & Altman (1999),
    s sqrt(1/n + z^2 / (2 (n - 1))), which differs there by under 1 % of the width.
    """
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    if n > 500:
        error = np.sqrt(1 / n + z**2 / (2 * (n - 1)))
        low, high = z + stats.norm.ppf(tails) * error
    else:
        low, high = stats.nct.ppf(tails, n - 1, z * np.sqrt(n)) / np.sqrt(n)
    return float(low), float(high)
