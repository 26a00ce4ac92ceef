from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from assay.pictures import area


def exact(pixels: np.ndarray, size: int) -> np.ndarray:
    """Area average by fractions: slow and certain."""
    height, width, channels = pixels.shape
    result = np.zeros((size, size, channels), dtype=np.uint8)
    for i in range(size):
        for j in range(size):
            top, bottom = Fraction(i * height, size), Fraction((i + 1) * height, size)
            left, right = Fraction(j * width, size), Fraction((j + 1) * width, size)
            total = [Fraction(0)] * channels
            for y in range(int(top), -(-bottom.numerator // bottom.denominator)):
                for x in range(int(left), -(-right.numerator // right.denominator)):
                    part = (min(bottom, y + 1) - max(top, y)) * (min(right, x + 1) - max(left, x))
                    for c in range(channels):
                        total[c] += part * int(pixels[y, x, c])
            for c in range(channels):
                mean = total[c] / ((bottom - top) * (right - left))
                result[i, j, c] = int(mean + Fraction(1, 2))
    return result


@pytest.mark.parametrize(("side", "size"), [(25, 7), (10, 5), (7, 7), (5, 12), (33, 2)])
def test_each_pixel_is_the_mean_over_its_own_square(side: int, size: int) -> None:
    pixels = np.random.default_rng(side).integers(0, 256, (side, side, 3), dtype=np.uint8)
    assert np.array_equal(area.resize(pixels, size), exact(pixels, size))


def test_stretch_squeezes_both_sides_by_their_own_ratio() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (9, 21, 3), dtype=np.uint8)
    assert np.array_equal(area.resize(pixels, 4, "stretch"), exact(pixels, 4))


def test_sixteen_bit_pictures_keep_their_depth_until_the_last_rounding() -> None:
    pixels = np.full((4, 4, 3), 128 * 257, dtype=np.uint16)
    pixels[::2] += 128  # half a level more in every other row: the mean is a quarter more
    assert np.array_equal(area.resize(pixels, 2), np.full((2, 2, 3), 128))
    pixels[:] += 65
    assert np.array_equal(area.resize(pixels, 2), np.full((2, 2, 3), 129))


def test_the_eight_symmetries_commute_with_resizing() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (250, 250, 3), dtype=np.uint8)
    small = area.resize(pixels, 64)
    for turns in range(4):
        for mirrored in (pixels, pixels[:, ::-1]):
            turned = area.resize(np.ascontiguousarray(np.rot90(mirrored, turns)), 64)
            wanted = np.rot90(small if mirrored is pixels else small[:, ::-1], turns)
            assert np.array_equal(turned, wanted)


def test_crop_takes_the_middle_and_pad_repeats_the_border() -> None:
    pixels = np.zeros((2, 6, 3), dtype=np.uint8)
    pixels[:, 2:4] = 90
    assert (area.square(pixels, "crop") == 90).all()
    padded = area.square(pixels, "pad")
    assert padded.shape == (6, 6, 3)
    assert np.array_equal(padded[0], pixels[0])


def test_other_types_are_refused() -> None:
    with pytest.raises(ValueError, match="float32"):
        area.resize(np.zeros((4, 4, 3), dtype=np.float32), 2)


def test_the_same_size_is_a_copy() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    found = area.resize(pixels, 9)
    assert np.array_equal(found, pixels[:, 1:10])
    assert not np.shares_memory(found, pixels)
