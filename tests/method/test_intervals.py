from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assay.faults import BadInput
from assay.method import intervals, learning
from assay.method.description import Intervals
from assay.method.learning import HeldOut, OutOfFold


def laboratory(
    samples: int, seed: int, folds: int = 5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Known values, what 5 models say of them (N, folds), and the fold of each.

    Errors grow with the concentration; models share some of an error and have some of their own.
    """
    generator = np.random.default_rng(seed)
    known = generator.uniform(80, 350, samples)
    shared = generator.standard_normal((samples, 1))
    own = generator.standard_normal((samples, folds))
    found = known[:, None] + known[:, None] / 50 * (0.8 * shared + 0.6 * own)
    return known, found, np.arange(samples) % folds


def learnt(samples: int, tested: int) -> tuple[Intervals, intervals.Calibration]:
    known, found, fold = laboratory(samples, seed=1)
    number = np.arange(samples)
    data = OutOfFold(known, found[number, fold], fold, number, number)
    told, calibration = learning.calibrated(data, "linear", 0.9)
    if tested:
        known, found, _ = laboratory(tested, seed=2)
        number = np.arange(tested)
        told = learning.tested(told, calibration, HeldOut(found, known, number, number), "linear")
    return told, calibration


def coverage(told: Intervals, calibration: intervals.Calibration) -> list[float]:
    """Of fresh samples, n = 4000: by fifth of the range, and overall."""
    known, found, _ = laboratory(4000, seed=3)
    bounds = intervals.of_new(calibration, found.mean(axis=1), told, told.confidence)
    inside = (bounds.low <= known) & (known <= bounds.high)
    part = np.digitize(known, np.linspace(80, 350, 6)[1:-1])
    return [inside[part == k].mean() for k in range(5)] + [inside.mean()]


def test_coverage_is_as_promised_overall_and_in_each_fifth_of_the_range() -> None:
    """n = 4000 fresh samples: 99 % binomial bands, widened for chance in 2000 to calibrate with."""
    told, calibration = learnt(2000, tested=500)
    *parts, overall = coverage(told, calibration)
    assert 0.88 <= overall <= 0.92
    assert all(0.86 <= part <= 0.94 for part in parts)
    assert told.gain == pytest.approx(np.sqrt(0.8**2 + 0.6**2 / 5), abs=0.02)
    assert abs(told.tested[-1].share - 0.9) < 0.05
    assert [row.n for row in told.tested] == [100] * 5 + [500]


def test_without_a_test_set_intervals_are_wider_never_narrower() -> None:
    told, calibration = learnt(2000, tested=0)
    assert told.gain == 1
    assert 0.9 < coverage(told, calibration)[-1] < 0.96


def test_a_small_test_set_tells_no_gain() -> None:
    told, _ = learnt(200, tested=19)
    assert told.gain == 1
    assert told.tested[-1].n == 19


@pytest.mark.parametrize(("samples", "there"), [(8, False), (9, True)])
def test_too_few_samples_give_no_interval(samples: int, there: bool) -> None:
    told, calibration = learnt(samples, tested=0)
    bounds = intervals.of_new(calibration, np.array([200.0]), replace(told, gain=1.0), 0.9)
    assert (bounds.low is not None) is there
    assert bool(bounds.note) is not there
    if not there:
        assert told.note.startswith("not available")


def test_expected_errors_grow_where_errors_do() -> None:
    known, found, _ = laboratory(1000, seed=4)
    centres, errors = intervals.expected_error(found[:, 0], found[:, 0] - known)
    assert len(centres) == intervals.MOST_BINS
    assert np.all(np.diff(centres) > 0)
    assert errors[-1] > 2 * errors[0] > 0
    assert len(intervals.expected_error(found[:100, 0], found[:100, 0] - known[:100])[0]) == 0


def test_what_was_stored_is_read_and_nonsense_is_refused() -> None:
    _, calibration = learnt(50, tested=0)
    arrays = intervals.store(calibration)
    again = intervals.load(arrays, 50, 5)
    assert np.array_equal(again.score, calibration.score)
    wrong = [
        {"calibration.fold": arrays["calibration.fold"] + 1},
        {"calibration.score": arrays["calibration.score"] * np.nan},
        {"calibration.weight": -arrays["calibration.weight"]},
        {"calibration.score": arrays["calibration.score"][:-1]},
    ]
    for change in wrong:
        with pytest.raises(BadInput, match="E_METHOD"):
            intervals.load(arrays | change, 50, 5)
