"""Passing-Bablok: R's mcr and deming, brute force with ties, slopes of -1 and vertical pairs."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest
from reference_pairs import FOUND, KNOWN
from scipy import stats

from assay.statistics.analytical.passing_bablok import _sd_of_ranks, passing_bablok


def brute_force(x, y, vertical=True):
    """Slope and intercept by the paper: all pairs, one by one, vertical ones signed."""
    slopes = []
    for i in range(len(x)):
        for j in range(i):
            dx, dy = x[i] - x[j], y[i] - y[j]
            if dx == 0 and (dy == 0 or not vertical):
                continue
            slope = dy / dx if dx else np.copysign(np.inf, dy)
            if slope != -1:
                slopes.append(slope)
    slopes.sort()
    offset = sum(slope < -1 for slope in slopes)
    n = len(slopes)
    middle = [slopes[(n - 1) // 2 + offset], slopes[n // 2 + offset]]
    slope = np.tan(np.mean(np.arctan(middle)))
    return slope, median(b - slope * a for a, b in zip(x, y, strict=True))


def test_agrees_with_mcr():
    # mcr 1.3.0, inst/unitTests/runit.mcPaBa.R, TD15, there to 1e-13
    line = passing_bablok(KNOWN, FOUND)
    assert line.slope.estimate == pytest.approx(1.02058852149448, rel=1e-12)
    assert line.slope.low == pytest.approx(0.95848878631593, rel=1e-12)
    assert line.slope.high == pytest.approx(1.09232009780764, rel=1e-12)
    assert line.intercept.estimate == pytest.approx(-0.639752984809869, rel=1e-11)
    assert line.intercept.low == pytest.approx(-2.3330808182894, rel=1e-11)
    assert line.intercept.high == pytest.approx(0.840973102642057, rel=1e-11)


def test_agrees_with_mcr_on_a_second_table():
    # mcreg(x, y, method.reg = "PaBa", alpha = 0.05, method.ci = "analytical"), quoted to 4 digits
    # in the tests of a Python package; x 1 to 20
    y = [1.03, 2.05, 2.79, 3.67, 5.00, 5.82, 7.16, 7.69, 8.53, 10.38]
    y += [11.11, 12.17, 13.47, 13.83, 15.15, 16.12, 16.94, 18.09, 19.13, 19.54]
    line = passing_bablok(np.arange(1, 21), y)
    slope, intercept = line.slope, line.intercept
    assert (slope.estimate, slope.low, slope.high) == pytest.approx(
        (1.0050, 0.9848077, 1.0265805), abs=5e-5
    )
    assert (intercept.estimate, intercept.low, intercept.high) == pytest.approx(
        (0.0125, -0.2975146, 0.1393271), abs=5e-5
    )


def test_agrees_with_the_r_package_deming():
    # tests/pbtest.R of deming 1.4: Sen's data, monotone, slope 4 and intercept 6; noisy data
    sen = passing_bablok([1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 78])
    assert (sen.slope.estimate, sen.intercept.estimate) == pytest.approx((4, 6))
    noisy = passing_bablok([1, 2, 3, 4, 5, 6], [2, 1.2, 4.1, 3.5, 6.3, 3])
    assert noisy.slope.estimate == pytest.approx(1.05, abs=2e-3)  # mean of slopes, not of angles


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_brute_force_on_ties(seed):
    generator = np.random.default_rng(seed)
    x = generator.integers(0, 8, 21).astype(float)
    y = x + generator.integers(-2, 3, 21)
    line = passing_bablok(x, y, by_design=False)
    assert (line.slope.estimate, line.intercept.estimate) == pytest.approx(brute_force(x, y))
    line = passing_bablok(x, y, by_design=True)
    expected = brute_force(x, y, vertical=False)
    assert (line.slope.estimate, line.intercept.estimate) == pytest.approx(expected)


def test_ties_survive_rounding():
    x = np.array([0.1, 0.2, 0.3, 0.1 + 0.2, 0.4, 0.5, 0.6, 0.7])
    y = np.array([0.1, 0.2, 0.3, 0.3, 0.4, 0.5, 0.6, 0.7])
    assert passing_bablok(x, y).slope.estimate == pytest.approx(1, abs=1e-12)


def test_methods_can_change_places():
    line, turned = passing_bablok(KNOWN, FOUND), passing_bablok(FOUND, KNOWN)
    assert turned.slope.estimate == pytest.approx(1 / line.slope.estimate)
    assert turned.slope.low == pytest.approx(1 / line.slope.high)


def test_outliers_hardly_move_it():
    found = FOUND.copy()
    found[[3, 17, 30]] *= 10
    assert passing_bablok(KNOWN, found).slope.estimate == pytest.approx(1.02, abs=0.06)


def test_planted_line_lies_in_its_intervals():
    generator, held = np.random.default_rng(0), np.zeros(2)
    for _ in range(200):
        truth = generator.uniform(80, 350, 50)
        line = passing_bablok(
            truth + generator.normal(0, 5, 50), 5 + 0.98 * truth + generator.normal(0, 5, 50)
        )
        held += [line.intercept.contains(5), line.slope.contains(0.98)]
    assert np.all(held >= stats.binom.ppf(0.0005, 200, 0.95))


def test_repeated_levels_do_not_bend_the_slope():
    generator, known = np.random.default_rng(1), np.tile(np.linspace(80, 350, 6), 10)
    false, naive = 0, 0
    for _ in range(200):
        found = known + generator.normal(0, 3, 60)
        false += not passing_bablok(known, found).slope.contains(1)
        naive += not passing_bablok(known, found, by_design=False).slope.contains(1)
    assert false <= stats.binom.ppf(0.999, 200, 0.05)
    assert naive > 50


def test_spread_of_ranks_is_that_of_kendall_with_ties():
    x = np.array([1.0, 1, 1, 2, 2, 3, 4, 5, 5, 5])
    pairs = np.tril_indices(10, -1)
    orders = np.random.default_rng(2).permuted(np.tile(np.arange(10), (4000, 1)), axis=1)
    rises = np.sign(orders[:, pairs[0]] - orders[:, pairs[1]])
    every = rises @ np.sign(x[pairs[0]] - x[pairs[1]])
    assert np.std(every) == pytest.approx(_sd_of_ranks(x, ties=True), rel=0.05)


def test_what_can_not_be_fitted_says_why():
    assert "too few" in passing_bablok([1, 2, 3], [1, 2, 3]).slope.note
    falling = passing_bablok(np.arange(20), -3 * np.arange(20))
    assert "do not rise together" in falling.slope.note
    assert "do not rise together" in passing_bablok([1, 1], [2, 2]).slope.note
