"""Learning curves: a planted law is found and forecast; what can't be forecast is refused."""

from __future__ import annotations

import numpy as np
import pytest

from assay.faults import BadInput
from assay.statistics.learning_curve import forecast, learning_curve, needed

SIZES = np.repeat([50, 100, 200, 400, 800], 3)


def law(n):
    return 1 + 20 * np.asarray(n, dtype=float) ** -0.5


def test_exact_points_give_the_law_back():
    curve = learning_curve(SIZES, law(SIZES))
    floor, _, exponent = curve.parameters
    assert exponent == pytest.approx(0.5, abs=0.03)
    assert floor == pytest.approx(1, abs=0.1)
    assert forecast(curve, 1600).estimate == pytest.approx(law(1600), rel=0.01)


def test_forecasts_hold_the_truth():
    generator, held = np.random.default_rng(0), 0
    for trial in range(100):
        points = law(SIZES) * np.exp(generator.normal(0, 0.04, SIZES.size))
        interval = forecast(learning_curve(SIZES, points, count=300, seed=trial), 1600)
        held += interval.contains(law(1600))
    assert held >= 88


def test_samples_needed_for_a_target():
    curve = learning_curve(SIZES, law(SIZES) * np.tile([0.99, 1, 1.01], 5))
    answer = needed(curve, 1.5)  # 20 / sqrt(n) = 0.5 at 1,600
    assert answer.samples == pytest.approx(1600, rel=0.1)
    assert answer.at_most is None or answer.at_most >= answer.samples
    already = needed(curve, 3)
    assert already.samples == pytest.approx(100, rel=0.1)
    never = needed(curve, 0.5)
    assert never.samples is None
    assert "more data alone" in never.note


def test_refuses_to_forecast_too_far():
    curve = learning_curve(SIZES, law(SIZES))
    assert forecast(curve, 3200).available
    far = forecast(curve, 3201)
    assert not far.available
    assert "beyond 4 times" in far.note


@pytest.mark.parametrize(
    ("sizes", "why"),
    [
        ([100, 200, 400], "3 points at 3 sizes"),
        ([100, 100, 200, 200, 400, 400], "6 points at 3 sizes"),
        ([100, 150, 200, 250, 300], "not 4 times the smallest"),
    ],
)
def test_refuses_too_few_sizes(sizes, why):
    curve = learning_curve(sizes, law(sizes))
    assert why in curve.note
    assert not forecast(curve, 500).available
    assert needed(curve, 1).samples is None


def test_refuses_a_curve_that_does_not_fall():
    generator = np.random.default_rng(1)
    refused = 0
    for trial in range(50):
        flat = 2 * np.exp(generator.normal(0, 0.05, SIZES.size))
        refused += "not shown to fall" in learning_curve(SIZES, flat, count=10, seed=trial).note
    assert refused >= 44
    assert "not shown to fall" in learning_curve(SIZES, 1 + SIZES / 100, count=10).note


def test_bad_points_are_refused():
    with pytest.raises(BadInput, match="E_LEARNING_CURVE"):
        learning_curve([1, 2, 3], [1, 2])
    with pytest.raises(BadInput, match="E_LEARNING_CURVE"):
        learning_curve([100, 200], [1, 0])
