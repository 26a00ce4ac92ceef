"""How many more samples? RMSE over the number of training samples, and a forecast.

RMSE(n) = floor + scale (n / largest)^-exponent: inverse power law, Cortes et al. (1994), NIPS 6,
327; Figueroa et al. (2012), BMC Med. Inform. Decis. Mak. 12, 8. Weighted least squares (equal
relative errors), exponent by search, floor and scale not below zero; intervals by parametric
bootstrap of the points, which are taken as independent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from assay.faults import refuse
from assay.metrics import Floats, finite
from assay.statistics.interval import Interval, unavailable

EXPONENTS = np.geomspace(0.05, 2, 75)
MINIMUM_SIZES, MINIMUM_POINTS, MINIMUM_SPAN = 4, 5, 4.0
REACH = 4.0  # times the largest size measured: no forecast beyond


@dataclass(frozen=True)
class LearningCurve:
    """The fitted curve; note: why nothing can be forecast, '' where it can."""

    largest: float  # samples
    parameters: Floats  # (3,) floor, scale, exponent
    draws: Floats  # (replicates, 3) the same, of the bootstrap
    confidence: float
    note: str = ""


@dataclass(frozen=True)
class Needed:
    """Samples at which the RMSE is forecast to reach a target; None where it isn't (see note)."""

    target: float
    samples: int | None  # by the fitted curve
    at_most: int | None  # by the upper end of its interval
    note: str = ""


def learning_curve(
    samples: ArrayLike,
    rmse: ArrayLike,
    *,
    confidence: float = 0.95,
    count: int = 1000,
    seed: int = 0,
) -> LearningCurve:
    """Fit (m,) points: training samples and the RMSE reached; sizes may repeat (folds, seeds)."""
    n, y = finite(samples, "sample count"), finite(rmse, "RMSE")
    if n.size != y.size or n.min() <= 0 or y.min() <= 0:
        raise refuse(
            "E_LEARNING_CURVE",
            f"{n.size} sample counts meet {y.size} RMSEs, or one of them is not above zero.",
            "Give one RMSE above zero for each number of samples.",
        )
    note = _too_little(n)
    if note:
        return LearningCurve(n.max(), np.full(3, np.nan), np.empty((0, 3)), confidence, note)
    ratio, fitted = n / n.max(), y
    for _ in range(3):  # weights from the fit, not from the noisy points
        weight = 1 / fitted**2
        parameters = _fit(ratio, y[None], weight)
        fitted = _values(parameters, ratio)[0]
    df = y.size - 3
    rss = float(np.sum(weight * (y - fitted) ** 2))
    draws = _draws(ratio, fitted, weight, rss, df, count, seed)
    note = _flat(y, weight, rss, df)
    return LearningCurve(float(n.max()), parameters[0], draws, confidence, note)


def with_shared_error(curve: LearningCurve, rmse: Interval, seed: int = 0) -> LearningCurve:
    """The curve, its draws raised and lowered as the RMSE of all points may lie.

    Points judged by the same samples share their luck, which their scatter about the curve doesn't
    show; rmse: of the largest size, with its interval by sample. In simulation (ridge regression,
    80 to 256 training samples, points of each fold at shares from 0.2) 95 % intervals then hold
    the truth in 94 to 98 % at twice the samples and in 92 to 96 % at the largest size; without
    this, in 91 to 93 % and in 79 to 82 %.
    """
    if curve.note:
        return curve
    if rmse.low is None or rmse.high is None:
        return replace(curve, note="too few samples for an interval of the RMSE")
    width = np.log(rmse.high / rmse.low)
    error = width / (2 * stats.norm.ppf((1 + rmse.confidence) / 2))
    rng = np.random.default_rng([seed, 1])
    factor = np.exp(error * rng.standard_normal((len(curve.draws), 1)))
    draws = np.hstack([curve.draws[:, :2] * factor, curve.draws[:, 2:]])
    return replace(curve, draws=draws)


def forecast(curve: LearningCurve, samples: float) -> Interval:
    """RMSE to expect with so many training samples, and its interval."""
    note = curve.note
    if not note and samples > REACH * curve.largest:
        note = f"beyond {REACH:g} times the {curve.largest:g} samples measured"
    if note:
        return unavailable(float("nan"), note, curve.confidence)
    ratio = np.array([samples / curve.largest])
    tails = (1 - curve.confidence) / 2, (1 + curve.confidence) / 2
    low, high = np.quantile(_values(curve.draws, ratio)[:, 0], tails)
    estimate = _values(curve.parameters[None], ratio)[0, 0]
    return Interval(float(estimate), float(low), float(high), curve.confidence)


def needed(curve: LearningCurve, target: float) -> Needed:
    """Samples for a target RMSE, looked for up to REACH times the largest size measured."""
    if curve.note:
        return Needed(target, None, None, curve.note)
    sizes = np.unique(np.geomspace(1, REACH * curve.largest, 2000).round())
    ratio = sizes / curve.largest
    best = _values(curve.parameters[None], ratio)[0]
    upper = np.quantile(_values(curve.draws, ratio), (1 + curve.confidence) / 2, axis=0)
    samples, at_most = _first(sizes, best <= target), _first(sizes, upper <= target)
    note = ""
    if samples is None:
        note = f"more than {REACH * curve.largest:g} samples, or never: more data alone won't do"
    elif at_most is None:
        note = f"not sure to be reached with {REACH * curve.largest:g} samples"
    return Needed(target, samples, at_most, note)


def _too_little(n: Floats) -> str:
    sizes = np.unique(n)
    if sizes.size < MINIMUM_SIZES or n.size < MINIMUM_POINTS:
        return (
            f"{n.size} points at {sizes.size} sizes; a forecast needs {MINIMUM_POINTS} points at "
            f"{MINIMUM_SIZES} sizes"
        )
    if sizes[-1] < MINIMUM_SPAN * sizes[0]:
        return f"the largest size is not {MINIMUM_SPAN:g} times the smallest"
    return ""


def _flat(y: Floats, weight: Floats, rss: float, df: int) -> str:
    """Why the curve is no better than a constant, by an F test with 2 and df degrees."""
    level = np.sum(weight * y) / np.sum(weight)
    gain = (float(np.sum(weight * (y - level) ** 2)) - rss) / 2
    if rss > 0 and stats.f.sf(gain / (rss / df), 2, df) > 0.05:
        return "the RMSE is not shown to fall with the number of samples"
    return ""


def _draws(
    ratio: Floats, fitted: Floats, weight: Floats, rss: float, df: int, count: int, seed: int
) -> Floats:
    """Refits of points drawn about the curve; their SD is drawn too, for it is known badly."""
    rng = np.random.default_rng(seed)
    sd = np.sqrt(rss / rng.chisquare(df, size=(count, 1)))
    noise = rng.standard_normal((count, fitted.size)) / np.sqrt(weight)
    return _fit(ratio, fitted + sd * noise, weight)


def _fit(ratio: Floats, y: Floats, weight: Floats) -> Floats:
    """Floor, scale and exponent of each row of y, (R, m) -> (R, 3)."""
    best, result = np.full(len(y), np.inf), np.empty((len(y), 3))
    total = weight.sum()
    for exponent in EXPONENTS:
        x = ratio**-exponent
        mean_x, mean_y = np.sum(weight * x) / total, y @ weight / total
        sxx = np.sum(weight * (x - mean_x) ** 2)
        scale = np.maximum(0, y @ (weight * (x - mean_x)) / sxx)
        floor = mean_y - scale * mean_x
        through_zero = y @ (weight * x) / np.sum(weight * x**2)
        scale = np.where(floor < 0, through_zero, scale)
        floor = np.maximum(0, floor)
        rss = np.sum(weight * (y - floor[:, None] - scale[:, None] * x) ** 2, axis=1)
        better = rss < best
        best[better] = rss[better]
        rows = np.column_stack([floor, scale, np.full(len(y), exponent)])
        result[better] = rows[better]
    return result


def _values(parameters: Floats, ratio: Floats) -> Floats:
    """The curves (R, 3) at the ratios (m,), (R, m)."""
    floor, scale, exponent = (column[:, None] for column in parameters.T)
    return floor + scale * ratio**-exponent


def _first(sizes: Floats, reached: np.ndarray) -> int | None:
    return int(sizes[np.argmax(reached)]) if reached.any() else None
