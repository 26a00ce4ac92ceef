"""The simulated camera: linear light becomes a noisy 8-bit photograph, and a file."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import Literal

import numpy as np
from PIL import Image

FULL_WELL = 4000.0  # electrons at full scale
READ_NOISE = 4.0  # electrons, standard deviation
CODES = 65535  # the linear signal is read in 16 bits before the curve is applied


def srgb(linear: np.ndarray) -> np.ndarray:
    """Encode linear light, clipped to 0 to 1, by the sRGB curve (IEC 61966-2-1); 0 to 1."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def noise_variance(linear: np.ndarray) -> np.ndarray:
    """Variance of the linear signal: shot noise and read noise."""
    return linear * (1 / FULL_WELL) + (READ_NOISE / FULL_WELL) ** 2


@cache
def _curve() -> np.ndarray:
    codes = srgb((np.arange(CODES + 1) + 0.5) / CODES)  # a code stands for the middle of its step
    return np.rint(255 * codes).astype(np.uint8)


def photograph(light: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Linear light, any shape, as 8-bit values with shot noise, read noise and the sRGB curve."""
    full = np.minimum(light, 1)  # a full pixel holds no more electrons
    noisy = rng.standard_normal(light.shape, dtype=np.float32)
    noisy *= np.sqrt(noise_variance(full))
    noisy += full
    noisy *= CODES
    np.clip(noisy, 0, CODES, out=noisy)
    return _curve()[noisy.astype(np.uint16)]


@cache
def _moments() -> np.ndarray:
    """Linear light, and mean, slope of the mean and variance of its 8-bit values: (4, 4001)."""
    grid = np.linspace(0, 1, 4001)
    deviates = np.linspace(-6, 6, 241)
    weights = np.exp(-0.5 * deviates**2)
    weights /= weights.sum()
    values = 255 * srgb(grid[:, None] + np.sqrt(noise_variance(grid))[:, None] * deviates)
    mean = values @ weights
    variance = (values - mean[:, None]) ** 2 @ weights + 1 / 12  # the last: rounding to 8 bits
    return np.stack([grid, mean, np.gradient(mean, grid), variance])


def response(light: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Expected 8-bit values of linear light, their slope d value / d light, and their variance.

    The curve bends within the noise and full pixels are clipped, so the mean of many photographs
    isn't the photograph of the mean: an estimator without bias has to know this expectation.
    """
    grid, mean, slope, variance = _moments()
    full = np.minimum(light, 1)
    return (
        np.interp(full, grid, mean).astype(light.dtype),
        np.where(light < 1, np.interp(full, grid, slope), 0).astype(light.dtype),
        np.interp(full, grid, variance).astype(light.dtype),
    )


def encode(photo: np.ndarray, file_format: Literal["png", "jpeg"]) -> bytes:
    """The bytes of an image file of an 8-bit photograph, (height, width, 3)."""
    if file_format == "png":
        return _png(photo)
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=95, subsampling=0)
    return file.getvalue()


def _png(photo: np.ndarray) -> bytes:
    """A PNG file whose rows are differences to the row above, without a search for repeats.

    Sensor noise repeats nothing: this takes a quarter of an ordinary encoder's time, and less room.
    """
    height, width, _ = photo.shape
    rows = np.full((height, 1 + 3 * width), 2, np.uint8)  # 2 is the filter "up"
    rows[:, 1:] = photo.reshape(height, -1)
    rows[1:, 1:] -= photo.reshape(height, -1)[:-1]
    deflate = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_HUFFMAN_ONLY)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    pixels = deflate.compress(rows.tobytes()) + deflate.flush()
    chunks = _chunk(b"IHDR", header), _chunk(b"IDAT", pixels), _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check
