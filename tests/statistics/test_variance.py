"""Brown-Forsythe: against scipy, at its nominal rate, and proportional errors found."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from assay.statistics.variance import brown_forsythe

LEVELS = np.repeat(np.linspace(80, 350, 6), 20)


def test_agrees_with_scipy():
    found = LEVELS + np.random.default_rng(0).normal(0, LEVELS / 50)
    result = brown_forsythe(LEVELS, found)
    groups = [(found - LEVELS)[level == LEVELS] for level in np.unique(LEVELS)]
    f, p = stats.levene(*groups, center="median")
    assert (result.test.statistic, result.test.p) == pytest.approx((f, p))
    assert result.sd == pytest.approx([np.std(group, ddof=1) for group in groups])


def test_false_alarms_and_errors_that_grow_with_the_level():
    generator, false, found = np.random.default_rng(1), 0, 0
    for _ in range(200):
        noise = generator.standard_normal(120)
        false += brown_forsythe(LEVELS, LEVELS + 4 * noise).test.p <= 0.05
        found += brown_forsythe(LEVELS, LEVELS + 0.03 * LEVELS * noise).test.p <= 0.05
    assert false <= stats.binom.ppf(0.999, 200, 0.05)
    assert found >= 190


def test_single_samples_take_no_part():
    result = brown_forsythe([80, 80, 80, 100, 100, 100, 350], [81, 80, 84, 101, 99, 103, 349])
    assert np.isnan(result.sd[2])
    assert result.test.df_denominator == 4
    assert "fewer than 2 levels" in brown_forsythe([80, 350], [81, 349]).test.note
