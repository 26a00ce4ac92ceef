"""How true? Bias, recovery and total error, per concentration level and over all samples.

Sources: recovery and bias, ICH Q2(R2); total error |bias| + 1.65 s, Westgard, Carey & Wold (1974),
Clin. Chem. 20, 825; verdict by the beta-expectation tolerance interval of the error (where the
next result will lie), Hubert et al. (2004), J. Pharm. Biomed. Anal. 36, 579.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from assay.metrics import Floats, pair
from assay.statistics.interval import Interval, unavailable
from assay.statistics.levels import Levels, levels
from assay.statistics.samples import codes

Verdict = Literal["meets", "exceeds", "not shown", "no allowed error given"]


@dataclass(frozen=True)
class Accuracy:
    """Of n samples at one level (or over all); concentration units unless it says %."""

    known: float  # mean known value
    low: float  # least known value
    high: float  # greatest known value
    n: int
    found: float  # mean found value
    bias: Interval
    recovery: Interval  # %, mean of found / known
    sd: float | None  # of the errors
    rsd: float | None  # %, sd over the mean known value
    total_error: float | None  # |bias| + 1.65 sd
    expected: Interval  # the error of the next sample lies here
    allowed: float | None
    verdict: Verdict  # meets: `expected` lies within +- allowed; exceeds: total error above it


def per_level(
    known: ArrayLike,
    found: ArrayLike,
    *,
    at: Levels | None = None,
    allowed: float | None = None,
    allowed_percent: float | None = None,
    confidence: float = 0.95,
) -> list[Accuracy]:
    """One row per level of (n,) samples, ascending; the levels are those of `known` by default.

    allowed: greatest permitted total error, concentration units; allowed_percent: as % of the
    level. Where both are given the wider one counts.
    """
    x, y = pair(known, found)
    index = (at or levels(x)).index
    return [
        _row(x[index == k], y[index == k], allowed, allowed_percent, confidence)
        for k in range(int(index.max()) + 1)
    ]


def overall(
    known: ArrayLike,
    found: ArrayLike,
    *,
    allowed: float | None = None,
    allowed_percent: float | None = None,
    confidence: float = 0.95,
) -> Accuracy:
    """The same over all (n,) samples."""
    return _row(*pair(known, found), allowed, allowed_percent, confidence)


def bias_over_sessions(
    known: ArrayLike, found: ArrayLike, session: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Bias as the mean of the sessions' mean errors, with a t interval over sessions.

    The interval of `overall` takes samples as independent and is too narrow where sessions shift.
    """
    x, y = pair(known, found)
    number, names = codes(session)
    return mean_interval(
        np.bincount(number, y - x) / np.bincount(number), confidence, f"{names.size} session"
    )


def mean_interval(values: Floats, confidence: float, what: str = "1 sample") -> Interval:
    """Mean with its t interval."""
    mean = float(values.mean())
    if values.size < 2:
        return unavailable(mean, f"{what} only", confidence)
    half = stats.t.ppf((1 + confidence) / 2, values.size - 1) * values.std(ddof=1)
    half = float(half / np.sqrt(values.size))
    return Interval(mean, mean - half, mean + half, confidence)


def _expected(error: Floats, confidence: float) -> Interval:
    """Mean error +- t s sqrt(1 + 1/n)."""
    mean = float(error.mean())
    if error.size < 3:
        return unavailable(mean, "fewer than 3 samples", confidence)
    spread = error.std(ddof=1) * np.sqrt(1 + 1 / error.size)
    half = float(stats.t.ppf((1 + confidence) / 2, error.size - 1) * spread)
    return Interval(mean, mean - half, mean + half, confidence)


def _recovery(x: Floats, y: Floats, confidence: float) -> Interval:
    if x.min() <= 0:
        return unavailable(float("nan"), "no recovery at a level of zero", confidence)
    return mean_interval(100 * y / x, confidence)


def _allowed(level: float, allowed: float | None, percent: float | None) -> float | None:
    limits = [allowed] if allowed is not None else []
    limits += [abs(level) * percent / 100] if percent is not None else []
    return max(limits, default=None)


def _verdict(expected: Interval, total: float | None, allowed: float | None) -> Verdict:
    if allowed is None:
        return "no allowed error given"
    if total is not None and total > allowed:
        return "exceeds"
    if expected.low is None or expected.high is None:
        return "not shown"
    return "meets" if -allowed <= expected.low and expected.high <= allowed else "not shown"


def _row(
    x: Floats, y: Floats, allowed: float | None, percent: float | None, confidence: float
) -> Accuracy:
    error, level = y - x, float(x.mean())
    sd = float(error.std(ddof=1)) if error.size > 1 else None
    total = None if sd is None else abs(float(error.mean())) + 1.65 * sd
    expected, limit = _expected(error, confidence), _allowed(level, allowed, percent)
    return Accuracy(
        known=level,
        low=float(x.min()),
        high=float(x.max()),
        n=x.size,
        found=float(y.mean()),
        bias=mean_interval(error, confidence),
        recovery=_recovery(x, y, confidence),
        sd=sd,
        rsd=100 * sd / level if sd is not None and level > 0 else None,
        total_error=total,
        expected=expected,
        allowed=limit,
        verdict=_verdict(expected, total, limit),
    )
