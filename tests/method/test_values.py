from __future__ import annotations

import numpy as np

from assay.method import values
from assay.method.description import Adjustment
from assay.quantity import Quantity

RAW = np.array([[70.0, 100.0], [360.0, 340.0]], np.float32)
LINEAR = Quantity("c", "", 80.0, 350.0)


def test_values_are_held_inside_the_range_and_kept_free_beside() -> None:
    free, inside = values.by_fold(RAW, LINEAR, Adjustment())
    assert np.array_equal(free, RAW.T)
    assert np.array_equal(inside, [[80, 350], [100, 340]])


def test_an_adjusted_value_is_held_inside_after_it_was_adjusted() -> None:
    """A phone that reads 10 % too high says 360 of 327: that is inside the range."""
    free, inside = values.by_fold(RAW, LINEAR, Adjustment("slope and bias", 3, 0.0, 1 / 1.1))
    assert np.allclose(inside, [[80, 360 / 1.1], [100 / 1.1, 340 / 1.1]])
    assert np.allclose(free, RAW.T / 1.1)


def test_the_log_scale_goes_there_and_back_and_bears_values_below_zero() -> None:
    log = Quantity("c", "", 80.0, 350.0, "log10")
    _, inside = values.by_fold(RAW, log, Adjustment())
    assert np.allclose(values.off_scale(inside, log), [[80, 350], [100, 340]])
    free, _ = values.by_fold(np.array([[-5.0]]), log, Adjustment())
    assert np.isfinite(free).all()
