from __future__ import annotations

import numpy as np
import pytest

from assay.faults import BadInput
from assay.method import cloud


@pytest.fixture
def rows() -> np.ndarray:
    """300 rows of 6 numbers that vary along 2 directions, with little noise."""
    generator = np.random.default_rng(0)
    axes = generator.normal(size=(2, 6))
    noise = generator.normal(0, 0.3, (300, 6))
    return generator.normal(size=(300, 2)) * [3, 1] @ axes + noise + 10


def test_training_rows_lie_at_about_one(rows: np.ndarray) -> None:
    inside, outside = cloud.fit(rows).distances(rows)
    assert np.mean(inside**2) == pytest.approx(1)
    assert np.mean(outside) == pytest.approx(1)


def test_t2_is_hotellings(rows: np.ndarray) -> None:
    fitted = cloud.fit(rows)
    count = len(fitted.spread)
    values = (rows - fitted.centre) / fitted.scale
    scores = values @ fitted.components.T
    inverse = np.linalg.inv(np.cov(scores.T, bias=True).reshape(count, count))
    wanted = np.einsum("ij,jk,ik->i", scores, inverse, scores) / count
    assert np.allclose(fitted.distances(rows)[0] ** 2, wanted)


def test_off_the_plane_is_q_and_far_on_it_is_t2(rows: np.ndarray) -> None:
    fitted = cloud.fit(rows)
    along = fitted.centre + fitted.scale * 20 * fitted.spread[0] * fitted.components[0]
    normal = np.linalg.svd(fitted.components)[2][-1]
    away = fitted.centre + fitted.scale * normal
    inside, outside = fitted.distances(np.stack([along, away]))
    assert inside[0] > 8 > 1e-6 > outside[0]
    assert outside[1] > 5 > 1e-6 > inside[1]


def test_columns_that_hardly_vary_are_not_blown_up() -> None:
    rows = np.random.default_rng(1).normal(0, [1, 1e-9, 0], (50, 3))
    inside, outside = cloud.fit(rows, least=0.1).distances(rows + np.array([0, 0.01, 0.01]))
    assert max(inside.max(), outside.max()) < 5


def test_arrays_bring_it_back(rows: np.ndarray) -> None:
    fitted = cloud.fit(rows)
    arrays = fitted.arrays("cloud.x")
    again = cloud.load(arrays, "cloud.x", 6)
    assert np.array_equal(fitted.distances(rows)[1], again.distances(rows)[1])
    wrong = [
        {"cloud.x.scale": arrays["cloud.x.scale"] * 0},
        {"cloud.x.centre": arrays["cloud.x.centre"] * np.nan},
        {"cloud.x.components": arrays["cloud.x.components"][:, :5]},
    ]
    for change in wrong:
        with pytest.raises(BadInput, match="makes no sense"):
            cloud.load(arrays | change, "cloud.x", 6)
    with pytest.raises(BadInput, match="makes no sense"):
        cloud.load({}, "cloud.x", 6)
