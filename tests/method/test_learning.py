from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assay.method import container, intervals, judgement, learning, values
from assay.method.description import Intervals
from assay.method.learning import Learnt, OutOfFold
from assay.quantity import Quantity

QUANTITIES = [
    Quantity("dose", "mg/L", 80.0, 350.0),
    Quantity("dose", "mg/L", 80.0, 350.0, "log10"),
]


def calibrated(
    quantity: Quantity, error: float
) -> tuple[np.ndarray, Intervals, intervals.Calibration]:
    """Values found of 800 known ones in the range, with a constant error (SD), and intervals."""
    generator = np.random.default_rng(0)
    known = generator.uniform(80, 350, 800)
    free, number = np.maximum(known + generator.normal(0, error, 800), 1), np.arange(800)
    found = np.clip(free, 80, 350)
    data = OutOfFold(known, found, number % 5, number, number)
    return free, *learning.calibrated(data, quantity.scale, 0.9)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("error", [2.0, 30.0])
def test_few_of_trainings_own_values_are_refused_as_beyond_the_range(
    quantity: Quantity, error: float
) -> None:
    """Also where the model errs by a tenth of the range, and many are found outside of it."""
    free, told, calibration = calibrated(quantity, error)
    learnt = Learnt()
    on_scale = values.on_scale(free, quantity)
    learning.add_range(learnt, on_scale, np.arange(800) % 5, told, calibration, quantity)
    limit = learnt.limits["beyond"]
    assert limit.n == 800
    assert limit.refused == learnt.refused.sum() <= 0.015 * 800
    assert limit.warned > 10


def test_photographs_are_judged_by_that_limit(baseline_method: Path) -> None:
    description = container.read(baseline_method).description
    limit = replace(description.limits["beyond"], refuse=2.0)
    other = replace(description, limits=description.limits | {"beyond": limit})
    for value, verdicts in ((365, (False, True)), (375, (True, False)), (340, (False, False))):
        assert tuple(map(bool, judgement.of_value(value, value, (10, 8), other))) == verdicts
