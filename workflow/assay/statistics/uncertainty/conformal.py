"""How far may the known value lie from the found one? Cross-conformal intervals over samples.

Source: jackknife+ and CV+, Barber, Candes, Ramdas & Tibshirani (2021), Ann. Stat. 49, 486: coverage
is at least 1 - 2 (1 - confidence) without any assumption but exchangeable samples, and close to the
confidence in practice. Several photographs of a sample share its weight, so the promise is for a
photograph of a new sample: Lee, Barber & Willett (2023), arXiv 2306.06342. Scores are divided by a
difficulty where one is given: Papadopoulos & Haralambous (2011), Neural Networks 24, 842.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.faults import refuse
from assay.metrics import Floats, finite, pair
from assay.statistics.samples import Integers, codes


@dataclass(frozen=True)
class Calibration:
    """Out-of-fold scores of m photographs; arrays and numbers only, so it can be saved."""

    score: Floats  # (m,) |found - known| / difficulty
    fold: Integers  # (m,) the fold that held the photograph out
    weight: Floats  # (m,) 1 / photographs of its sample
    samples: int


@dataclass(frozen=True)
class Bounds:
    """Interval of each photograph, (N,); None with a note where the samples are too few."""

    low: Floats | None
    high: Floats | None
    confidence: float
    note: str = ""


def least_samples(confidence: float) -> int:
    """Calibration samples below which no interval can hold: 9 for 90 %, 19 for 95 %."""
    return math.ceil(confidence / (1 - confidence) - 1e-9)


def calibrate(
    known: ArrayLike,
    found: ArrayLike,
    fold: ArrayLike,
    sample: ArrayLike,
    difficulty: ArrayLike | None = None,
) -> Calibration:
    """From (m,) out-of-fold predictions.

    difficulty, above zero: how uncertain each is held to be, e.g. the spread of the prediction
    over turns and mirrors; it must be measured the same way for new photographs.
    """
    one, other = pair(known, found)
    number, names = codes(sample)
    folds = np.asarray(fold).astype(np.intp).reshape(-1)
    if folds.size != one.size or folds.min() < 0:
        raise refuse(
            "E_FOLD",
            f"{folds.size} folds, the least {folds.min()}, meet {one.size} predictions.",
            "Calibrate on out-of-fold predictions only: folds count from 0, -1 is the test set.",
        )
    spread = _difficulty(difficulty, one.size)
    return Calibration(
        score=np.abs(other - one) / spread,
        fold=folds,
        weight=1 / np.bincount(number)[number],
        samples=names.size,
    )


def intervals(
    calibration: Calibration,
    by_fold: ArrayLike,
    confidence: float = 0.9,
    difficulty: ArrayLike | None = None,
) -> Bounds:
    """CV+ interval of new photographs from each fold model's prediction, (N, folds)."""
    predictions = np.atleast_2d(np.asarray(by_fold, dtype=np.float64))
    finite(predictions, "predicted")
    if predictions.shape[1] <= calibration.fold.max():
        raise refuse(
            "E_FOLD",
            f"{predictions.shape[1]} models predict, {calibration.fold.max() + 1} were calibrated.",
            "Give one column for each fold model, in the order of the folds.",
        )
    if calibration.samples < least_samples(confidence):
        return _not_available(calibration.samples, confidence)
    spread = _difficulty(difficulty, len(predictions))
    low, high = np.empty(len(predictions)), np.empty(len(predictions))
    chunk = max(1, 2_000_000 // calibration.score.size)
    for start in range(0, len(predictions), chunk):
        part = slice(start, start + chunk)
        centre = predictions[part][:, calibration.fold]
        reach = spread[part, None] * calibration.score
        high[part] = _quantile(centre + reach, calibration.weight, confidence)
        low[part] = -_quantile(reach - centre, calibration.weight, confidence)
    return Bounds(low, high, confidence)


def out_of_fold(
    calibration: Calibration,
    found: ArrayLike,
    confidence: float = 0.9,
    difficulty: ArrayLike | None = None,
) -> Bounds:
    """Interval of each calibration photograph from the scores of the other folds' samples.

    For showing coverage where the test set is small: no photograph is judged by its own score.
    """
    centre = finite(found, "found")
    spread = _difficulty(difficulty, centre.size)
    reach = np.empty(centre.size)
    for fold in np.unique(calibration.fold):
        inside = calibration.fold == fold
        weight = calibration.weight[~inside]
        samples = round(float(weight.sum()))
        if samples < least_samples(confidence):
            return _not_available(samples, confidence)
        reach[inside] = _quantile(calibration.score[None, ~inside], weight, confidence)[0]
    return Bounds(centre - spread * reach, centre + spread * reach, confidence)


def _not_available(samples: int, confidence: float) -> Bounds:
    needed = least_samples(confidence)
    note = f"not available: {samples} calibration samples, {100 * confidence:g} % needs {needed}"
    return Bounds(None, None, confidence, note)


def _quantile(values: Floats, weight: Floats, confidence: float) -> Floats:
    """Least value of each row (N, m) up to which the weight reaches confidence (samples + 1)."""
    order = np.argsort(values, axis=1)
    reached = np.cumsum(weight[order], axis=1)
    goal = confidence * (weight.sum() + 1) - 1e-9
    first = np.argmax(reached >= goal, axis=1)
    return np.take_along_axis(values, np.take_along_axis(order, first[:, None], 1), 1)[:, 0]


def _difficulty(difficulty: ArrayLike | None, size: int) -> Floats:
    if difficulty is None:
        return np.ones(size)
    spread = finite(difficulty, "difficulty")
    if spread.size != size or spread.min() <= 0:
        raise refuse(
            "E_DIFFICULTY",
            f"{spread.size} difficulties, the least {spread.min():g}, for {size} photographs.",
            "Give one above zero for each, e.g. the spread plus a tenth of its median.",
        )
    return spread
