from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from assay.pictures import area
from assay.simulation import camera, limit
from assay.simulation.laboratory import Laboratory, Normal
from assay.simulation.scene import NO_SPOTS, WELL_MIXED, Scene, light, positions

LABORATORY = Laboratory()
PRIORS = LABORATORY.priors()


def plain(concentration: float, sample: int = 0) -> Scene:
    scene = LABORATORY.scene(sample, 0)
    return replace(scene, concentration=concentration, spots=NO_SPOTS, mixing=WELL_MIXED)


def rms(values: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def test_average_is_the_resizing_that_training_pictures_get():
    picture = np.random.default_rng(1).integers(0, 256, (50, 50, 3)).astype(np.uint8)
    for size in (8, 16, 50):
        exact = limit.average(picture.astype(np.float32), size)
        np.testing.assert_array_equal(area.resize(picture, size), np.floor(exact + 0.5 + 1e-5))


def test_limit_grows_with_concentration_and_shrinks_with_pixels():
    table = np.array([limit.sd_limits(plain(c), PRIORS, [32, 64, 250]) for c in (80, 210, 350)])
    assert (np.diff(table, axis=0) > 0).all()
    assert (np.diff(table, axis=1) < 0).all()
    assert 0.02 < table.min() < table.max() < 0.4


def test_knowing_a_nuisance_lowers_the_limit():
    known = {name: normal for name, normal in PRIORS.items() if name != "fill"}
    assert limit.sd_limits(plain(200), known, [64]) < limit.sd_limits(plain(200), PRIORS, [64])


def test_unknown_lot_costs_about_its_own_spread():
    field = Laboratory("field").priors()
    (found,) = limit.sd_limits(plain(200), field, [64])
    assert found == pytest.approx(0.01 * 200, rel=0.1)


def test_glare_and_uneven_mixing_cost_little_and_never_help():
    scenes = [replace(LABORATORY.scene(sample, 0), concentration=200.0) for sample in (1, 3)]
    assert all(len(scene.spots) for scene in scenes)
    full = [limit.sd_limits(scene, PRIORS, [64])[0] for scene in scenes]
    for what in ({"spots": NO_SPOTS}, {"mixing": WELL_MIXED}):
        bare = [limit.sd_limits(replace(scene, **what), PRIORS, [64])[0] for scene in scenes]
        assert 1 <= rms(full) / rms(bare) < 1.1


def by_brute_force(scene: Scene, size: int) -> float:
    """The limit with one difference picture per knot of the mixing field."""
    linear = limit.linearise(scene, PRIORS, size)
    _, slope, _ = camera.response(light(scene, size))
    knots = []
    for index in np.ndindex(*scene.mixing.shape):
        step = np.zeros_like(scene.mixing)
        step[index] = 0.05
        up, down = (replace(scene, mixing=scene.mixing + s) for s in (step, -step))
        knots.append(slope * (light(up, size) - light(down, size)) / 0.1)
    everything = replace(linear, slopes=np.concatenate([linear.slopes, knots]))
    known = everything.information()
    known += np.eye(len(known))
    return PRIORS["concentration"][1] * float(np.linalg.inv(known)[0, 0] ** 0.5)


def test_mixing_as_unknown_equals_brute_force():
    scene = replace(LABORATORY.scene(3, 0), concentration=150.0)
    (found,) = limit.sd_limits(scene, PRIORS, [40], photo_size=40)
    (mixed,) = limit.sd_limits(replace(scene, mixing=WELL_MIXED), PRIORS, [40], photo_size=40)
    brute = by_brute_force(scene, 40)
    assert found == pytest.approx(brute, rel=2e-3)
    assert found - mixed > 4 * abs(found - brute)  # the test can tell


class Fit:
    """Maximum a posteriori fit of the scene to a small picture, blind to the truth.

    Gauss-Newton in units of the prior: from a threshold for the pose and prior means for the rest.
    """

    def __init__(self, priors: dict[str, Normal]):
        self.names = list(priors)
        self.priors = priors
        self.mean, self.deviation = np.array(list(priors.values())).T

    def start(self, small: np.ndarray) -> np.ndarray:
        green, place = small[..., 1].astype(float), positions(len(small))
        well = green < (green.min() + green.max()) / 2
        pose = {
            "radius": np.sqrt(well.sum() / np.pi) / len(small),
            "centre_x": (well.sum(axis=0) @ place) / well.sum(),
            "centre_y": (well.sum(axis=1) @ place) / well.sum(),
        }
        unknowns = self.mean.copy()
        for name, value in pose.items():
            unknowns[self.names.index(name)] = value
        return (unknowns - self.mean) / self.deviation

    def scene(self, unknowns: np.ndarray) -> Scene:
        values = self.mean + self.deviation * unknowns
        return Scene(**dict(zip(self.names, values.tolist(), strict=True)))

    def concentration(self, small: np.ndarray, iterations: int = 20) -> float:
        unknowns = self.start(small)
        for _ in range(iterations):
            linear = limit.linearise(self.scene(unknowns), self.priors).averaged(len(small))
            residual = (small - linear.picture) / linear.variance
            slope = np.tensordot(linear.slopes, residual, 3) - unknowns
            step = np.linalg.solve(linear.information() + np.eye(len(slope)), slope)
            unknowns += step * min(1, 2 / np.abs(step).max())
            if np.abs(step).max() < 0.03:  # the next step would be its square
                return self.scene(unknowns).concentration
        raise AssertionError("the fit did not settle")


@pytest.mark.slow
def test_a_fit_of_the_scene_reaches_the_limit():
    """Seeds are fixed; the sampling error of the ratio at n = 200 is about 0.06."""
    laboratory = Laboratory(glare=False, mixing=False)
    fit, errors, limits = Fit(laboratory.priors()), [], []
    with threadpool_limits(1):
        for sample in range(200):
            scene = laboratory.scene(sample, 0)
            photo = camera.photograph(light(scene), laboratory.noise(sample, 0))
            errors.append(fit.concentration(area.resize(photo, 64)) - scene.concentration)
            limits.append(limit.sd_limits(scene, laboratory.priors(), [64])[0])
    assert 0.8 < rms(errors) / rms(limits) < 1.2
    standard = np.array(errors) / limits
    assert 0.85 < rms(standard) < 1.15
    assert abs(standard.mean()) < 4 / 200**0.5
