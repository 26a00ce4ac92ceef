"""How each photograph looks: exposure, sharpness, and the card around the reaction."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from assay import cli, files
from assay.pictures import colour
from assay.pictures.stack import Stack
from assay.progress import progress

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of linear sRGB, IEC 61966-2-1
DARK = 0.01  # of full light: below it noise outweighs colour
FRAME = 0.05  # width of the border that is looked at, as a share of the picture's
# A border is a card if it is light and even: L* at least this, and from its darkest to its
# lightest tenth at most so much. A lamp at one side makes 13 of a white card, paper edges 30.
LIGHTEST, EVEN = 50.0, 15.0

logger = logging.getLogger("assay")


def sharpness(picture: np.ndarray) -> float:
    """Variance of the Laplacian of luma, 0 to 255, of a picture (S, S, 3) uint8; S is at least 3.

    After Pech-Pacheco et al. (2000), ICPR 3, 314. Luma, unlike light, lets photographs of different
    exposure be compared. 0 for a picture without detail.
    """
    luma = picture @ LUMINANCE
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return float(np.var(around - 4 * luma[1:-1, 1:-1])) if len(luma) > 2 else 0.0


def frame(size: int) -> np.ndarray:
    """Mask bool (size, size) of the border of a picture."""
    width = max(1, round(FRAME * size))
    mask = np.ones((size, size), dtype=bool)
    mask[width:-width, width:-width] = False
    return mask


def border(pixels: np.ndarray) -> dict[str, float]:
    """The colour of a border's pixels (n, 3) uint8: median L*, a*, b*, spread of L*, card or not.

    border_spread is the 90th minus the 10th percentile of L*; card is 1 or 0.
    """
    values = colour.lab(colour.linear_light()[pixels])
    lightness, a, b = np.median(values, axis=0)
    low, high = np.percentile(values[:, 0], [10, 90])
    return {
        "border_L": float(lightness),
        "border_a": float(a),
        "border_b": float(b),
        "border_spread": float(high - low),
        "card": int(lightness >= LIGHTEST and high - low <= EVEN),
    }


def look(picture: np.ndarray) -> dict[str, float]:
    """The numbers of one picture (S, S, 3) uint8; shares and exposure are 0 to 1.

    exposure: mean luminance, of full light; clipped: share of pixels with a channel at its end;
    dark: share of pixels below 1 % of full light.
    """
    light = colour.linear_light()[picture] @ LUMINANCE
    return {
        "exposure": float(light.mean()),
        "clipped": float((picture == 255).any(axis=-1).mean()),
        "dark": float((light < DARK).mean()),
        "sharpness": sharpness(picture),
        **border(picture[frame(len(picture))]),
    }


def appearance(images: list[Path], out: Path) -> None:
    """Write exposure, sharpness and border colour of every photograph to OUT.

    IMAGES is an array of all photographs, the finer the better: in small pictures, fine detail and
    single clipped pixels are averaged away.
    """
    array = Stack(files.load_shards(images, "resize"))
    rows = [look(picture) for picture in progress(array, "appearance", len(array))]
    table = pd.DataFrame(rows)
    table.insert(0, "photo", range(len(table)))
    files.write_table(out, table)
    cards = int(table["card"].sum())
    logger.info("%d of %d photographs have a light, even border", cards, len(table))


if __name__ == "__main__":
    cli.run(appearance)
