"""What a photograph looks like, in a few numbers that tell whether a method may be trusted with it.

Training and prediction take them by this one function, from the pixels as read and as resized.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay import images
from assay.faults import Fault
from assay.images import ReadingOptions
from assay.pictures import area, colour

COLOURS = 18  # mean and spread of three numbers in three zones
COLOUR_SIZE = 32  # pixels of a side of the picture whose colours are summed up
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of linear sRGB, IEC 61966-2-1
DARKEST = 2.0**-12  # of full light: stops are counted down to here


@dataclass(frozen=True)
class Appearance:
    """saturated: share of the photograph's pixels with a channel at full scale; dark: stops below
    full light of the mean luminance; blurred: minus log2 of fine detail over contrast; colours:
    (COLOURS,) mean and spread of CIE Lab in the disc, the ring around it and the corners.
    """

    saturated: float
    dark: float
    blurred: float
    colours: np.ndarray


@dataclass(frozen=True)
class Shot:
    """A photograph as a method takes it: picture (S, S, 3) uint8, and what was seen on the way.

    shape: height and width in pixels of what is measured of it. The pixels themselves aren't kept:
    those of a phone take 36 MB.
    """

    picture: np.ndarray
    appearance: Appearance
    shape: tuple[int, int]
    format: str
    sha256: str
    grey: bool
    warnings: tuple[Fault, ...]


def take(
    path: Path,
    options: ReadingOptions,
    size: int,
    aspect: area.Aspect,
    region: tuple[int, ...] = (),
) -> Shot:
    """Read and resize as in training; BadInput where the photograph can't be read true."""
    photo = images.read(path, options, region)
    height, width = photo.pixels.shape[:2]
    picture = area.resize(photo.pixels, size, aspect)
    seen = appearance(photo.pixels, picture)
    return Shot(
        picture, seen, (height, width), photo.format, photo.sha256, photo.grey, photo.warnings
    )


def appearance(pixels: np.ndarray, picture: np.ndarray) -> Appearance:
    """Of pixels (H, W, 3) uint8 or uint16 as read, and of the resized picture (S, S, 3) uint8."""
    light = colour.linear_light()[picture] @ LUMINANCE
    full = pixels == np.iinfo(pixels.dtype).max
    return Appearance(
        saturated=float((full[..., 0] | full[..., 1] | full[..., 2]).mean()),
        dark=-float(np.log2(max(light.mean(), DARKEST))),
        blurred=blur(light),
        colours=colours(picture),
    )


def blur(light: np.ndarray) -> float:
    """Minus log2 of the ratio of fine detail to contrast of luminance (S, S).

    Detail is the root mean square of the luminance's Laplacian (after Pech-Pacheco et al. 2000,
    ICPR), contrast its standard deviation: out of focus, the first falls and the second stays. In
    a picture without any contrast nothing is sharp.
    """
    inner = light[1:-1, 1:-1]
    around = light[:-2, 1:-1] + light[2:, 1:-1] + light[1:-1, :-2] + light[1:-1, 2:]
    detail = float(np.sqrt(np.mean((around - 4 * inner) ** 2)))
    contrast = float(light.std())
    return -float(np.log2(max(detail, 1e-6) / max(contrast, 1e-3)))


def colours(picture: np.ndarray) -> np.ndarray:
    """Mean and standard deviation of L*, a*, b* in three zones: (18,) of a picture (S, S, 3)."""
    size = min(COLOUR_SIZE, len(picture))
    small = area.resize(picture, size) if len(picture) > size else picture
    values = colour.lab(colour.linear_light()[small])
    zones = [values[mask] for mask in colour.zones("centre_border", size)]
    return np.concatenate([part for zone in zones for part in (zone.mean(0), zone.std(0))])
