"""RMSEC, RMSECV, RMSEP, SEP, RPD: worked by hand and their identity."""

from __future__ import annotations

import numpy as np
import pytest

from assay.statistics.uncertainty.calibration_errors import calibration_errors, set_errors


def test_worked_by_hand():
    errors = set_errors([100, 200, 300], [103, 203, 306])
    assert errors.rmse == pytest.approx(18**0.5)
    assert errors.bias.estimate == 4
    assert errors.sep == pytest.approx(3**0.5)
    assert errors.rpd == pytest.approx(100 / 3**0.5)


def test_rmse_is_made_of_bias_and_sep():
    generator = np.random.default_rng(0)
    known = generator.uniform(80, 350, 50)
    errors = set_errors(known, known + generator.normal(2, 3, 50))
    squared = errors.bias.estimate**2 + errors.sep**2 * 49 / 50
    assert errors.rmse**2 == pytest.approx(squared)


def test_sets_are_kept_apart_and_missing_ones_are_none():
    one, other = ([1, 2], [1, 2]), ([1, 2], [2, 3])
    result = calibration_errors(calibration=one, prediction=other)
    assert (result.calibration.rmse, result.prediction.rmse) == (0, 1)
    assert result.cross_validation is None
    assert result.calibration.rpd is None


def test_one_sample_has_no_sep():
    errors = set_errors([100], [101])
    assert (errors.sep, errors.rpd) == (None, None)
    assert not errors.bias.available
