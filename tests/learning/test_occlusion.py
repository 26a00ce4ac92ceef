from __future__ import annotations

import numpy as np
import pytest

from assay.learning import occlusion
from assay.learning.occlusion import Predict

STILL = 0.027  # 1e-4 of a range of 270


def pictures(number: int, size: int = 32, seed: int = 0) -> np.ndarray:
    """Grey noise with a dark square at rows 16 to 23 and columns 4 to 11."""
    generator = np.random.default_rng(seed)
    drawn = generator.integers(150, 200, (number, size, size, 3), dtype=np.uint8)
    drawn[:, 16:24, 4:12] = generator.integers(20, 60, (number, 8, 8, 3), dtype=np.uint8)
    return drawn


def of_square(images: np.ndarray) -> np.ndarray:
    """A model that looks at the dark square alone."""
    return 100 + images[:, 16:24, 4:12].mean(axis=(1, 2, 3))


def judged(predict: Predict, number: int = 3) -> list[occlusion.Deletion]:
    tests = []
    for place, picture in enumerate(pictures(number)):
        values = occlusion.saliency(predict, picture)
        generator = np.random.default_rng(place)
        tests.append(occlusion.deletion(predict, picture, values, STILL, generator))
    return tests


def test_a_model_that_looks_at_one_square_is_found_out_and_its_maps_beat_random_ones() -> None:
    values = occlusion.saliency(of_square, pictures(1)[0])
    assert values.shape == (16, 16)
    row, column = np.unravel_index(np.abs(values).argmax(), values.shape)
    assert 8 <= row < 12
    assert 2 <= column < 6
    inside = np.zeros((16, 16), dtype=bool)
    inside[7:13, 1:7] = True  # a window reaches one cell further than the square
    assert np.all(values[~inside] == 0)
    tests = judged(of_square)
    assert all(one.direction == 1 for one in tests), "hiding the dark square raises the answer"
    assert occlusion.p_value(tests) == pytest.approx(1 / 40)


def test_a_constant_has_no_map() -> None:
    tests = judged(lambda images: np.full(len(images), 200.0))
    assert [one.direction for one in tests] == [0, 0, 0]
    assert occlusion.p_value(tests) is None


def test_noise_far_below_the_range_is_no_map() -> None:
    generator = np.random.default_rng(0)
    tests = judged(lambda images: 200 + 1e-5 * generator.standard_normal(len(images)))
    assert occlusion.p_value(tests) is None


def test_a_map_that_points_elsewhere_does_not_pass() -> None:
    tests = []
    for place, picture in enumerate(pictures(3)):
        values = np.roll(occlusion.saliency(of_square, picture), (8, 8), axis=(0, 1))
        generator = np.random.default_rng(place)
        tests.append(occlusion.deletion(of_square, picture, values, STILL, generator))
    assert occlusion.p_value(tests) > 0.3


def test_maps_that_say_nothing_pass_no_more_often_than_promised() -> None:
    """The model weighs every pixel at random, the map is another random one."""
    generator = np.random.default_rng(1)
    picture = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    passed = 0
    for _ in range(100):
        weights = generator.standard_normal(picture.shape)
        values = generator.standard_normal((4, 4))
        test = occlusion.deletion(
            lambda images, w=weights: 200 + (images * w).mean(axis=(1, 2, 3)),
            *(picture, values, 0.0, generator),
        )
        passed += occlusion.p_value([test]) <= occlusion.FINE
    assert passed <= 11, "5 % of 100, and two and a half standard deviations"


def test_moving_a_map_keeps_its_cells_and_takes_its_peak_elsewhere() -> None:
    values = np.arange(256.0).reshape(16, 16)
    generator = np.random.default_rng(0)
    peaks = set()
    for _ in range(50):
        away = occlusion.moved(values, generator)
        assert np.array_equal(np.sort(away, axis=None), values.ravel())
        assert not np.array_equal(away, values)
        peaks.add(int(away.argmax()))
    assert len(peaks) > 30


def test_what_is_hidden_takes_the_mean_colour_and_the_rest_stays() -> None:
    picture = pictures(1)[0]
    mask = np.zeros((16, 16), dtype=bool)
    mask[0, 3] = True
    seen = occlusion.hidden(picture, mask)
    assert np.all(seen[:2, 6:8] == np.round(picture.mean(axis=(0, 1))))
    changed = np.any(seen != picture, axis=2)
    assert not changed[2:].any()
    assert not changed[:, 8:].any()


@pytest.mark.parametrize("size", [5, 16, 63, 250])
def test_cells_cover_a_picture_of_any_size(size: int) -> None:
    edges = occlusion.cells_of(size)
    assert edges[0] == 0
    assert edges[-1] == size
    assert np.all(np.diff(edges) > 0)


def test_shifts_are_in_units_of_the_scale() -> None:
    picture, mask = pictures(1)[0], np.ones((16, 16), dtype=bool)
    linear = occlusion.shifts(of_square, picture, [mask], "linear")[0]
    decades = occlusion.shifts(of_square, picture, [mask], "log10")[0]
    before = of_square(picture[None])[0]
    assert decades == pytest.approx(np.log10((before + linear) / before))


def test_the_mean_shift_is_the_area_under_the_curve() -> None:
    shares = np.array(occlusion.SHARES)
    assert occlusion.mean_shift(10 * shares) == pytest.approx(5 * shares[-1])
