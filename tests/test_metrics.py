"""Scores: worked by hand, against scikit-learn, and never silent about what has no number."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as oracle

from assay import metrics
from assay.faults import BadInput


def test_scores_worked_by_hand():
    scores = metrics.scores([80, 215, 350], [83, 215, 346])
    assert scores.n == 3
    assert scores.mse == pytest.approx(25 / 3)
    assert scores.rmse == pytest.approx((25 / 3) ** 0.5)
    assert scores.mae == pytest.approx(7 / 3)
    assert scores.bias == pytest.approx(-1 / 3)
    assert scores.r2 == pytest.approx(1 - 25 / (2 * 135**2))
    assert scores.percent_of_range == pytest.approx(100 * (25 / 3) ** 0.5 / 270)


@pytest.mark.parametrize("scale", ["linear", "log10"])
def test_scores_agree_with_scikit_learn(scale):
    generator = np.random.default_rng(1)
    known = generator.uniform(80, 350, 200)
    found = known * np.exp(generator.normal(0, 0.1, 200))
    scores = metrics.scores(known, found, scale=scale)
    one, other = (known, found) if scale == "linear" else (np.log10(known), np.log10(found))
    assert scores.rmse == pytest.approx(oracle.root_mean_squared_error(one, other))
    assert scores.mae == pytest.approx(oracle.mean_absolute_error(one, other))
    assert scores.r2 == pytest.approx(oracle.r2_score(one, other))


def test_percent_of_range_uses_the_calibrated_range_on_the_scale():
    assert metrics.percent_of_range(0.3**0.5, 80, 350) == pytest.approx(0.2029, abs=1e-4)
    assert metrics.percent_of_range(0.1, 1, 100, "log10") == pytest.approx(5)
    assert metrics.scores([100, 200], [110, 190], low=0, high=1000).percent_of_range == 1
    assert metrics.percent_of_range(1, 80, 80) is None


def test_r2_of_known_values_that_do_not_vary_has_no_number():
    assert metrics.r2([5, 5, 5], [4, 5, 6]) is None


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_refused_and_counted(wrong):
    with pytest.raises(BadInput, match=r"E_NOT_FINITE: 1 of 3 found values .* first at 1"):
        metrics.rmse([1, 2, 3], [1, wrong, 3])
    with pytest.raises(BadInput, match="E_NOT_FINITE"):
        metrics.scores([1, wrong, 3], [1, 2, 3])


def test_other_bad_input_is_refused():
    with pytest.raises(BadInput, match="E_LENGTHS"):
        metrics.rmse([1, 2], [1, 2, 3])
    with pytest.raises(BadInput, match="E_NO_VALUES"):
        metrics.rmse([], [])
    with pytest.raises(BadInput, match="E_NOT_POSITIVE"):
        metrics.rmse([1, 2], [1, 0], "log10")
    with pytest.raises(BadInput, match="E_SCALE"):
        metrics.rmse([1, 2], [1, 2], "ln")


def test_a_column_against_a_row_is_not_broadcast():
    known, found = np.arange(4.0)[:, None], np.arange(4.0)
    assert metrics.rmse(known, found) == 0
