import io

import numpy as np
import pytest
from PIL import Image

from assay.simulation import camera
from assay.simulation.laboratory import Laboratory
from assay.simulation.scene import light


def test_srgb_curve_has_the_standards_values():
    # 18 % grey is 118, half of full scale 188; below 0.0031308 the curve is a line
    codes = 255 * camera.srgb(np.array([0.0, 0.001, 0.18, 0.5, 1.0, 7.0]))
    np.testing.assert_allclose(codes, [0, 3.2946, 117.645, 187.515, 255, 255], atol=0.01)


@pytest.mark.parametrize("level", [0.002, 0.05, 0.3, 0.7, 0.99, 1.3])
def test_response_is_the_mean_and_variance_of_photographs(level):
    flat = np.full((300, 300, 3), level, np.float32)
    photo = camera.photograph(flat, np.random.default_rng(1)).astype(float)
    mean, _, variance = (float(x) for x in camera.response(np.float32(level)))
    assert photo.mean() == pytest.approx(mean, abs=4 * (variance / photo.size) ** 0.5)
    assert photo.var() == pytest.approx(variance, rel=0.04)


def test_slope_of_the_response_is_its_derivative_and_a_full_pixel_has_none():
    below, above = (camera.response(np.array(0.4 + step))[0] for step in (-1e-3, 1e-3))
    slope = camera.response(np.array(0.4))[1]
    assert slope == pytest.approx((above - below) / 2e-3, rel=1e-3)
    assert camera.response(np.array(1.2))[1] == 0


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    laboratory = Laboratory()
    return camera.photograph(light(laboratory.scene(3, 0), 120), laboratory.noise(3, 0))


def test_png_holds_the_very_pixels_and_is_smaller_than_they_are(photo):
    content = camera.encode(photo, "png")
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        assert (image.format, image.mode) == ("PNG", "RGB")
        np.testing.assert_array_equal(np.asarray(image), photo)
    assert len(content) < 0.7 * photo.nbytes


def test_png_of_an_oblong_picture_is_not_turned():
    oblong = np.arange(2 * 5 * 3, dtype=np.uint8).reshape(2, 5, 3)
    with Image.open(io.BytesIO(camera.encode(oblong, "png"))) as image:
        np.testing.assert_array_equal(np.asarray(image), oblong)


def test_jpeg_is_close(photo):
    with Image.open(io.BytesIO(camera.encode(photo, "jpeg"))) as image:
        assert image.format == "JPEG"
        difference = np.asarray(image).astype(float) - photo
    assert np.abs(difference).mean() < 2.5
