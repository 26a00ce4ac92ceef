"""An interval for each new photograph, from the fold models' errors on photographs held out.

The arithmetic is that of assay.statistics.conformal; here is how wide it expects errors to be at a
found value, and how its scores are kept. Everything is on the scale (log10 where that is chosen).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assay.method.description import Intervals
from assay.method.strict import damaged
from assay.metrics import Floats
from assay.statistics.conformal import Bounds, Calibration, intervals

PER_BIN = 60  # calibration photographs of which one expected error is made
MOST_BINS = 12
FLOOR = 0.1  # of the mean error: nowhere is less expected
LEAST_TESTED = 20  # independent units of the test set, to tell what a mean of models gains


def expected_error(found: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Found values and the mean absolute error near them, between which one interpolates.

    Quantile bins of at least PER_BIN photographs; empty arrays where there aren't enough for two.
    """
    bins = min(MOST_BINS, len(found) // PER_BIN)
    if bins < 2 or not np.any(error):
        return np.empty(0), np.empty(0)
    parts = np.array_split(np.argsort(found, kind="stable"), bins)
    centres = np.array([found[part].mean() for part in parts])
    means = np.array([np.abs(error[part]).mean() for part in parts])
    centres, first = np.unique(centres, return_index=True)
    return centres, np.maximum(means[first], FLOOR * means.mean())


def difficulty(found: Floats, centres: Sequence[float], errors: Sequence[float]) -> Floats | None:
    """How uncertain each found value is held to be, (N,); None where all are alike."""
    return np.interp(found, centres, errors) if len(centres) else None


def store(calibration: Calibration) -> dict[str, np.ndarray]:
    """The calibration as arrays."""
    return {
        "calibration.score": calibration.score,
        "calibration.fold": calibration.fold.astype(np.int64),
        "calibration.weight": calibration.weight,
    }


def load(arrays: dict[str, np.ndarray], units: int, folds: int) -> Calibration:
    """The calibration that `store` wrote; BadInput E_METHOD if it makes no sense."""
    names = ("calibration.score", "calibration.fold", "calibration.weight")
    score, fold, weight = (arrays.get(name, np.empty(0)) for name in names)
    good = (
        score.ndim == 1
        and 0 < score.size == fold.size == weight.size
        and fold.dtype == np.int64
        and 0 <= fold.min() <= fold.max() < folds
        and np.isfinite(score).all()
        and bool((weight > 0).all())
        and abs(float(weight.sum()) - units) < 1e-6 * units
    )
    if not good:
        raise damaged("its calibration scores make no sense.", "arrays.safetensors")
    return Calibration(score.astype(float), fold.astype(np.intp), weight.astype(float), units)


def gain(by_fold: Floats, known: Floats, units: int) -> float:
    """The mean error of the mean of all models over that of each alone; at most 1.

    by_fold (N, folds), known (N,) of photographs that no model has seen, of so many independent
    units. A mean of models errs less than one (Krogh & Vedelsby 1995), and what is known out of
    fold is how much one errs. 1 where there are too few units to tell: intervals are then wider
    than promised.
    """
    if units < LEAST_TESTED:
        return 1.0
    single = float(np.abs(by_fold - known[:, None]).mean())
    together = float(np.abs(by_fold.mean(axis=1) - known).mean())
    return together / single if 0 < together < single else 1.0


def of_new(calibration: Calibration, middle: Floats, told: Intervals, confidence: float) -> Bounds:
    """The interval of new photographs around the mean of all models, (N,).

    Half its width is a quantile of the scores of single models, times the expected error, times
    what the mean of all models gains.
    """
    hard = difficulty(middle, told.found, told.difficulty)
    wide = told.gain * (np.ones(len(middle)) if hard is None else hard)
    centred = np.repeat(middle[:, None], 1 + int(calibration.fold.max()), axis=1)
    return intervals(calibration, centred, confidence, wide)
