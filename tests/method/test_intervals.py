from __future__ import annotations

from dataclasses import replace

import crepes
import numpy as np
import pytest

from assay.faults import BadInput
from assay.method import intervals, learning
from assay.method.description import Intervals
from assay.method.learning import HeldOut, OutOfFold


def laboratory(
    samples: int, seed: int, folds: int = 5, own: float = 0.6
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Known values, what 5 models say of them (N, folds), and the fold of each.

    Errors grow with the concentration; models share some of an error and have some of their own.
    With own 0 that is all of it at the low end of the range and nothing at the high one.
    """
    generator = np.random.default_rng(seed)
    known = generator.uniform(80, 350, samples)
    alone = np.sqrt((350 - known) / 270)[:, None] if own == 0 else own
    together = np.sqrt(1 - alone**2) * generator.standard_normal((samples, 1))
    error = together + alone * generator.standard_normal((samples, folds))
    return known, known[:, None] * (1 + error / 50), np.arange(samples) % folds


def learnt(
    samples: int, tested: int, own: float = 0.6, seed: int = 1
) -> tuple[Intervals, intervals.Calibration]:
    known, found, fold = laboratory(samples, seed, own=own)
    number = np.arange(samples)
    data = OutOfFold(known, found[number, fold], fold, number, number)
    told, calibration = learning.calibrated(data, "linear", 0.9)
    if tested:
        known, found, _ = laboratory(tested, 1000 + seed, own=own)
        number = np.arange(tested)
        told = learning.tested(told, calibration, HeldOut(found, known, number, number), "linear")
    return told, calibration


def coverage(told: Intervals, calibration: intervals.Calibration, own: float = 0.6) -> list[float]:
    """Of fresh samples, n = 4000: by fifth of the range, and overall."""
    known, found, _ = laboratory(4000, seed=3000, own=own)
    bounds = intervals.of_new(calibration, found.mean(axis=1), told, told.confidence)
    inside = (bounds.low <= known) & (known <= bounds.high)
    part = np.digitize(known, np.linspace(80, 350, 6)[1:-1])
    return [inside[part == k].mean() for k in range(5)] + [inside.mean()]


@pytest.mark.parametrize("own", [0.6, 0.0])
def test_coverage_is_as_promised_overall_and_in_each_fifth_of_the_range(own: float) -> None:
    """n = 4000 fresh samples: 99 % binomial bands, widened for chance in 2000 to calibrate with."""
    told, calibration = learnt(2000, tested=500, own=own)
    *parts, overall = coverage(told, calibration, own)
    assert 0.88 <= overall <= 0.92
    assert all(0.86 <= part <= 0.94 for part in parts)
    assert abs(told.tested[-1].share - 0.9) < 0.05
    assert [row.n for row in told.tested] == [100] * 5 + [500]
    if own:
        assert told.gain == pytest.approx(np.sqrt(0.8**2 + 0.6**2 / 5), abs=0.02)


def test_calibrations_with_few_samples_differ_as_chance_says() -> None:
    """60 methods, each of 300 samples and a test set of 75: right on average, none far off."""
    made = [learnt(300, tested=75, seed=seed) for seed in range(60)]
    found = np.array([coverage(*one)[-1] for one in made])
    low, high = np.transpose([told.chance for told, _ in made])
    assert np.all((low > 0.80) & (low < 0.851)), "0.851 to 0.940 by the 300 samples alone"
    assert np.all((high > 0.940) & (high < 0.98))
    assert abs(found.mean() - 0.9) < 0.01
    assert np.mean((low <= found) & (found <= high)) >= 0.95
    assert found.std() > 0.01


def test_one_gain_for_all_of_the_range_would_miss_its_ends() -> None:
    told, calibration = learnt(2000, tested=500, own=0.0)
    plain, _ = learnt(2000, tested=0, own=0.0)
    *parts, overall = coverage(replace(plain, gain=told.gain), calibration, own=0.0)
    assert 0.87 <= overall <= 0.93
    assert parts[0] > 0.95
    assert parts[4] < 0.86


def test_the_intervals_are_those_of_crepes_on_the_same_scores() -> None:
    """Normalised by expected error times gain; 46 samples, for which no rank is a whole number."""
    told, calibration = learnt(46, tested=100)
    middle, shape = np.linspace(80, 350, 7), {"known": (), "difficulty": (1.5, 6.0)}
    by_value = replace(told, found=(80.0, 350.0), **shape)
    wanted = crepes.ConformalRegressor().fit(calibration.score, sigmas=np.ones(46))
    sigmas = told.gain * np.linspace(1.5, 6.0, 7)
    agree(by_value, calibration, middle, wanted.predict_int(middle, sigmas=sigmas, confidence=0.9))
    everywhere = replace(told, known=(200.0,), difficulty=(3.0,))
    sigmas = np.full(7, 3 * told.gain)
    agree(
        everywhere, calibration, middle, wanted.predict_int(middle, sigmas=sigmas, confidence=0.9)
    )


def agree(
    told: Intervals, calibration: intervals.Calibration, middle: np.ndarray, wanted: np.ndarray
) -> None:
    bounds = intervals.of_new(calibration, middle, told, 0.9)
    assert bounds.low is not None
    assert bounds.high is not None
    assert np.allclose(np.column_stack([bounds.low, bounds.high]), wanted)


@pytest.mark.parametrize("seed", range(5))
def test_an_interval_holds_every_value_no_farther_than_is_usual_there(seed: int) -> None:
    """By its definition, on a grid; expected errors rise and fall as steeply as they like."""
    generator = np.random.default_rng(seed)
    centres, reach = np.sort(generator.uniform(80, 350, 8)), generator.uniform(1, 60, 8)
    middle, grid = generator.uniform(60, 370, 30), np.arange(-50.0, 500.0, 0.01)
    low = intervals.least(middle, centres, reach)
    high = -intervals.least(-middle, -centres[::-1], reach[::-1])
    usual = np.interp(grid, centres, reach)
    for value, least, largest in zip(middle, low, high, strict=True):
        held = grid[np.abs(value - grid) <= usual]
        assert held[0] - 0.011 <= least <= held[0]
        assert held[-1] <= largest <= held[-1] + 0.011
        assert least < value < largest


def test_values_that_are_always_found_too_low_are_held_as_often_as_others() -> None:
    """At the high end, with a bias of twice the error's SD; by the found value far fewer are."""
    generator = np.random.default_rng(8)

    def drawn(samples: int) -> tuple[np.ndarray, np.ndarray]:
        known = generator.uniform(80, 350, samples)
        bent = known - np.maximum(known - 250, 0) * 0.2
        return known, bent + generator.normal(0, 8, samples)

    known, found = drawn(2000)
    number = np.arange(2000)
    data = OutOfFold(known, found, number % 5, number, number)
    told, calibration = learning.calibrated(data, "linear", 0.9)
    known, found = drawn(4000)
    part = np.digitize(known, np.linspace(80, 350, 6)[1:-1])
    bounds = intervals.of_new(calibration, found, told, 0.9)
    inside = (bounds.low <= known) & (known <= bounds.high)
    assert all(0.86 <= inside[part == k].mean() <= 0.96 for k in range(5))
    bounds = intervals.of_new(calibration, found, replace(told, known=(), found=told.known), 0.9)
    inside = (bounds.low <= known) & (known <= bounds.high)
    assert inside[part == 4].mean() < 0.87


def test_each_tenth_of_the_test_set_is_judged_by_the_gain_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told, calibration = learnt(500, tested=0)
    known, found, _ = laboratory(200, seed=5)
    shown: list[np.ndarray] = []

    def gained(told: Intervals, by_fold: np.ndarray, known: np.ndarray) -> Intervals:
        shown.append(known)
        return told

    monkeypatch.setattr(intervals, "gained", gained)
    data = HeldOut(found, known, np.arange(200), np.arange(200))
    learning.tested(told, calibration, data, "linear")
    assert [len(one) for one in shown] == [200] + [180] * 10
    assert all(sum(x in one for one in shown[1:]) == 9 for x in known)


def test_few_sessions_tell_a_gain_and_two_do_not() -> None:
    known, found, _ = laboratory(80, seed=6)
    told, calibration = learnt(500, tested=0)
    for sessions, there in ((4, True), (2, False)):
        data = HeldOut(found, known, np.arange(80) % sessions, np.arange(80))
        assert (learning.tested(told, calibration, data, "linear").gain < 1) is there


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
    centres, errors = intervals.expected_error(known, found[:, 0] - known)
    assert len(centres) == intervals.MOST_BINS
    assert np.all(np.diff(centres) > 0)
    assert errors[-1] > 2 * errors[0] > 0
    assert len(intervals.expected_error(known[:79], found[:79, 0] - known[:79])[0]) == 0


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
