from dataclasses import replace

import numpy as np
import pytest

from assay.simulation import scene
from assay.simulation.laboratory import Laboratory
from assay.simulation.scene import Scene, light


@pytest.fixture(scope="module")
def drawn() -> Scene:
    """A scene off centre, unevenly lit and mixed, with glare."""
    scenes = (Laboratory().scene(sample, 0) for sample in range(100))
    return next(one for one in scenes if len(one.spots) > 2)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_a_turned_scene_shows_the_turned_picture_and_keeps_its_label(drawn, quarters, mirrored):
    turned = scene.turned(drawn, quarters, mirrored)
    picture = light(drawn, 101)
    expected = np.rot90(np.fliplr(picture) if mirrored else picture, quarters)
    np.testing.assert_allclose(light(turned, 101), expected, atol=2e-5)
    assert turned.concentration == drawn.concentration


def band_by_band(one: Scene, size: int) -> np.ndarray:
    """The picture without glare from 31 bands in every pixel: slow, and without approximation."""
    place = scene.positions(size)
    rho2 = scene.well_coordinate(one, place, place)
    spectrum = scene.seen_spectrum(one.temperature, one.tint)
    deviation = scene.uneven(one, place, place, rho2)
    path = one.lot * one.fill * (1 + one.meniscus * (rho2 - 0.5))
    reacted = scene.extent(one.concentration * (1 + deviation), one.lot)
    passed = scene.transmission(path, reacted)
    inside = scene.soft_edge(rho2, one.radius)[..., None]
    share = (1 - inside + inside * passed) @ spectrum.T
    shade = 1 + 2 * one.shading_x * place + 2 * one.shading_y * place[:, None]
    return scene.METERED * one.card * one.exposure * shade[..., None] * share


@pytest.mark.parametrize("preset", ["instrument", "field"])
@pytest.mark.parametrize("sample", range(5))
def test_polynomial_is_as_good_as_all_bands_in_every_pixel(preset, sample):
    one = replace(Laboratory(preset).scene(sample, 0), spots=scene.NO_SPOTS)
    difference = light(one, 100) - band_by_band(one, 100)
    assert np.abs(difference).max() < 1e-5  # the sensor's noise is above 1e-3


@pytest.mark.parametrize("sample", range(5))
def test_label_is_the_mean_concentration_of_the_liquid(sample):
    one = Laboratory().scene(sample, 0)
    place = scene.positions(250)
    rho2 = scene.well_coordinate(one, place, place)
    local = one.concentration * (1 + scene.uneven(one, place, place, rho2))
    mean = np.average(local, weights=scene.volume(one, rho2))
    assert mean == pytest.approx(one.concentration, rel=1e-6)
    inside = rho2 < 1
    assert 0.005 < np.std(local[inside]) / one.concentration < 0.04


def test_mixing_field_has_the_stated_spread_and_correlation():
    place = scene.positions(100)
    rng = np.random.default_rng(1)
    noise = rng.standard_normal((300, len(scene.KNOTS), len(scene.KNOTS)), dtype=np.float32)
    fields = scene.kernel(place) @ noise @ scene.kernel(place).T
    assert fields.std() == pytest.approx(1, rel=0.05)
    apart = round(scene.CORRELATION * 100)
    correlation = (fields[:, :, apart:] * fields[:, :, :-apart]).mean()
    assert correlation == pytest.approx(np.exp(-0.5), abs=0.05)


def test_half_reacts_at_the_half_reacted_concentration_whatever_the_lot():
    assert scene.extent(np.array(210.0)) == pytest.approx(0.5)
    assert scene.extent(np.array(210.0 * 1.01), lot=1.01) == pytest.approx(0.5)
    assert np.all(np.diff(scene.extent(np.linspace(80, 350, 50))) > 0)


def test_twice_the_path_squares_the_transmission():
    once = scene.transmission(np.array(1.0), np.array(0.4))
    np.testing.assert_allclose(scene.transmission(np.array(2.0), np.array(0.4)), once**2)


def test_card_is_grey_under_the_reference_lamp_and_meters_alike_under_any():
    np.testing.assert_allclose(scene.seen_spectrum(5500, 0).sum(axis=1), 1)
    warm, cold = (scene.seen_spectrum(lamp, 0).sum(axis=1) for lamp in (3500, 6500))
    assert warm.argmax() == 0
    assert cold.argmax() == 2
    assert warm.max() == pytest.approx(1)
    assert cold.max() == pytest.approx(1)


def test_rim_of_a_concave_meniscus_is_darker_and_glare_is_brighter():
    flat, concave = (light(Scene(200, meniscus=m), 250) for m in (0.0, 0.3))
    centre, rim = (125, 125, 1), (125, 125 + 82, 1)
    assert concave[centre] > flat[centre]
    assert concave[rim] < flat[rim]
    glaring = light(Scene(200, spots=np.array([[0.1, -0.05, 0.01, 1.0]])), 250)
    assert np.unravel_index(glaring[..., 1].argmax(), (250, 250)) in {(112, 149), (112, 150)}


def test_tiny_photographs_are_scenes_too(drawn):
    tiny = light(drawn, 8)
    assert tiny.shape == (8, 8, 3)
    assert tiny.dtype == np.float32
    assert np.isfinite(tiny).all()
    assert tiny[0, 0, 1] > 1.5 * tiny[4, 4, 1]  # card and liquid
