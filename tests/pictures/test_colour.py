"""Colour arithmetic, against published values."""

from __future__ import annotations

import numpy as np
import pytest

from assay.pictures import colour
from assay.simulation import camera


def test_linear_light_undoes_the_curve_of_srgb() -> None:
    np.testing.assert_allclose(
        np.rint(255 * camera.srgb(colour.linear_light())), np.arange(256), atol=0
    )


def test_optical_density_of_a_tenth_is_1_and_of_nothing_the_floor() -> None:
    found = colour.optical_density(np.array([1.0, 0.1, 0.0]))
    np.testing.assert_allclose(found, [0, 1, 3])


@pytest.mark.parametrize(
    ("rgb", "expected"),  # L*, a*, b* under D65 as published for sRGB primaries (Lindbloom)
    [
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_the_primaries(rgb: tuple[int, ...], expected: tuple[float, ...]) -> None:
    found = colour.lab(colour.linear_light()[np.array(rgb)])
    np.testing.assert_allclose(found, expected, atol=0.05)


@pytest.mark.parametrize("size", [24, 64, 250])
@pytest.mark.parametrize("kind", ["whole", "centre_border", "left_right", "grid"])
def test_zones_share_out_the_picture(kind: str, size: int) -> None:
    masks = colour.zones(kind, size)
    assert len(masks) == {"whole": 1, "centre_border": 3, "left_right": 2, "grid": 9}[kind]
    assert np.array_equal(np.sum(masks, axis=0), np.ones((size, size)))
    assert all(mask.any() for mask in masks)


def test_the_disc_turns_into_itself() -> None:
    for mask in colour.zones("centre_border", 64):
        assert np.array_equal(np.rot90(mask), mask)
