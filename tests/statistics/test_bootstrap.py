"""Bootstrap intervals: their coverage in simulation, clusters, determinism, speed."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import stats

from assay import metrics
from assay.statistics import bootstrap


def clustered(generator, samples, photographs):
    """Errors with SD 2 between samples and 1 within: RMSE sqrt(5)."""
    sample = np.repeat(np.arange(samples), photographs)
    known = generator.uniform(80, 350, samples)[sample]
    error = generator.normal(0, 2, samples)[sample] + generator.normal(0, 1, sample.size)
    return known, known + error, sample


def test_estimates_are_the_scores():
    known, found, sample = clustered(np.random.default_rng(0), 30, 2)
    scores = metrics.scores(known, found)
    intervals = bootstrap.score_intervals(known, found, sample)
    assert set(intervals) == {"rmse", "mse", "mae", "bias", "r2"}
    for name, interval in intervals.items():
        assert interval.estimate == pytest.approx(getattr(scores, name))
        assert interval.low < interval.estimate < interval.high


def test_intervals_hold_the_truth_at_the_stated_rate():
    generator, trials = np.random.default_rng(1), 300
    truth = {"rmse": 5**0.5, "mse": 5, "bias": 0, "mae": (5 * 2 / np.pi) ** 0.5}
    held = dict.fromkeys(truth, 0)
    for trial in range(trials):
        data = clustered(generator, 40, 3)
        intervals = bootstrap.score_intervals(*data, count=400, seed=trial)
        for name, value in truth.items():
            held[name] += intervals[name].contains(value)
    for name, count in held.items():
        assert 0.91 <= count / trials <= 0.98, name


def test_interval_of_r2_holds_the_truth():
    generator, trials, held = np.random.default_rng(2), 200, 0
    for trial in range(trials):
        known = generator.uniform(0, 1, 60)
        found = known + generator.normal(0, 0.2, 60)
        interval = bootstrap.score_intervals(known, found, np.arange(60), count=400, seed=trial)
        held += interval["r2"].contains(1 - 0.04 * 12)
    assert held / trials >= 0.90


def test_photographs_of_one_sample_add_no_certainty():
    generator = np.random.default_rng(3)
    known, error = generator.uniform(80, 350, 40), generator.normal(0, 2, 40)
    once = bootstrap.score_intervals(known, known + error, np.arange(40))["rmse"]
    copies = [np.repeat(values, 9) for values in (known, known + error, np.arange(40))]
    many = bootstrap.score_intervals(*copies)["rmse"]
    assert (many.low, many.high) == pytest.approx((once.low, once.high))
    as_single = bootstrap.score_intervals(*copies[:2], np.arange(360))["rmse"]
    assert as_single.high - as_single.low < 0.5 * (many.high - many.low)


def test_bias_interval_is_close_to_student_t():
    generator = np.random.default_rng(4)
    known, error = generator.uniform(80, 350, 200), generator.normal(1, 2, 200)
    interval = bootstrap.score_intervals(known, known + error, np.arange(200))["bias"]
    exact = stats.t.interval(0.95, 199, error.mean(), stats.sem(error))
    assert (interval.low, interval.high) == pytest.approx(exact, abs=0.03)


def test_same_seed_same_interval():
    data = clustered(np.random.default_rng(5), 30, 2)
    assert bootstrap.score_intervals(*data) == bootstrap.score_intervals(*data)
    other = bootstrap.score_intervals(*data, seed=1)
    assert bootstrap.score_intervals(*data)["rmse"] != other["rmse"]


def test_drawn_sums_are_sums_of_whole_samples():
    sums = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    drawn = bootstrap.replicates(sums, 200, 0)
    assert drawn.shape == (200, 2)
    assert np.array_equal(drawn[:, 1], 10 * drawn[:, 0])
    assert set(drawn[:, 0]) <= {3, 4, 5, 6, 7, 8, 9, 10, 12}


def test_few_samples_have_no_interval_however_many_photographs():
    known, found, sample = clustered(np.random.default_rng(6), 9, 50)
    interval = bootstrap.score_intervals(known, found, sample)["rmse"]
    assert not interval.available
    assert "9 samples" in interval.note
    assert interval.estimate == pytest.approx(metrics.rmse(known, found))


def test_perfect_and_constant_data_say_so():
    known = np.arange(20.0)
    perfect = bootstrap.score_intervals(known, known, np.arange(20))
    assert perfect["rmse"].estimate == 0
    assert not perfect["rmse"].available
    constant = bootstrap.score_intervals(np.full(20, 5.0), known, np.arange(20))["r2"]
    assert np.isnan(constant.estimate)
    assert constant.note


def test_two_thousand_replicates_of_five_thousand_photographs_are_fast():
    data = clustered(np.random.default_rng(7), 2500, 2)
    start = time.perf_counter()
    bootstrap.score_intervals(*data)
    assert time.perf_counter() - start < 3
