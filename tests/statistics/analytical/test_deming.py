"""Deming: against odrpack, R's mcr, least squares, and its coverage."""

from __future__ import annotations

import numpy as np
import pytest
from reference_pairs import FOUND, KNOWN
from scipy import stats

from assay.faults import BadInput
from assay.statistics.analytical.deming import deming

X = [80.0, 95.41, 107.32, 119.07, 135.02, 147.09, 165.5, 184.83, 191.72, 205.41]
X += [224.06, 237.74, 250.95, 261.01, 278.83, 295.94, 301.99, 319.75, 328.18, 344.84]
Y = [65.87, 92.5, 98.03, 124.12, 136.99, 148.03, 143.17, 172.78, 190.49, 205.56]
Y += [206.2, 228.4, 238.18, 253.32, 282.07, 280.9, 300.89, 322.01, 324.05, 341.61]
# mcr 1.3.0, inst/unitTests, AnaIT.TD15, Deming with jackknife: estimate, lower, upper
MCR = {
    1.0: (
        (-0.505729735057073, -3.06557290114323, 2.05411343102908),
        (0.998922574014433, 0.904225546852836, 1.09361960117603),
    ),
    1.21: (
        (-0.708594035342613, -3.2419770759952, 1.82478900530997),
        (1.00329228321811, 0.909809514645456, 1.09677505179076),
    ),
}


def by_odrpack(x, y, ratio):
    """Intercept and slope by orthogonal distances weighted by the errors' variances."""
    odrpack = pytest.importorskip("odrpack")
    weights = {"weight_x": 1 / ratio, "weight_y": 1.0}
    ends = {"sstol": 1e-15, "partol": 1e-15, "maxit": 500}
    slopes = {
        "jac_beta": lambda x, b: np.vstack([np.ones_like(x), x]),
        "jac_x": lambda x, b: np.full_like(x, b[1]),
    }
    found = np.array([0.0, 1.0])
    for _ in range(30):  # it stops a little early: from where it stopped it goes on
        line = odrpack.odr_fit(
            lambda x, b: b[0] + b[1] * x, x, y, found, **weights, **slopes, **ends
        )
        found = line.beta
    return found


@pytest.mark.parametrize("ratio", [0.25, 1.0, 4.0])
def test_agrees_with_odrpack(ratio):
    generator = np.random.default_rng(3)
    truth = generator.uniform(80, 350, 40)
    drawn = truth + generator.normal(0, 8, 40), 4 + 0.97 * truth + generator.normal(0, 12, 40)
    for x, y in ((np.array(X), np.array(Y)), drawn):
        line = deming(x, y, ratio)
        found = (line.intercept.estimate, line.slope.estimate)
        assert found == pytest.approx(by_odrpack(x, y, ratio), rel=1e-6)


@pytest.mark.parametrize("ratio", MCR)
def test_agrees_with_mcr(ratio):
    line = deming(KNOWN, FOUND, ratio)
    for interval, values in zip((line.intercept, line.slope), MCR[ratio], strict=True):
        found = (interval.estimate, interval.low, interval.high)
        assert found == pytest.approx(values, rel=1e-6)


def test_a_ratio_of_zero_is_least_squares_and_a_large_one_its_inverse():
    assert deming(X, Y, 0).slope.estimate == pytest.approx(stats.linregress(X, Y).slope)
    assert deming(X, Y, 1e9).slope.estimate == pytest.approx(1 / stats.linregress(Y, X).slope)


def test_jackknife_leaves_out_each_sample():
    line = deming(X, Y, 1.0)
    slopes = [deming(np.delete(X, i), np.delete(Y, i), 1.0).slope.estimate for i in range(20)]
    pseudo = 20 * line.slope.estimate - 19 * np.array(slopes)
    half = stats.t.ppf(0.975, 18) * stats.sem(pseudo)
    assert line.slope.high - line.slope.estimate == pytest.approx(half)


def test_planted_line_is_found_where_least_squares_flattens_it():
    generator, held = np.random.default_rng(0), np.zeros(2)
    for _ in range(200):
        truth = generator.uniform(80, 350, 50)
        line = deming(
            truth + generator.normal(0, 20, 50), 5 + truth + generator.normal(0, 20, 50), 1.0
        )
        held += [line.intercept.contains(5), line.slope.contains(1)]
    assert np.all(held >= stats.binom.ppf(0.001, 200, 0.95))


def test_what_can_not_be_fitted_says_why():
    assert deming([1, 2, 3], [1, 2, 3], 1.0).slope.note == "3 samples"
    flat = deming([1, 2, 3, 4], [5, 5, 5, 5], 1.0)
    assert flat.slope.estimate == 0
    assert not deming([1, 1, 1, 1], [5, 5, 5, 5], 1.0).slope.available
    with pytest.raises(BadInput, match="E_ERROR_RATIO"):
        deming(X, Y, -1)
