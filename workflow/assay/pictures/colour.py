"""Colour arithmetic on 8-bit sRGB pictures: linear light, optical density, CIE Lab, and zones."""

from __future__ import annotations

from functools import cache

import numpy as np

# sRGB to CIE XYZ under D65 (IEC 61966-2-1), each row divided by the white point's X, Y or Z
XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], dtype=np.float64
)
FLOOR = 1e-3  # of full light: about code 3 of 255; darker codes hold noise, and 0 has no logarithm
# Radii as shares of the picture's width: the centre lies inside a well, the border on its card
CENTRE, BORDER = 0.25, 0.47


@cache
def linear_light() -> np.ndarray:
    """The linear light (0 to 1) of each of the 256 codes of the sRGB curve (IEC 61966-2-1)."""
    code = np.arange(256) / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


@cache
def density_of_codes() -> np.ndarray:
    """The optical density -log10(light) of each of the 256 codes, light being at least FLOOR."""
    return optical_density(linear_light())


def optical_density(light: np.ndarray) -> np.ndarray:
    """-log10 of linear light, which Beer and Lambert's law makes linear in concentration."""
    return -np.log10(np.maximum(light, FLOOR))


@cache
def _cube_roots() -> tuple[float, float]:
    """CIE's constants epsilon and kappa (CIE 15:2004), as exact fractions."""
    return 216 / 24389, 24389 / 27


def lab(light: np.ndarray) -> np.ndarray:
    """Linear sRGB light (..., 3) -> CIE L*a*b* (D65), about -100 to 100 each (CIE 15:2004)."""
    xyz = light @ (XYZ / XYZ.sum(axis=1, keepdims=True)).T
    epsilon, kappa = _cube_roots()
    f = np.where(xyz > epsilon, np.cbrt(xyz), (kappa * xyz + 16) / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def radius(size: int) -> np.ndarray:
    """Distance of each pixel (size, size) from the picture's centre, as a share of its width."""
    place = (np.arange(size) + 0.5) / size - 0.5
    return np.hypot(place[:, None], place)


def zones(kind: str, size: int) -> list[np.ndarray]:
    """Masks bool (size, size) of the parts of a picture of which statistics are taken.

    whole: one; centre: a disc; centre_border: the disc, the ring around it, and the corners;
    left_right: two halves; grid: 3 x 3 parts.
    """
    distance = radius(size)
    if kind == "centre":
        return [distance < CENTRE]
    if kind == "centre_border":
        ring = (distance >= CENTRE) & (distance <= BORDER)
        return [distance < CENTRE, ring, distance > BORDER]
    rows, columns = {"whole": (1, 1), "left_right": (1, 2), "grid": (3, 3)}[kind]
    row, column = (np.arange(size) * parts // size for parts in (rows, columns))
    return [
        (row[:, None] == r) & (column[None, :] == c) for r in range(rows) for c in range(columns)
    ]
