"""Does this computer decode as the one that trained? Small files tell, whatever versions say."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from assay import images
from assay.faults import BadInput
from assay.images import ReadingOptions
from assay.pictures import area

ALWAYS = ("PNG", "JPEG")
WRITTEN = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")  # formats of which a probe can be made
LOSSLESS = ("PNG", "BMP", "TIFF")


def make(formats: Collection[str]) -> dict[str, np.ndarray]:
    """The bytes, uint8 (n,), of a small colourful file of each format, as far as one is written."""
    place = np.linspace(0, 255, 48)
    ramp = np.stack([place[:, None] + 0 * place, place + 0 * place[:, None]], axis=-1)
    noise = np.random.default_rng(0).integers(0, 256, (48, 48, 1))
    pixels = np.concatenate([ramp, noise], axis=-1).astype(np.uint8)
    chosen = [name for name in WRITTEN if name in formats or name in ALWAYS]
    return {name: _encoded(pixels, name) for name in chosen}


def _encoded(pixels: np.ndarray, name: str) -> np.ndarray:
    file = io.BytesIO()
    words = {"quality": 90} if name in ("JPEG", "WEBP") else {}
    Image.fromarray(pixels).save(file, name, **words)
    return np.frombuffer(file.getvalue(), np.uint8)


def digest(probe: np.ndarray, options: ReadingOptions, size: int, aspect: area.Aspect) -> str:
    """The SHA-256 of the picture (size, size, 3) that reading and resizing make of a probe."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "probe"
        path.write_bytes(probe.tobytes())
        try:
            pixels = images.read(path, options).pixels
        except BadInput as bad:
            return f"not read: {bad.faults[0].code}"
    return hashlib.sha256(area.resize(pixels, size, aspect).tobytes()).hexdigest()


def digests(
    made: Mapping[str, np.ndarray], options: ReadingOptions, size: int, aspect: area.Aspect
) -> dict[str, str]:
    """The digest of each probe, by format."""
    return {name: digest(probe, options, size, aspect) for name, probe in made.items()}
