from __future__ import annotations

import numpy as np
import pytest

from assay.method import standards
from assay.statistics.samples import per_sample


def learnt(known: np.ndarray, found: np.ndarray, usual: float = 5.0) -> tuple[str, float, float]:
    samples = per_sample(np.arange(len(known)), known, found)
    adjustment = standards.learnt(samples, "linear", usual)
    return adjustment.method, adjustment.offset, adjustment.slope


def test_an_exact_line_is_taken() -> None:
    found = np.array([100.0, 200, 300, 340])
    method, offset, slope = learnt(5 + 1.1 * found, found)
    assert (method, round(offset, 6), round(slope, 6)) == ("slope and bias", 5, 1.1)


def test_chance_alone_changes_little_and_never_the_slope_at_random() -> None:
    generator = np.random.default_rng(0)
    known = np.linspace(90, 340, 5)
    slopes, offsets = [], []
    for _ in range(400):
        method, offset, _ = learnt(known, known + generator.normal(0, 5, 5))
        slopes.append(method == "slope and bias")
        offsets.append(offset)
    assert np.mean(slopes) < 0.03
    assert np.std([o for o, s in zip(offsets, slopes, strict=True) if not s]) < 0.9 * 5 / np.sqrt(5)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_bias_well_above_chance_is_taken_almost_whole(count: int) -> None:
    known = np.linspace(100, 300, count)
    found = known - 50 + np.resize([1.0, -1], count)
    method, offset, slope = learnt(known, found)
    assert (method, slope) == ("bias", 1.0)
    assert 47 < offset < 51


def test_one_standard_within_the_usual_error_changes_nothing() -> None:
    assert learnt(np.array([200.0]), np.array([204.0])) == ("bias", 0.0, 1.0)
