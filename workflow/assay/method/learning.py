"""What a method must know of its training photographs: clouds, limits, and scores for intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from assay.method import cloud, intervals, limits
from assay.method.appearance import Shot
from assay.method.description import Covered, Intervals, Limit
from assay.metrics import Floats, Scale, on_scale
from assay.statistics import conformal, coverage
from assay.statistics.conformal import Bounds, Calibration
from assay.statistics.levels import levels

LEAST_COLOUR = 0.25  # CIE Lab units: a spread of colours that the eye can't see
PARTS = 5  # of the range, for each of which coverage is told


@dataclass
class Learnt:
    """Limits by statistic, arrays of the clouds, and which photographs they refuse, (N,)."""

    limits: dict[str, Limit] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    refused: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))

    def add(self, name: str, values: Floats, fold: np.ndarray) -> None:
        """Learn the limit of one statistic, (N,) values."""
        self.limits[name], refused = limits.learn(name, values, fold)
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
    centres, errors = intervals.expected_error(found, found - labels)
    hard = intervals.difficulty(found, list(centres), list(errors))
    calibration = conformal.calibrate(labels, found, data.fold, data.block, hard)
    told = Intervals(
        confidence,
        calibration.samples,
        conformal.least_samples(confidence),
        tuple(map(float, centres)),
        tuple(map(float, errors)),
    )
    bounds = conformal.out_of_fold(calibration, found, confidence, hard)
    rows, width = coverage_of(bounds, data.known, data.sample, scale)
    return replace(told, note=bounds.note, coverage=rows, median_width=width), calibration


@dataclass(frozen=True)
class HeldOut:
    """What each model says of photographs that none has seen, (N, folds), on the scale.

    known (N,) in concentration units; block and sample as in OutOfFold.
    """

    by_fold: Floats
    known: Floats
    block: np.ndarray
    sample: np.ndarray


def tested(told: Intervals, calibration: Calibration, data: HeldOut, scale: Scale) -> Intervals:
    """The intervals with what the mean of all models gains, and what they cover, on a test set."""
    first = one_a_sample(data.sample)
    labels = on_scale(data.known[first], scale, "known")
    gain = intervals.gain(data.by_fold[first], labels, len(np.unique(data.block)))
    told = replace(told, gain=gain)
    middle = data.by_fold.mean(axis=1)
    bounds = intervals.of_new(calibration, middle, told, told.confidence)
    rows, width = coverage_of(bounds, data.known, data.sample, scale)
    return replace(told, tested=rows, median_width=width)


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
