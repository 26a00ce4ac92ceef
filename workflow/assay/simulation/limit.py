"""The limit: how exactly a photograph can tell the concentration at all.

The sensor's noise and the scene's laws are known, so the Fisher information J of the concentration
and every nuisance is J = D' V^-1 D + P: D the slopes of the expected picture at the trained size, V
the variance of its pixels, P what is known before the photograph (Bayesian Cramer-Rao bound: van
Trees 1968, Detection, Estimation, and Modulation Theory I). The limit is sqrt([J^-1]_cc).
Glare and uneven mixing are unknowns too. A result below the limit betrays a leak: where reagent
lots differ, say, a model that has seen the lot knows more than the photograph tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assay.pictures import area
from assay.simulation import camera
from assay.simulation.laboratory import SPOT_PRIOR, Normal
from assay.simulation.scene import MIXING, Scene, kernel, light, positions, volume, well_coordinate

STEP = 0.02  # of central differences, in prior standard deviations


@dataclass(frozen=True)
class Linearised:
    """An expected picture (side, side, 3), its variance, and its slopes (P, side, side, 3).

    Slopes are per prior standard deviation of each unknown, so that prior information is 1. The
    first unknown is the concentration.
    """

    picture: np.ndarray
    variance: np.ndarray
    slopes: np.ndarray

    def averaged(self, size: int) -> Linearised:
        """The same at the trained size.

        Neighbours share source pixels at their borders; the variance is as if they didn't, which is
        right for all that is smooth on their scale. Rounding the small picture adds 1/12.
        """
        side = len(self.picture)
        if size == side:
            return self
        variance = average(self.variance, size) * (size / side) ** 2 + 1 / 12
        return Linearised(average(self.picture, size), variance, average(self.slopes, size))

    def information(self) -> np.ndarray:
        """Fisher information of the picture on the unknowns, (P, P), without the prior's."""
        slopes = self.slopes.reshape(len(self.slopes), -1).astype(np.float64)
        return slopes / self.variance.ravel() @ slopes.T


def average(pictures: np.ndarray, size: int) -> np.ndarray:
    """Area-average square pictures (..., side, side, 3) to (..., size, size, 3)."""
    *many, side, _, channels = pictures.shape
    weights = (area.overlaps(side, size) / side).astype(pictures.dtype)
    rows = weights @ pictures.reshape(*many, side, side * channels)
    return weights @ rows.reshape(*many, size, side, channels)


def linearise(scene: Scene, priors: dict[str, Normal], photo_size: int = 250) -> Linearised:
    """The expected photograph of `scene` and what each unknown changes in it.

    priors: mean and standard deviation per unknown, concentration first (Laboratory.priors). Glare
    adds four unknowns per spot.
    """
    mean, slope, variance = camera.response(light(scene, photo_size))
    pairs = [*_scalars(scene, priors), *_spots(scene)]
    changes = np.stack([light(up, photo_size) - light(down, photo_size) for up, down in pairs])
    changes *= slope / (2 * STEP)
    return Linearised(mean, variance, changes)


def _scalars(scene: Scene, priors: dict[str, Normal]) -> Iterator[tuple[Scene, Scene]]:
    for name, (_, deviation) in priors.items():
        value, step = getattr(scene, name), STEP * deviation
        yield replace(scene, **{name: value + step}), replace(scene, **{name: value - step})


def _spots(scene: Scene) -> Iterator[tuple[Scene, Scene]]:
    for index in np.ndindex(*scene.spots.shape):
        step = np.zeros_like(scene.spots)
        step[index] = STEP * SPOT_PRIOR[index[1]]
        yield replace(scene, spots=scene.spots + step), replace(scene, spots=scene.spots - step)


def sd_limits(
    scene: Scene, priors: dict[str, Normal], sizes: Sequence[int], photo_size: int = 250
) -> list[float]:
    """The least standard deviation, in concentration units, at each trained size."""
    full = linearise(scene, priors, photo_size)
    return [_sd_limit(scene, priors, full.averaged(size), photo_size) for size in sizes]


def _sd_limit(
    scene: Scene, priors: dict[str, Normal], linear: Linearised, photo_size: int
) -> float:
    deviation = priors["concentration"][1]
    seen = linear.information()
    if scene.mixing.size:
        scale = MIXING * scene.concentration / deviation
        seen = _with_mixing(seen, linear, scene, photo_size, scale)
    unit = np.eye(len(seen))  # the prior information of every unknown
    return float(deviation * np.linalg.solve(seen + unit, unit[0])[0] ** 0.5)


def _with_mixing(
    seen: np.ndarray, linear: Linearised, scene: Scene, photo_size: int, scale: float
) -> np.ndarray:
    """Add the K^2 knots of the mixing field, (P + K^2, P + K^2): unit normal, independent.

    A knot changes the picture as the concentration does, times its kernel: a row part times a
    column part. So sums over pixels factor as well, and no picture per knot is ever made.
    scale: one unit of the field in prior standard deviations of the concentration.
    """
    size = len(linear.picture)
    part = area.overlaps(photo_size, size) @ kernel(positions(photo_size)) / photo_size  # (size, K)
    pairs = (part[:, :, None] * part[:, None, :]).reshape(size, -1)  # (size, K K)
    weight = scale * (linear.slopes[0] / linear.variance * linear.slopes).sum(axis=-1, dtype=float)
    cross = np.einsum("pyx,yi,xj->pij", weight, part, part, optimize=True).reshape(len(seen), -1)
    count = part.shape[1]
    knots = (scale * pairs.T @ weight[0] @ pairs).reshape([count] * 4)  # row, row, column, column
    knots = knots.transpose(0, 2, 1, 3).reshape(count**2, -1)
    full = np.block([[seen, cross], [cross.T, knots]])
    # the field's mean over the liquid is zero: what a knot adds to it, all of the liquid loses
    loss = np.zeros(len(full))
    loss[len(seen) :] = -scale * _mean_of_knots(scene, photo_size)
    mutual = np.outer(full[0], loss)
    return full + mutual + mutual.T + full[0, 0] * np.outer(loss, loss)


def _mean_of_knots(scene: Scene, photo_size: int) -> np.ndarray:
    """Mean of each knot's kernel over the liquid, (K K,)."""
    place = positions(photo_size)
    amount, part = volume(scene, well_coordinate(scene, place, place)), kernel(place)
    return (part.T @ amount @ part / amount.sum()).ravel()
