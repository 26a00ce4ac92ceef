"""The simulated scene: a round well of coloured liquid on white card, seen from above.

Pure functions of a `Scene`: light in 31 spectral bands passes the liquid (Beer-Lambert), the camera
sums it to red, green and blue. Lengths are in picture widths, the origin is the picture's centre.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

WAVELENGTHS = np.linspace(400.0, 700.0, 31)  # nm
HALF_REACTED, HILL_COEFFICIENT = 210.0, 1.3  # concentration units; pure number
WHITE_BALANCE = 5500.0  # K, the lamp under which the camera shows the card grey
METERED = 0.78  # a perfect white stands at this share of full scale: the card seldom saturates
EDGE = 0.01  # half the width of the well's soft edge
MIXING = 0.02  # standard deviation of the local concentration, relative to the well's mean
CORRELATION = 0.06  # of the mixing field: exp(-d^2 / (2 CORRELATION^2))
KNOTS = 0.04 * np.arange(-15, 16)  # where the mixing field's white noise stands, in x and in y
DEGREES = (4, 3)  # of the polynomial in (rho^2, relative concentration) that replaces the bands


NO_SPOTS, WELL_MIXED = np.zeros((0, 4)), np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class Scene:
    """What decides a noise-free photograph; the defaults are the middle of the simulated range.

    spots: (K, 4) glare: x, y, standard deviation, peak relative to the card's full scale.
    mixing: (31, 31) float32 unit white noise of which uneven mixing is made; empty: well mixed.
    """

    concentration: float
    fill: float = 1.0  # mean path length; 1 is the nominal fill
    meniscus: float = 0.0  # path = fill (1 + meniscus (rho^2 - 1/2))
    lot: float = 1.0  # reagent strength: scales the optical density and the half-reacted point
    radius: float = 0.36
    centre_x: float = 0.0
    centre_y: float = 0.0
    card: float = 0.90  # reflectance
    exposure: float = 1.0
    shading_x: float = 0.0  # relative light at the right edge, minus one
    shading_y: float = 0.0  # ... at the lower edge
    temperature: float = 5000.0  # K, of the lamp
    tint: float = 0.0  # relative slope of the lamp's spectrum: +tint at 700 nm, -tint at 400 nm
    spots: np.ndarray = field(default_factory=lambda: NO_SPOTS)
    mixing: np.ndarray = field(default_factory=lambda: WELL_MIXED)


def turned(scene: Scene, quarters: int = 0, mirrored: bool = False) -> Scene:
    """The scene that np.rot90 (anticlockwise, after an optional np.fliplr) makes of its picture."""
    if mirrored:
        spots = scene.spots * [-1, 1, 1, 1]
        flipped = replace(scene, centre_x=-scene.centre_x, shading_x=-scene.shading_x, spots=spots)
        return turned(replace(flipped, mixing=scene.mixing[:, ::-1]), quarters)
    if quarters % 4 == 0:
        return scene
    quarter = replace(
        scene,
        centre_x=scene.centre_y,
        centre_y=-scene.centre_x,
        shading_x=scene.shading_y,
        shading_y=-scene.shading_x,
        spots=scene.spots[:, [1, 0, 2, 3]] * [1, -1, 1, 1],
        mixing=np.rot90(scene.mixing),
    )
    return turned(quarter, quarters % 4 - 1)


def positions(size: int) -> np.ndarray:
    """Pixel centres along one side, (size,) float32, exactly antisymmetric."""
    return ((2.0 * np.arange(size) + 1 - size) / (2 * size)).astype(np.float32)


def extent(concentration: np.ndarray, lot: float = 1.0) -> np.ndarray:
    """Extent of the reaction in 0 to 1 (Hill 1910); a stronger lot needs more to be half used."""
    ratio = (np.asarray(concentration) / (HALF_REACTED * lot)) ** HILL_COEFFICIENT
    return ratio / (1 + ratio)


def _gaussian(centre: float, width: float) -> np.ndarray:
    return np.exp(-0.5 * ((WAVELENGTHS - centre) / width) ** 2)


@cache
def absorbance() -> tuple[np.ndarray, np.ndarray]:
    """Optical density per unit path of reagent and of product, (31,) each."""
    reagent = 1.1 * _gaussian(430, 38)
    return reagent, 1.6 * _gaussian(520, 45) + 0.3 * _gaussian(620, 60)


def transmission(path: np.ndarray, reacted: np.ndarray) -> np.ndarray:
    """Transmitted share of light per band, (..., 31): Beer-Lambert's law, 10^-A."""
    reagent, product = absorbance()
    reacted = np.asarray(reacted)[..., None]
    density = np.asarray(path)[..., None] * (reacted * product + (1 - reacted) * reagent)
    return 10.0**-density


def black_body(temperature: float) -> np.ndarray:
    """Planck's radiance per band, (31,), relative to 550 nm."""

    def radiance(wavelength: np.ndarray) -> np.ndarray:
        return wavelength**-5 / np.expm1(1.438777e7 / (wavelength * temperature))

    return radiance(WAVELENGTHS) / radiance(np.asarray(550.0))


@cache
def _balanced_camera() -> np.ndarray:
    """Sensitivities of red, green and blue, (3, 31), that show white under the reference lamp."""
    red = _gaussian(605, 35) + 0.15 * _gaussian(440, 20)
    camera = np.stack([red, _gaussian(540, 38), _gaussian(455, 28)])
    return camera / (camera @ black_body(WHITE_BALANCE))[:, None]


def seen_spectrum(temperature: float, tint: float) -> np.ndarray:
    """Lamp times camera, (3, 31); sums to the colour of white, whose brightest channel is 1.

    The camera meters: a redder lamp changes the colour of the card, not how near it is to clipping.
    """
    lamp = black_body(temperature) * (1 + tint * (WAVELENGTHS - 550) / 150)
    seen = _balanced_camera() * lamp
    return seen / seen.sum(axis=1).max()


def light(scene: Scene, size: int = 250) -> np.ndarray:
    """Linear light at the sensor, (size, size, 3) float32, 1 at full scale; glare may go beyond."""
    place = positions(size)
    spectrum = seen_spectrum(scene.temperature, scene.tint)
    white = spectrum.sum(axis=1, dtype=np.float32)
    shade = 1 + 2 * scene.shading_x * place + 2 * scene.shading_y * place[:, None]
    picture = (METERED * scene.card * scene.exposure * shade)[..., None] * white
    rows = _span(place, scene.centre_y, scene.radius + EDGE)
    columns = _span(place, scene.centre_x, scene.radius + EDGE)
    picture[rows, columns] *= _liquid(scene, spectrum, place[columns], place[rows])
    for spot in scene.spots.tolist():
        _add_spot(picture, white, place, *spot)
    return picture


def _span(place: np.ndarray, centre: float, reach: float) -> slice:
    return slice(*np.searchsorted(place, [centre - reach, centre + reach]))


def _add_spot(
    picture: np.ndarray,
    white: np.ndarray,
    place: np.ndarray,
    x: float,
    y: float,
    width: float,
    peak: float,
) -> None:
    rows, columns = _span(place, y, 5 * width), _span(place, x, 5 * width)
    down = peak * np.exp(-0.5 * ((place[rows, None] - y) / width) ** 2)
    across = np.exp(-0.5 * ((place[columns] - x) / width) ** 2)
    picture[rows, columns] += (down * across)[..., None] * white


def _liquid(scene: Scene, spectrum: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What the well does to the card's light: a factor per pixel and channel, (y, x, 3)."""
    rho2 = well_coordinate(scene, x, y)
    inside = soft_edge(rho2, scene.radius)
    deviation = uneven(scene, x, y, rho2) if scene.mixing.size else None
    coefficients = _polynomial(scene, spectrum, 0 if deviation is None else DEGREES[1])
    coefficients[0] -= 1  # light lost: zero outside the well, where `inside` is zero
    lost = _monomials(inside, rho2, deviation).T @ coefficients.astype(np.float32)
    return (1 + lost).reshape(*rho2.shape, 3)


def _monomials(inside: np.ndarray, rho2: np.ndarray, deviation: np.ndarray | None) -> np.ndarray:
    """inside times rho^2 to the power i times deviation to the power j: (i and j, pixels)."""
    row = [inside]
    if deviation is not None:
        for _ in range(DEGREES[1]):
            row.append(row[-1] * deviation)
    result = np.empty((DEGREES[0] + 1, len(row), rho2.size), np.float32)
    result[0] = np.reshape(row, (len(row), -1))
    for i in range(DEGREES[0]):
        np.multiply(result[i], rho2.ravel(), out=result[i + 1])
    return result.reshape(-1, rho2.size)


def well_coordinate(scene: Scene, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Squared distance from the well's centre over its squared radius, (y, x): 1 at the rim."""
    across, down = (x - scene.centre_x) / scene.radius, (y - scene.centre_y) / scene.radius
    return across**2 + down[:, None] ** 2


def soft_edge(rho2: np.ndarray, radius: float) -> np.ndarray:
    """Share of the pixel that is well: 1 inside, a smooth step of width 2 EDGE at the rim."""
    step = np.clip((radius + EDGE - radius * np.sqrt(rho2)) / (2 * EDGE), 0, 1)
    return step * step * (3 - 2 * step)


def volume(scene: Scene, rho2: np.ndarray) -> np.ndarray:
    """Liquid over each pixel, area times path, relative to the fill, (y, x)."""
    inside = soft_edge(rho2, scene.radius)
    return inside * (1 + scene.meniscus * (rho2 - 0.5))


def uneven(scene: Scene, x: np.ndarray, y: np.ndarray, rho2: np.ndarray) -> np.ndarray:
    """Relative deviation of the local concentration from the well's mean, (y, x).

    Its mean over the liquid's volume is zero: the label is the well's true mean, which is what a
    stirred well would hold.
    """
    smooth = kernel(y) @ scene.mixing @ kernel(x).T
    amount = volume(scene, rho2)
    return MIXING * (smooth - (amount * smooth).sum() / amount.sum())


def kernel(place: np.ndarray) -> np.ndarray:
    """Gaussian weights, (places, knots), by which unit white noise becomes a unit field."""
    width = CORRELATION / 2**0.5  # noise under this kernel has the wanted correlation
    weights = np.exp(-0.5 * ((place[:, None] - KNOTS) / width) ** 2)
    return (weights / np.linalg.norm(weights, axis=1, keepdims=True)).astype(np.float32)


@cache
def _nodes(degree: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Chebyshev's nodes in [low, high], and the matrix from values there to coefficients."""
    unit = np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
    nodes = (low + high) / 2 + unit * (high - low) / 2
    return nodes, np.linalg.inv(np.vander(nodes, increasing=True))


def _polynomial(scene: Scene, spectrum: np.ndarray, degree: int) -> np.ndarray:
    """Colour of the liquid relative to the card as a polynomial, (monomials, 3).

    In powers of rho^2 and, within those, of the relative deviation of concentration. It replaces
    31 exponentials per pixel; the error is below a thousandth of the photograph's noise.
    """
    rho2, to_rho2 = _nodes(DEGREES[0], 0.0, 1.06)
    deviation, to_deviation = _nodes(degree, -5 * MIXING, 5 * MIXING)
    path = scene.lot * scene.fill * (1 + scene.meniscus * (rho2 - 0.5))
    reacted = extent(scene.concentration * (1 + deviation), scene.lot)
    passed = transmission(path[:, None], reacted) @ spectrum.T / spectrum.sum(axis=1)
    return np.einsum("ai,bj,ijk->abk", to_rho2, to_deviation, passed).reshape(-1, 3)
