"""Conformal intervals: against crepes and the definition, coverage, and no finite guesses."""

from __future__ import annotations

import crepes
import numpy as np
import pytest

from assay.faults import BadInput
from assay.statistics.uncertainty import conformal

RESIDUALS = [0.33, 0.19, -3.68, 0.23, 4.08, -4.64, 2.58, 0.36, -1.92, 6.0, 2.29, -3.6, 0.22]
RESIDUALS += [1.73, -0.57, 2.05, -0.2, 2.0, 4.32, -2.03, 0.61, -1.39, 0.38, -3.56, -1.74]


def calibrated(residuals, sigmas=None, samples=None):
    n = len(residuals)
    sample = np.arange(n) if samples is None else samples
    return conformal.calibrate(np.zeros(n), residuals, np.arange(n) % 5, sample, sigmas)


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("n", [28, 46, 56, 102])
def test_models_that_agree_give_the_intervals_of_crepes(n, confidence):
    """Plain and normalised; n + 1 is no multiple of 5, for which see below."""
    generator = np.random.default_rng(n)
    residuals, sigmas = generator.standard_t(3, n), generator.uniform(0.5, 2, n)
    found, difficulty = generator.uniform(80, 350, 20), generator.uniform(0.5, 2, 20)
    same = np.repeat(found[:, None], 5, axis=1)
    plain = crepes.ConformalRegressor().fit(np.abs(residuals))
    agree(
        conformal.intervals(calibrated(residuals), same, confidence),
        plain.predict_int(found, confidence=confidence),
    )
    normalised = crepes.ConformalRegressor().fit(np.abs(residuals), sigmas=sigmas)
    agree(
        conformal.intervals(calibrated(residuals, sigmas), same, confidence, difficulty),
        normalised.predict_int(found, sigmas=difficulty, confidence=confidence),
    )


def test_a_calibration_of_each_category_gives_the_mondrian_intervals_of_crepes():
    generator = np.random.default_rng(7)
    residuals, bins = generator.standard_t(3, 56) * np.repeat([1, 4], 28), np.repeat([0, 1], 28)
    found, kinds = generator.uniform(80, 350, 20), np.arange(20) % 2
    mondrian = crepes.ConformalRegressor().fit(np.abs(residuals), bins=bins)
    wanted = mondrian.predict_int(found, bins=kinds, confidence=0.9)
    for kind in (0, 1):
        same = np.repeat(found[kinds == kind][:, None], 5, axis=1)
        own = conformal.intervals(calibrated(residuals[bins == kind]), same, 0.9)
        agree(own, wanted[kinds == kind])


def agree(bounds, intervals):
    assert np.allclose(np.column_stack([bounds.low, bounds.high]), intervals, rtol=1e-12)


def test_where_the_rank_is_whole_crepes_may_lose_one_to_rounding_and_we_do_not():
    """9 scores are just enough for 90 %, by the largest.

    crepes takes the floor of (1 - confidence) (n + 1), and (1 - 0.9) x 10 is a little below 1.
    """
    residuals, same = np.arange(1.0, 10.0), np.full((1, 5), 100.0)
    with pytest.warns(UserWarning, match="too small"):
        wanted = crepes.ConformalRegressor().fit(residuals).predict_int([100.0], confidence=0.9)
    assert np.isinf(wanted).all()
    assert conformal.intervals(calibrated(residuals), same, 0.9).high == pytest.approx([109.0])


def test_jackknife_plus_by_its_definition():
    generator = np.random.default_rng(0)
    known, out_of_fold = generator.normal(0, 1, 30), generator.normal(0, 1, 30)
    by_fold = generator.normal(0, 0.3, (4, 30))
    fold = np.arange(30)
    bounds = conformal.intervals(conformal.calibrate(known, out_of_fold, fold, fold), by_fold, 0.9)
    residual = np.abs(known - out_of_fold)
    for row, predictions in enumerate(by_fold):
        upper = np.sort(predictions + residual)[int(np.ceil(0.9 * 31)) - 1]
        lower = np.sort(predictions - residual)[int(np.floor(0.1 * 31)) - 1]
        assert (bounds.low[row], bounds.high[row]) == pytest.approx((lower, upper))


@pytest.mark.parametrize(("confidence", "least"), [(0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_too_few_samples_give_no_interval(confidence, least):
    assert conformal.least_samples(confidence) == least
    generator = np.random.default_rng(1)
    enough = calibrated(generator.normal(0, 1, least))
    assert np.all(np.isfinite(conformal.intervals(enough, np.zeros((3, 5)), confidence).high))
    few = calibrated(generator.normal(0, 1, least - 1))
    bounds = conformal.intervals(few, np.zeros((3, 5)), confidence)
    assert bounds.low is None
    assert bounds.high is None
    assert f"{least - 1} calibration samples" in bounds.note
    assert bounds.note.startswith("not available")


def test_photographs_do_not_stand_in_for_samples():
    residuals = np.random.default_rng(2).normal(0, 1, 400)
    bounds = conformal.intervals(
        calibrated(residuals, samples=np.arange(400) // 50), np.zeros((1, 5)), 0.9
    )
    assert bounds.high is None


def test_copies_of_photographs_change_nothing():
    generator = np.random.default_rng(3)
    known, found, fold = generator.normal(0, 1, 20), generator.normal(0, 1, 20), np.arange(20) % 5
    by_fold = generator.normal(0, 0.3, (6, 5))
    once = conformal.intervals(conformal.calibrate(known, found, fold, np.arange(20)), by_fold)
    copies = [np.repeat(values, 3) for values in (known, found, fold, np.arange(20))]
    thrice = conformal.intervals(conformal.calibrate(*copies), by_fold)
    assert thrice.low == pytest.approx(once.low)
    assert thrice.high == pytest.approx(once.high)


def fitted(generator, samples, spread=lambda x: np.ones(x.size)):
    """A line fitted in 5 folds to (n,) samples and 40 new ones."""
    x = generator.uniform(0, 1, samples + 40)
    y = 3 * x + spread(x) * generator.standard_normal(x.size)
    old, fold = slice(0, samples), np.arange(samples) % 5
    models = [np.polyfit(x[old][fold != k], y[old][fold != k], 1) for k in range(5)]
    by_fold = np.column_stack([np.polyval(model, x) for model in models])
    return x, y, fold, by_fold[np.arange(samples), fold], by_fold[samples:]


@pytest.mark.parametrize("samples", [12, 60])
def test_coverage_of_new_samples(samples):
    generator, inside = np.random.default_rng(4), []
    for _ in range(150):
        _, y, fold, found, by_fold = fitted(generator, samples)
        calibration = conformal.calibrate(y[:samples], found, fold, np.arange(samples))
        bounds = conformal.intervals(calibration, by_fold, 0.9)
        inside.append(np.mean((bounds.low <= y[samples:]) & (y[samples:] <= bounds.high)))
    assert 0.885 <= np.mean(inside) <= 0.94


def test_difficulty_makes_wide_where_it_is_hard():
    generator, easy, hard = np.random.default_rng(5), [], []
    for _ in range(100):
        x, y, fold, found, by_fold = fitted(generator, 100, lambda x: 0.2 + 2 * x)
        calibration = conformal.calibrate(y[:100], found, fold, np.arange(100), 0.2 + 2 * x[:100])
        bounds = conformal.intervals(calibration, by_fold, 0.9, 0.2 + 2 * x[100:])
        inside = (bounds.low <= y[100:]) & (y[100:] <= bounds.high)
        easy.extend(inside[x[100:] < 0.3])
        hard.extend(inside[x[100:] > 0.7])
    assert np.mean(easy) == pytest.approx(0.9, abs=0.03)
    assert np.mean(hard) == pytest.approx(0.9, abs=0.03)


def test_out_of_fold_intervals_cover_and_do_not_use_their_own_fold():
    generator, inside = np.random.default_rng(6), []
    for _ in range(100):
        _, y, fold, found, _ = fitted(generator, 60)
        calibration = conformal.calibrate(y[:60], found, fold, np.arange(60))
        bounds = conformal.out_of_fold(calibration, found, 0.9)
        inside.append(np.mean((bounds.low <= y[:60]) & (y[:60] <= bounds.high)))
    assert np.mean(inside) == pytest.approx(0.9, abs=0.025)
    wild = np.where(fold == 2, found + 1000, found)
    reach = conformal.out_of_fold(conformal.calibrate(y[:60], wild, fold, np.arange(60)), wild, 0.9)
    half = (reach.high - reach.low) / 2
    assert half[fold == 2].max() < 10 < half[fold == 1].min()


def test_out_of_fold_without_enough_other_samples():
    bounds = conformal.out_of_fold(calibrated(RESIDUALS[:10]), np.zeros(10), 0.9)
    assert bounds.low is None
    assert "8 calibration samples" in bounds.note


def test_bad_input_is_refused():
    with pytest.raises(BadInput, match="E_DIFFICULTY"):
        calibrated(RESIDUALS, np.zeros(25))
    with pytest.raises(BadInput, match="E_FOLD"):
        conformal.calibrate([1, 2], [1, 2], [0, -1], ["a", "b"])
    with pytest.raises(BadInput, match="E_FOLD"):
        conformal.intervals(calibrated(RESIDUALS), np.zeros((2, 3)))
    with pytest.raises(BadInput, match="E_NOT_FINITE"):
        conformal.intervals(calibrated(RESIDUALS), np.full((2, 5), np.nan))
