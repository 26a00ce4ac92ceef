"""Coverage: exact binomial tables, and intervals that keep or break their promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from assay.faults import BadInput
from assay.statistics.uncertainty.coverage import by_chance, clopper_pearson, coverage


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (9, 10, 0.5550, 0.9975),
        (2, 20, 0.0123, 0.3170),
    ],
)
def test_exact_binomial_table(successes, n, low, high):
    # Geigy Scientific Tables, exact 95 % limits of a proportion
    interval = clopper_pearson(successes, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_agrees_with_statsmodels_and_scipy():
    for successes in range(31):
        interval = clopper_pearson(successes, 30, 0.9)
        exact = proportion_confint(successes, 30, alpha=0.1, method="beta")
        assert (interval.low, interval.high) == pytest.approx(exact)
        other = stats.binomtest(successes, 30).proportion_ci(0.9, "exact")
        assert (interval.low, interval.high) == pytest.approx((other.low, other.high))


def test_per_level_and_over_all():
    known = np.array([80.0] * 4 + [350.0] * 4)
    low, high = known - 1, known + np.array([1, 1, 1, 1, 1, 1, -0.5, -0.5])
    first, second, total = coverage(known, low, high, 0.9)
    assert (first.known, first.inside, first.n) == (80, 4, 4)
    assert (second.known, second.inside) == (350, 2)
    assert (total.known, total.n, total.inside) == (215, 8, 6)
    assert total.share.estimate == 0.75


def test_verdicts():
    generator = np.random.default_rng(0)
    known = np.full(1000, 100.0)
    centre = known + generator.normal(0, 1, 1000)
    for width, verdict in ((1.645, "as promised"), (1.2, "too narrow"), (2.5, "too wide")):
        assert coverage(known, centre - width, centre + width, 0.9)[-1].verdict == verdict


def test_counts_that_are_no_share_are_refused():
    with pytest.raises(BadInput, match="E_COUNTS"):
        clopper_pearson(3, 2)


@pytest.mark.parametrize(("samples", "confidence"), [(9, 0.9), (47, 0.9), (300, 0.95)])
def test_chance_in_the_calibration_is_that_of_an_order_statistic(samples, confidence):
    """The coverage of the k-th of m scores is that of the k-th of m uniform numbers."""
    drawn = np.random.default_rng(0).uniform(size=(20_000, samples))
    rank = int(np.ceil(confidence * (samples + 1) - 1e-9))
    reached = np.partition(drawn, rank - 1, axis=1)[:, rank - 1]
    low, high = by_chance(samples, confidence, probability=0.9)
    assert np.mean(reached < low) == pytest.approx(0.05, abs=0.006)
    assert np.mean(reached > high) == pytest.approx(0.05, abs=0.006)
    assert reached.mean() >= confidence - 0.002


def test_an_error_of_the_reach_comes_on_top_of_chance():
    """10,000 methods: quantile of 200 normal errors, times a reach that is 5 % off at random."""
    generator = np.random.default_rng(1)
    reach = np.sort(np.abs(generator.standard_normal((10_000, 200))), axis=1)[:, 180]
    covered = 2 * stats.norm.cdf(reach * (1 + 0.05 * generator.standard_normal(10_000))) - 1
    low, high = by_chance(200, 0.9, 0.05, probability=0.9)
    assert np.mean(covered < low) == pytest.approx(0.05, abs=0.02)
    assert np.mean(covered > high) == pytest.approx(0.05, abs=0.02)
    assert by_chance(9, 0.9, 10.0) == (0.0, 1.0)
