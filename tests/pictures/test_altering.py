from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from assay.experiment import AUGMENTATIONS
from assay.pictures import altering, area


def smooth(size: int = 50) -> np.ndarray:
    """A picture without symmetry whose colours change slowly."""
    y, x = np.mgrid[0:size, 0:size] / size
    waves = [np.sin(3 * x + y), np.cos(2 * y - x), np.sin(4 * x * y)]
    return (127 + 100 * np.stack(waves, axis=2)).astype(np.uint8)


def drawn(angle: float = 0.0, mirror: bool = False, **changes: float) -> altering.Draw:
    """A draw that does nothing but what is named."""
    names = ("shift_x", "shift_y", "brightness", "gamma", "noise")
    return altering.Draw(angle, mirror, **{name: changes.get(name, 0.0) for name in names})


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_sampling_turns_and_mirrors_as_the_exact_path_does(turns: int, mirror: bool) -> None:
    exact = altering.move(smooth(), 16, drawn(90.0 * turns, mirror))
    sampled = altering.move(smooth(), 16, drawn(90.0 * turns + 1e-6, mirror))
    assert np.abs(exact - sampled).max() * 255 < 2


@pytest.mark.parametrize("mirror", [False, True])
def test_a_place_is_where_the_matrix_of_turn_mirror_and_shift_puts_it(mirror: bool) -> None:
    given = drawn(37.0, mirror, shift_x=0.03, shift_y=-0.04)
    cosine, sine, flip = math.cos(math.radians(37)), math.sin(math.radians(37)), 1 - 2 * mirror
    matrix = [[flip * cosine, -flip * sine, -0.06], [sine, cosine, 0.08]]
    expected = functional.affine_grid(torch.tensor([matrix]), [1, 3, 40, 40], align_corners=False)
    assert np.abs(altering.places(40, given) - expected[0].numpy()).max() < 1e-6


@pytest.mark.parametrize("size", [16, 25, 50])
def test_a_pixel_is_the_mean_of_the_places_in_it(size: int) -> None:
    given, points = drawn(37.0, True, shift_x=0.03), max(2, math.ceil(50 / size))
    source = torch.from_numpy(smooth().astype(np.float64)).permute(2, 0, 1)[None]
    grid = torch.from_numpy(altering.places(size * points, given).astype(np.float64))[None]
    sampled = functional.grid_sample(source, grid, padding_mode="reflection", align_corners=False)
    expected = functional.avg_pool2d(sampled, points)[0].permute(1, 2, 0).numpy()
    found = altering.move(smooth(), size, given)
    assert found.dtype == np.float32
    assert np.abs(found * 255 - expected).max() < 1e-3


def test_a_right_angle_is_exact() -> None:
    turned = altering.move(smooth(), 16, drawn(90.0))
    assert np.array_equal(np.rot90(area.resize(smooth(), 16)) / np.float32(255), turned)


def test_a_shift_moves_the_picture_to_the_right_and_down() -> None:
    still = altering.move(smooth(64), 64, drawn())
    moved = altering.move(smooth(64), 64, drawn(shift_x=0.125, shift_y=0.25))
    assert np.abs(moved[20:60, 12:60] - still[4:44, 4:52]).max() * 255 < 2


def test_a_turn_back_restores_the_middle() -> None:
    once = altering.move(smooth(100), 100, drawn(30.0))
    pixels = (once * 255).round().astype(np.uint8)
    back = altering.move(pixels, 100, drawn(-30.0))
    assert np.abs(back[35:65, 35:65] * 255 - smooth(100)[35:65, 35:65]).max() < 4


def test_colour_changes_follow_their_formulas() -> None:
    values = np.full((2, 2, 3), 0.5, dtype=np.float32)
    generator = np.random.default_rng(0)
    brighter = altering.recolour(values, drawn(brightness=0.1), generator)
    assert (brighter == round(0.6 * 255)).all()
    darker = altering.recolour(values, drawn(gamma=1.0), generator)
    assert (darker == round(0.25 * 255)).all()
    noisy = altering.recolour(np.full((200, 200, 3), 0.5), drawn(noise=0.02), generator)
    assert noisy.std() == pytest.approx(0.02 * 255, rel=0.05)


def test_seven_right_angle_copies_are_the_seven_other_symmetries() -> None:
    preset = AUGMENTATIONS["dihedral"]
    found = {(d.angle, d.mirror) for d in (altering.draw(preset, 5, n, 1) for n in range(7))}
    assert len(found) == 7
    assert (0.0, False) not in found


def test_each_draw_stays_in_its_range() -> None:
    preset = AUGMENTATIONS["fischer"]
    draws = [altering.draw(preset, photo, 0, 1) for photo in range(500)]
    assert max(abs(d.shift_x) for d in draws) <= 0.05
    assert min(d.gamma for d in draws) >= -0.5
    assert max(d.gamma for d in draws) <= 0.1
    assert {d.mirror for d in draws} == {False, True}
    assert max(d.angle for d in draws) > 300
