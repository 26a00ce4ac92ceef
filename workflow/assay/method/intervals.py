"""An interval for each new photograph, from the fold models' errors on photographs held out.

The arithmetic is that of assay.statistics.uncertainty.conformal; here is how wide it expects
errors to be at a known value, and how its scores are kept. Everything is on the scale (log10 where
that is chosen).

An interval holds every value y that lies no farther from the one found than is usual at y. So it
holds as often at one end of the range as at the other, also where the models err to one side: who
takes the width at the found value instead is right on average over what is found there, and wrong
at an end that is always found too low (label-conditional: Vovk, Gammerman & Shafer 2005, ch. 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assay.method.description import Intervals
from assay.method.strict import damaged
from assay.metrics import Floats
from assay.statistics.uncertainty.conformal import Bounds, Calibration, intervals

PER_BIN = 40  # photographs of which one expected error, or one gain, is made
MOST_BINS = 12
FLOOR = 0.1  # of the mean error: nowhere is less expected
LEAST_TESTED = 20  # samples of the test set, to tell what a mean of models gains
LEAST_UNITS = 3  # independent units that they must come from


def bins(known: Floats) -> list[np.ndarray]:
    """The rows of known values (N,) in quantile bins of at least PER_BIN each; or one of all."""
    number = max(1, min(MOST_BINS, len(known) // PER_BIN))
    return np.array_split(np.argsort(known, kind="stable"), number)


def expected_error(known: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Known values and the mean absolute error near them, between which one interpolates.

    Empty arrays where there aren't enough photographs for two bins.
    """
    parts = bins(known)
    if len(parts) < 2 or not np.any(error):
        return np.empty(0), np.empty(0)
    centres = np.array([known[part].mean() for part in parts])
    means = np.array([np.abs(error[part]).mean() for part in parts])
    centres, first = np.unique(centres, return_index=True)
    return centres, np.maximum(means[first], FLOOR * means.mean())


def difficulty(values: Floats, centres: Sequence[float], errors: Sequence[float]) -> Floats | None:
    """The error expected at each value, (N,); None where it is the same everywhere."""
    return np.interp(values, centres, errors) if len(centres) else None


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


def gained(told: Intervals, by_fold: Floats, known: Floats) -> Intervals:
    """The intervals with what the mean of all models gains over each alone.

    by_fold (N, folds), known (N,) on the scale, of photographs that no model has seen. A mean of
    models errs less than one of them (Krogh & Vedelsby 1995), and what is known out of fold is how
    much one errs. How much less differs over the range: what models share of an error, such as one
    at an end of the range, stays. So where there are enough photographs the expected error takes
    on the gain's course.
    """
    together = np.abs(by_fold.mean(axis=1) - known)
    single = np.abs(by_fold - known[:, None]).mean(axis=1)
    if not together.any():
        return told
    overall = float(together.mean() / single.mean())
    parts = bins(known)
    if len(parts) < 2 or not told.known:
        return replace(told, gain=overall)
    centres = np.array([known[part].mean() for part in parts])
    course = np.array([together[part].mean() / max(single[part].mean(), 1e-12) for part in parts])
    centres, first = np.unique(centres, return_index=True)
    places = np.union1d(told.known, centres)
    hard = np.interp(places, told.known, told.difficulty)
    hard *= np.interp(places, centres, np.maximum(course[first], FLOOR) / overall)
    where, how = tuple(map(float, places)), tuple(map(float, hard))
    return replace(told, gain=overall, known=where, difficulty=how)


def gain_error(by_fold: Floats, known: Floats, unit: np.ndarray) -> float:
    """The relative standard error of the gain, a ratio of means over independent units, (N,)."""
    together = np.abs(by_fold.mean(axis=1) - known)
    single = np.abs(by_fold - known[:, None]).mean(axis=1)
    off = np.bincount(unit, together - single * together.sum() / max(single.sum(), 1e-12))
    units = len(np.unique(unit))
    scale = max(float(together.sum()), 1e-12)
    return float(np.sqrt(units / (units - 1) * np.sum(off**2))) / scale


def of_new(calibration: Calibration, middle: Floats, told: Intervals, confidence: float) -> Bounds:
    """The interval of new photographs for which the mean of all models is `middle`, (N,).

    How far it reaches is a quantile of the scores of single models, times the expected error, times
    what the mean of all models gains.
    """
    folds = 1 + int(calibration.fold.max())
    quantile = intervals(calibration, np.zeros((1, folds)), confidence)
    if quantile.high is None:
        return quantile
    reach = told.gain * quantile.high[0]
    if told.known:
        centres, errors = np.array(told.known), reach * np.array(told.difficulty)
        low = least(middle, centres, errors)
        return Bounds(low, -least(-middle, -centres[::-1], errors[::-1]), confidence)
    hard = difficulty(middle, told.found, told.difficulty)  # of format 1, by the found value
    wide = reach * (np.ones(len(middle)) if hard is None else hard)
    return Bounds(middle - wide, middle + wide, confidence)


def least(middle: Floats, centres: Floats, reach: Floats) -> Floats:
    """The least value y for each of middle (N,) whose reach extends to it: y + reach(y) >= middle.

    reach (K,) is that at the ascending centres, between which it is linear, and beyond them level.
    """
    far = 2 * (np.ptp(centres) + np.abs(middle - centres[0]).max(initial=0) + reach.max())
    places = np.concatenate([[centres[0] - far], centres, [centres[-1] + far]])
    ends = places + np.concatenate([reach[:1], reach, reach[-1:]])
    right = np.searchsorted(np.maximum.accumulate(ends), middle)  # the first that extends to it
    share = (middle - ends[right - 1]) / (ends[right] - ends[right - 1])
    return places[right - 1] + share * (places[right] - places[right - 1])
