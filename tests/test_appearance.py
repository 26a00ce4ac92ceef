from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from assay import cli, files
from assay.appearance import appearance, border, frame, look, sharpness


def scene(size: int = 40) -> np.ndarray:
    """A dark disc on a white card, uint8 (S, S, 3)."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    picture = np.full((size, size, 3), 230, dtype=np.uint8)
    picture[np.hypot(x, y) < size / 4] = (90, 60, 20)
    return picture


def test_exposure_is_the_share_of_full_light() -> None:
    assert look(np.full((9, 9, 3), 255, np.uint8))["exposure"] == pytest.approx(1)
    assert look(np.full((9, 9, 3), 188, np.uint8))["exposure"] == pytest.approx(0.5, abs=0.005)
    green = np.zeros((9, 9, 3), np.uint8)
    green[..., 1] = 255
    assert look(green)["exposure"] == pytest.approx(0.7152)


def test_clipped_and_dark_are_shares_of_pixels() -> None:
    picture = np.full((10, 10, 3), 128, np.uint8)
    picture[0, :, 2] = 255  # one channel at its end is enough
    picture[5:8] = 5
    found = look(picture)
    assert found["clipped"] == pytest.approx(0.1)
    assert found["dark"] == pytest.approx(0.3)


def test_blur_lowers_sharpness_and_half_the_exposure_hardly_does() -> None:
    picture = scene()
    blurred = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(2)))
    assert sharpness(blurred) < 0.1 * sharpness(picture)
    assert sharpness(np.full((8, 8, 3), 77, np.uint8)) == 0
    assert sharpness(np.full((2, 2, 3), 77, np.uint8)) == 0


def test_sharpness_is_the_variance_of_the_laplacian_of_luma() -> None:
    picture = np.zeros((3, 4, 3), np.uint8)
    picture[1, 1] = 100
    # Laplacians of the two inner pixels: -400 and +100
    assert sharpness(picture) == pytest.approx(np.var([-400, 100]))


def test_the_border_is_the_outer_twentieth() -> None:
    assert frame(40).sum() == 40**2 - 36**2
    assert frame(8).sum() == 8**2 - 6**2
    assert frame(2).all()


def test_a_light_even_border_is_a_card_and_a_dark_or_uneven_one_is_not() -> None:
    white = np.full((100, 3), 230, np.uint8)
    found = border(white)
    assert found["card"] == 1
    assert found["border_L"] == pytest.approx(91.3, abs=0.3)
    assert abs(found["border_a"]) < 0.1
    uneven = white.copy()
    uneven[:30] = 120
    assert border(uneven)["card"] == 0
    assert border(np.zeros((100, 3), np.uint8))["card"] == 0
    assert border(np.array([[230, 220, 190]] * 9, np.uint8))["border_b"] > 10


def test_the_table_has_a_row_for_each_photograph(tmp_path: Path) -> None:
    pictures = np.stack([scene(), scene()[::-1], np.full((40, 40, 3), 20, np.uint8)])
    files.save_array(
        tmp_path / "images.npy", pictures.shape, lambda target: np.copyto(target, pictures)
    )
    appearance([tmp_path / "images.npy"], tmp_path / "appearance.csv")
    table = files.read_table(tmp_path / "appearance.csv")
    assert list(table["photo"]) == [0, 1, 2]
    assert list(table["card"]) == [1, 1, 0]
    assert table["exposure"][0] == pytest.approx(table["exposure"][1])
    assert "--images" in cli.parser(appearance).format_help()
