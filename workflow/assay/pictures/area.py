"""Area-true resizing: each new pixel is the mean of the picture over its own square, exactly.

Pillow's BOX filter and torch's `area` mode take whole pixels at a ratio such as 250:64 and err by
up to 30 levels. Here the overlaps are whole numbers and every sum is exact in floating point, so
the result doesn't depend on the number of threads, the processor or the order of summation.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np

Aspect = Literal["crop", "pad", "stretch"]


@lru_cache(maxsize=64)
def overlaps(old: int, new: int) -> np.ndarray:
    """(new, old) overlaps of the new pixels with the old, in units of 1/new of an old pixel.

    Each row sums to `old`.
    """
    edges_new = np.arange(new + 1) * old
    edges_old = np.arange(old + 1) * new
    upper = np.minimum(edges_new[1:, None], edges_old[None, 1:])
    lower = np.maximum(edges_new[:-1, None], edges_old[None, :-1])
    return np.maximum(upper - lower, 0)


def square(pixels: np.ndarray, aspect: Aspect) -> np.ndarray:
    """Make (H, W, 3) square: cut the longer side evenly, repeat the border, or leave it."""
    height, width = pixels.shape[:2]
    if height == width or aspect == "stretch":
        return pixels
    if aspect == "crop":
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        return pixels[top : top + side, left : left + side]
    side = max(height, width)
    rows, columns = side - height, side - width
    margins = ((rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2), (0, 0))
    return np.pad(pixels, margins, mode="edge")


def resize(pixels: np.ndarray, size: int, aspect: Aspect = "crop") -> np.ndarray:
    """Resize (H, W, 3) uint8 or uint16 to (size, size, 3) uint8, rounding halves up.

    ValueError for another type.
    """
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"pixels are uint8 or uint16, not {pixels.dtype}")
    pixels = square(pixels, aspect)
    height, width = pixels.shape[:2]
    if height == width == size and pixels.dtype == np.uint8:
        return pixels.copy()  # what the sums below would give, ten times sooner
    levels = int(np.iinfo(pixels.dtype).max)
    # the largest sum decides which floating-point type holds every sum exactly
    kind: type[np.floating] = np.float32 if levels * height * width < 2**24 else np.float64
    rows = overlaps(height, size).astype(kind) @ pixels.astype(kind).reshape(height, -1)
    sums = overlaps(width, size).astype(kind) @ rows.reshape(size, width, 3)
    scale = height * width * (levels // 255)
    return ((2 * sums.astype(np.int64) + scale) // (2 * scale)).astype(np.uint8)
