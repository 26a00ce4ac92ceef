"""All photographs of a page as thumbnails on one sheet, of which a page shows a part at a time."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from assay.pictures import area

SIDES = (40, 32, 24, 16, 8)  # pixels of a thumbnail, the largest that keeps the sheet small
LARGEST = 3_000_000  # bytes of a sheet; as text in a page it takes a third more


@dataclass(frozen=True)
class Sheet:
    """A WebP picture of thumbnails in rows, `columns` in each."""

    content: bytes
    side: int  # pixels of a thumbnail
    columns: int
    rows: int

    def place(self, number: int) -> tuple[int, int]:
        """Left and top edge of a thumbnail, in thumbnails."""
        return number % self.columns, number // self.columns


def sheet(pictures: np.ndarray) -> Sheet:
    """The thumbnails of pictures (N, S, S, 3) uint8, in their order, read once each.

    The more there are and the less alike, the smaller they become.
    """
    columns = max(1, math.ceil(math.sqrt(len(pictures))))
    rows = max(1, math.ceil(len(pictures) / columns))
    first = min(SIDES[0], pictures.shape[1])
    large = np.stack([area.resize(np.asarray(picture), first) for picture in pictures])
    for side in SIDES:
        small = large if side >= first else np.stack([area.resize(one, side) for one in large])
        side = small.shape[1]
        content = _encoded(_tiled(small, rows, columns))
        if len(content) <= LARGEST:
            break
    return Sheet(content, side, columns, rows)


def _tiled(small: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """(N, s, s, 3) as (rows s, columns s, 3), grey where there is none."""
    side = small.shape[1]
    every = np.full((rows * columns, side, side, 3), 128, dtype=np.uint8)
    every[: len(small)] = small
    lines = every.reshape(rows, columns, side, side, 3).swapaxes(1, 2)
    return lines.reshape(rows * side, columns * side, 3)


def _encoded(pixels: np.ndarray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "WEBP", quality=80, method=3)
    return content.getvalue()
