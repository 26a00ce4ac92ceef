"""Limits of variance combinations: exact for one mean square, and at the stated rate else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from assay.statistics.mean_squares import MeanSquare, sd_interval


def test_a_single_mean_square_has_the_chi_square_interval():
    interval = sd_interval([(1.0, MeanSquare(4.0, 10))])
    exact = (40 / stats.chi2.ppf([0.975, 0.025], 10)) ** 0.5
    assert interval.estimate == 2
    assert (interval.low, interval.high) == pytest.approx(exact)


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.5, -0.5), (0.2, -0.2)])
def test_limits_hold_at_the_stated_rate(weights):
    generator, held = np.random.default_rng(0), 0
    truth = (9.0, 4.0)
    value = float(np.dot(weights, truth)) ** 0.5
    for _ in range(500):
        drawn = [t * generator.chisquare(df) / df for t, df in zip(truth, (6, 30), strict=True)]
        squares = [MeanSquare(drawn[0], 6), MeanSquare(drawn[1], 30)]
        held += sd_interval(list(zip(weights, squares, strict=True))).contains(value)
    assert held / 500 == pytest.approx(0.95, abs=0.03)


def test_a_negative_variance_is_zero_and_noted():
    interval = sd_interval([(0.5, MeanSquare(1.0, 4)), (-0.5, MeanSquare(3.0, 20))])
    assert (interval.estimate, interval.low) == (0, 0)
    assert interval.high > 0
    assert "set to 0" in interval.note
