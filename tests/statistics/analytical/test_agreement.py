"""Bland-Altman: the published example, exact intervals of the limits, and their coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from assay.faults import BadInput
from assay.statistics.analytical.agreement import agreement, quantile_factors

# Bland & Altman (1986), table 1: peak expiratory flow by Wright and mini Wright meter, l/min
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def test_the_published_example():
    result = agreement(MINI, WRIGHT).units
    assert result.bias.estimate == pytest.approx(-2.1, abs=0.05)
    assert result.sd == pytest.approx(38.8, abs=0.05)
    assert (result.bias.low, result.bias.high) == pytest.approx((-22.0, 17.8), abs=0.1)
    assert result.lower.estimate == pytest.approx(-2.1 - 1.96 * 38.8, abs=0.1)
    assert result.upper.estimate == pytest.approx(-2.1 + 1.96 * 38.8, abs=0.1)


def test_factors_are_those_of_one_sided_tolerance_tables():
    # 95 % confidence that 95 % of a normal population lie below mean + k s: 2.911 at n = 10,
    # 2.396 at 20, 2.065 at 50 (ISO 16269-6)
    z = stats.norm.ppf(0.95)
    for n, k in ((10, 2.911), (20, 2.396), (50, 2.065)):
        assert quantile_factors(n, z, 0.90)[1] == pytest.approx(k, abs=6e-4)


def test_many_samples_use_a_limit_that_joins_on():
    for n in (500, 501):
        low, high = quantile_factors(n, 1.96, 0.95)
        assert (low, high) == pytest.approx((1.814, 2.114), abs=0.006)


def test_intervals_hold_at_the_stated_rate():
    generator, held = np.random.default_rng(0), np.zeros(3)
    for _ in range(300):
        known = generator.uniform(80, 350, 25)
        limits = agreement(known, known + generator.normal(1, 2, 25)).units
        held += [
            limits.bias.contains(1),
            limits.lower.contains(1 - 1.96 * 2),
            limits.upper.contains(1 + 1.96 * 2),
        ]
    assert np.all(held >= stats.binom.ppf(0.001, 300, 0.95))


def test_percent_of_the_mean_or_of_the_known():
    known = np.array([100.0, 200.0, 300.0, 400.0])
    assert agreement(known, 1.1 * known).percent.bias.estimate == pytest.approx(20 / 2.1)
    percent = agreement(known, 1.1 * known, percent_of="known").percent
    assert percent.bias.estimate == pytest.approx(10)
    assert agreement([0, 1, 2], [0, 1, 2]).percent is None
    with pytest.raises(BadInput, match="E_PERCENT_OF"):
        agreement(known, known, percent_of="found")


def test_two_samples_have_no_limits():
    result = agreement([100, 200], [101, 203]).units
    assert result.bias.estimate == 2
    assert not result.upper.available
