from __future__ import annotations

import numpy as np
import pytest

from assay.method.appearance import Appearance, appearance
from assay.pictures import area
from unsuitable import blurred, shot, usual


def seen(pixels: np.ndarray, size: int = 64) -> Appearance:
    return appearance(pixels, area.resize(pixels, size))


def test_saturation_is_a_share_of_the_pixels_as_read() -> None:
    pixels = np.full((40, 40, 3), 200, np.uint8)
    pixels[:10, :20, 1] = 255
    assert seen(pixels, 20).saturated == 200 / 1600
    deep = pixels.astype(np.uint16) * 257
    assert seen(deep, 20).saturated == 200 / 1600
    assert seen(deep - 1, 20).saturated == 0


def test_darkness_counts_stops() -> None:
    one = seen(shot(usual())).dark
    assert seen(shot(usual(exposure=0.25))).dark - one == pytest.approx(2, abs=0.1)
    assert seen(np.zeros((64, 64, 3), np.uint8)).dark == 12


def test_blur_grows_with_the_radius_and_hardly_with_light() -> None:
    values = [seen(blurred(radius)).blurred for radius in (0, 2, 4, 8)]
    assert np.all(np.diff(values) > 0.2)
    assert seen(shot(usual(exposure=0.5))).blurred == pytest.approx(values[0], abs=0.5)


def test_turning_and_mirroring_change_nothing() -> None:
    photo = shot(usual())
    one, other = seen(photo), seen(np.rot90(photo[:, ::-1]).copy())
    assert one.saturated == other.saturated
    assert np.allclose(one.colours, other.colours)
    assert np.isclose(one.blurred, other.blurred)
    assert np.isclose(one.dark, other.dark)


def test_colours_are_means_and_spreads_of_three_zones() -> None:
    grey = np.full((64, 64, 3), 119, np.uint8)
    assert np.allclose(seen(grey).colours, np.tile([50.0, 0, 0, 0, 0, 0], 3), atol=0.5)
    assert seen(shot(usual())).colours.shape == (18,)
