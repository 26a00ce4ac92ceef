"""A few standards of a new group: a planted slope and bias are undone, noise isn't fitted."""

from __future__ import annotations

import numpy as np
import pytest

from assay.faults import BadInput
from assay.statistics.samples import per_sample
from assay.statistics.uncertainty import recalibration


def group(seed, offset, slope, sd=2.0, samples=60):
    generator = np.random.default_rng(seed)
    known = np.repeat(generator.uniform(80, 350, samples), 2)
    found = offset + slope * known + generator.normal(0, sd, known.size)
    return known, found, np.repeat(np.arange(samples), 2)


def test_a_planted_slope_and_bias_are_undone():
    result = recalibration.recalibrate(*group(0, 20, 0.9), count=5)
    assert result.adjustment.method == "slope and bias"
    assert result.adjustment.slope == pytest.approx(1 / 0.9, abs=0.02)
    comparison = result.comparison
    assert (comparison.experiment, comparison.verdict) == ("after", "better")
    assert comparison.rmse < 3.2
    assert comparison.rmse_reference > 7
    assert comparison.samples == 55


def test_few_standards_adjust_the_bias_only():
    result = recalibration.recalibrate(*group(1, 15, 1), count=2)
    assert (result.adjustment.method, result.adjustment.slope) == ("bias", 1)
    assert result.adjustment.offset == pytest.approx(-15, abs=4)
    assert result.comparison.verdict == "better"


def test_nothing_planted_is_seldom_called_better():
    verdicts = [
        recalibration.recalibrate(*group(seed, 0, 1), count=4, seed=seed).comparison.verdict
        for seed in range(50)
    ]
    assert verdicts.count("better") <= 5


def test_standards_are_not_judged():
    known, found, sample = group(2, 20, 1)
    result = recalibration.recalibrate(known, found, sample, count=4)
    wild = np.where(np.isin(sample.astype(str), result.standards), found, found + 1)
    again = recalibration.recalibrate(known, wild, sample, count=4)
    assert again.adjustment == result.adjustment
    assert again.comparison.rmse != result.comparison.rmse


def test_on_the_log_scale_a_factor_is_undone():
    known, _, sample = group(3, 0, 1)
    found = 1.5 * known * np.exp(np.random.default_rng(3).normal(0, 0.02, known.size))
    result = recalibration.recalibrate(known, found, sample, count=3, scale="log10")
    assert result.comparison.verdict == "better"
    assert result.comparison.rmse < 0.02
    assert result.adjustment.apply([150.0]) == pytest.approx([100], rel=0.05)


def test_standards_that_do_not_rise_leave_the_slope_alone():
    adjustment = recalibration.adjust([100, 200, 300], [210, 200, 190])
    assert (adjustment.method, adjustment.slope, adjustment.offset) == ("bias", 1, 0)


def test_standards_spread_over_the_range():
    known, found, sample = group(4, 0, 1)
    samples = per_sample(sample, known, found)
    chosen = samples.known[recalibration.choose(samples, 3)]
    assert np.sort(chosen) == pytest.approx([known.min(), 215, known.max()], abs=10)
    with pytest.raises(BadInput, match="E_STANDARDS"):
        recalibration.choose(samples, 60)
