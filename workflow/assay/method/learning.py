"""What a method must know of its training photographs: clouds, limits, and scores for intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from assay.method import cloud, intervals, judgement, limits, values
from assay.method.appearance import Shot
from assay.method.description import Covered, Intervals, Limit
from assay.metrics import Floats, Scale, on_scale
from assay.quantity import Quantity
from assay.statistics.levels import levels
from assay.statistics.samples import codes
from assay.statistics.uncertainty import conformal, coverage
from assay.statistics.uncertainty.conformal import Bounds, Calibration

LEAST_COLOUR = 0.25  # CIE Lab units: a spread of colours that the eye can't see
PARTS = 5  # of the range, for each of which coverage is told
TENTHS = 10  # parts of the test set, each judged by what the others tell


@dataclass
class Learnt:
    """Limits by statistic, arrays of the clouds, and which photographs they refuse, (N,)."""

    limits: dict[str, Limit] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    refused: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))

    def add(self, name: str, statistic: Floats, fold: np.ndarray) -> None:
        """Learn the limit of one statistic, (N,)."""
        self.limits[name], refused = limits.learn(name, statistic, fold)
        self.refused = self.refused | refused if self.refused.size else refused


def from_shots(shots: Sequence[Shot], fold: np.ndarray) -> Learnt:
    """From photographs and the fold, (N,), that held each out.

    Colours are judged by a cloud of the other folds' photographs, as new photographs will be.
    """
    learnt = Learnt()
    for name in ("saturated", "dark", "blurred"):
        learnt.add(name, np.array([getattr(shot.appearance, name) for shot in shots]), fold)
    rows = np.stack([shot.appearance.colours for shot in shots])
    inside, outside = np.empty(len(rows)), np.empty(len(rows))
    for number in np.unique(fold):
        held = fold == number
        inside[held], outside[held] = cloud.fit(rows[~held], LEAST_COLOUR).distances(rows[held])
    learnt.add("colour_t", inside, fold)
    learnt.add("colour_q", outside, fold)
    learnt.arrays |= cloud.fit(rows, LEAST_COLOUR).arrays("cloud.colours")
    return learnt


def add_features(learnt: Learnt, features: np.ndarray, fold: np.ndarray) -> None:
    """From what each fold's network sees of the photographs, (N, folds, F).

    A fold's cloud is that of the photographs it was trained on; distances are those of the ones
    held out, over their median, so that folds can be compared.
    """
    if not features.shape[2]:
        return
    inside, outside = np.empty(len(fold)), np.empty(len(fold))
    for number in range(features.shape[1]):
        held, rows = fold == number, features[:, number].astype(np.float64)
        own = cloud.fit(rows[~held])
        t, q = own.distances(rows[held])
        scales = max(float(np.median(t)), 1e-6), max(float(np.median(q)), 1e-6)
        own = replace(own, spread=own.spread * scales[0], rest=own.rest * scales[1])
        inside[held], outside[held] = t / scales[0], q / scales[1]
        learnt.arrays |= own.arrays(f"cloud.features{number}")
    learnt.add("features_t", inside, fold)
    learnt.add("features_q", outside, fold)


@dataclass(frozen=True)
class OutOfFold:
    """What was found, in concentration units, of m photographs by models that never saw them.

    block: what was dealt to folds as one, the unit of calibration: its samples, or groups of them.
    """

    known: Floats
    found: Floats
    fold: np.ndarray
    block: np.ndarray
    sample: np.ndarray


def calibrated(data: OutOfFold, scale: Scale, confidence: float) -> tuple[Intervals, Calibration]:
    """Intervals and their scores; how wide they are expected to be, and what they cover."""
    labels, found = on_scale(data.known, scale, "known"), on_scale(data.found, scale)
    centres, errors = intervals.expected_error(labels, found - labels)
    hard = intervals.difficulty(labels, list(centres), list(errors))
    calibration = conformal.calibrate(labels, found, data.fold, data.block, hard)
    told = Intervals(
        confidence,
        calibration.samples,
        conformal.least_samples(confidence),
        known=tuple(map(float, centres)),
        difficulty=tuple(map(float, errors)),
    )
    if calibration.samples >= told.least:
        told = replace(told, chance=coverage.by_chance(calibration.samples, confidence))
    bounds = conformal.out_of_fold(calibration, found, confidence, hard)
    rows, _ = coverage_of(bounds, data.known, data.sample, scale)
    new = intervals.of_new(calibration, found, told, confidence)
    _, width = coverage_of(new, data.known, data.sample, scale)
    return replace(told, note=bounds.note, coverage=rows, median_width=width), calibration


def add_range(
    learnt: Learnt,
    free: Floats,
    fold: np.ndarray,
    told: Intervals,
    calibration: Calibration,
    quantity: Quantity,
) -> None:
    """From values not held inside the range, (N,) on the scale, by models that never saw them.

    How far one lies beyond an end is told in units of its interval's reach towards that end.
    """
    found = values.off_scale(free, quantity)
    middle = np.clip(found, quantity.low, quantity.high)
    usual = judgement.REACH * (quantity.high - quantity.low)
    low, high = middle - usual, middle + usual
    inside = values.on_scale(middle, quantity)
    single = replace(told, gain=1.0)  # these values are single models'
    bounds = intervals.of_new(calibration, inside, single, told.confidence)
    if bounds.low is not None and bounds.high is not None:
        low, high = (values.off_scale(side, quantity) for side in (bounds.low, bounds.high))
    below = (quantity.low - found) / np.maximum(middle - low, 1e-12)
    above = (found - quantity.high) / np.maximum(high - middle, 1e-12)
    learnt.add("beyond", np.maximum(below, above), fold)


@dataclass(frozen=True)
class HeldOut:
    """What each model says of photographs that none has seen, (N, folds), on the scale.

    known (N,) in concentration units; block and sample as in OutOfFold.
    """

    by_fold: Floats
    known: Floats
    block: np.ndarray
    sample: np.ndarray

    def at(self, rows: np.ndarray) -> HeldOut:
        """Some of them: (N,) bool, or numbers of rows."""
        return HeldOut(*(column[rows] for column in vars(self).values()))


def tested(told: Intervals, calibration: Calibration, data: HeldOut, scale: Scale) -> Intervals:
    """The intervals with what the mean of all models gains, and what they cover, on a test set.

    What they cover is told of each tenth of the independent units with the gain of the others.
    Too few samples, or units, tell no gain.
    """
    units = codes(data.block)[0]
    enough = len(np.unique(data.sample)) >= intervals.LEAST_TESTED
    enough &= units.max() + 1 >= intervals.LEAST_UNITS
    final = _gained(told, data, scale) if enough else told
    middle, at = data.by_fold.mean(axis=1), told.confidence
    bounds = intervals.of_new(calibration, middle, final, at)
    _, width = coverage_of(bounds, data.known, data.sample, scale)
    tenths = np.random.default_rng(0).permutation(units.max() + 1)[units] % TENTHS
    for tenth in np.unique(tenths) if enough else ():
        own = tenths == tenth
        judge = _gained(told, data.at(~own), scale)
        some = intervals.of_new(calibration, middle[own], judge, at)
        if bounds.low is not None and bounds.high is not None:
            bounds.low[own], bounds.high[own] = some.low, some.high
    rows, _ = coverage_of(bounds, data.known, data.sample, scale)
    if enough and final.chance:
        error = intervals.gain_error(data.by_fold, on_scale(data.known, scale, "known"), units)
        final = replace(final, chance=coverage.by_chance(told.units, at, error))
    return replace(final, tested=rows, median_width=width)


def _gained(told: Intervals, data: HeldOut, scale: Scale) -> Intervals:
    first = data.at(one_a_sample(data.sample))
    return intervals.gained(told, first.by_fold, on_scale(first.known, scale, "known"))


def one_a_sample(sample: np.ndarray) -> np.ndarray:
    """The rows of each sample's first photograph: n is samples."""
    return np.sort(np.unique(sample, return_index=True)[1])


def coverage_of(
    bounds: Bounds, known: Floats, sample: np.ndarray, scale: Scale
) -> tuple[tuple[Covered, ...], float | None]:
    """Coverage by fifth of the known values and, last, overall; median width in concentration.

    n is samples, of each its first photograph; the limits of a share are exact, 95 %. Empty and
    None where there are no intervals.
    """
    if bounds.low is None or bounds.high is None:
        return (), None
    first = one_a_sample(sample)
    x, low, high = known[first], bounds.low[first], bounds.high[first]
    if scale == "log10":
        low, high = 10**low, 10**high
    at = levels(x, most=0, classes=max(1, min(PARTS, len(x) // 10)))
    rows = coverage.coverage(x, low, high, bounds.confidence, at=at)
    return tuple(map(_covered, rows)), float(np.median(high - low))


def _covered(row: coverage.Coverage) -> Covered:
    low, high = row.share.low or 0.0, 1.0 if row.share.high is None else row.share.high
    return Covered(row.known, row.n, row.share.estimate, low, high)
