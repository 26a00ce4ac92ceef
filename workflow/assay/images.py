"""The one place where a picture is opened: read true, or refused in a sentence.

Training and prediction read by the same function; `fingerprint` tells whether they read alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from PIL import features

from assay.faults import BadInput, Fault, refuse
from assay.reading import colours, content, paths
from assay.reading.codecs import heic, pillow, tiff
from assay.reading.options import Decoded, ReadingOptions

__all__ = ["Photo", "ReadingOptions", "decoders", "fingerprint", "read", "read_checked"]

SMALL_SIDE, LONG_ASPECT = 32, 2.5  # pixels; ratio of the sides
CLIPPED_SHARE = 0.05  # of pixels with a channel at its end, above which W_CLIPPED warns


@dataclass(frozen=True)
class Photo:
    """A picture as it is measured.

    pixels: (H, W, 3) uint8 or uint16 sRGB, upright, cut to the region of interest if one was asked
    for. width, height: of the whole picture. grey: the file has no colours. notes: what was
    converted.
    """

    pixels: np.ndarray
    format: str
    sha256: str
    width: int
    height: int
    grey: bool = False
    notes: tuple[str, ...] = ()
    warnings: tuple[Fault, ...] = ()


def read(path: Path, options: ReadingOptions, roi: Sequence[int] = ()) -> Photo:
    """Read a picture true; BadInput, with the file's name, if that can't be done.

    roi: x, y, width and height in pixels of the upright picture.
    """
    try:
        data = paths.contents(path)
        return _read(data, hashlib.sha256(data).hexdigest(), path, options, roi)
    except BadInput as bad:
        raise _named(bad, path) from bad


def read_checked(
    path: Path, sha256: str, options: ReadingOptions, roi: Sequence[int] = ()
) -> Photo:
    """Read a picture that was ingested before; BadInput E_CHANGED if its bytes differ now."""
    try:
        data = paths.contents(path)
        digest = hashlib.sha256(data).hexdigest()
        if digest != sha256:
            raise refuse(
                "E_CHANGED",
                "its bytes are not those that were ingested (SHA-256 differs).",
                "Restore the file, or run ingest again.",
            )
        return _read(data, digest, path, options, roi)
    except BadInput as bad:
        raise _named(bad, path) from bad


def _named(bad: BadInput, path: Path) -> BadInput:
    return BadInput(replace(fault, file=fault.file or str(path)) for fault in bad.faults)


def _read(
    data: bytes, sha256: str, path: Path, options: ReadingOptions, roi: Sequence[int]
) -> Photo:
    kind = content.sniff(data[: content.HEAD])
    decoded = colours.settle(_decode(data, kind, options), options)
    height, width = decoded.samples.shape[:2]
    pixels = _cut(decoded.samples, roi)
    warnings = [*decoded.warnings, *_appearance(pixels)]
    if content.ending_differs(path.name, kind):
        warnings.append(
            Fault("W_EXTENSION", f"its content is {kind}, not what its ending says.", "Rename it.")
        )
    return Photo(
        pixels,
        kind,
        sha256,
        width,
        height,
        grey="grey" in decoded.notes,
        notes=decoded.notes,
        warnings=tuple(replace(warning, file=str(path)) for warning in warnings),
    )


def _decode(data: bytes, kind: str, options: ReadingOptions) -> Decoded:
    if kind == "TIFF":
        decoded = tiff.decode(data, options)
    elif kind == "HEIC":
        decoded = heic.decode(data, options)
    else:
        decoded = pillow.decode(data, kind, options)
    grey = decoded.samples.ndim == 2 or decoded.samples.shape[2] == 2
    return decoded.with_notes("grey") if grey else decoded


def _cut(pixels: np.ndarray, roi: Sequence[int]) -> np.ndarray:
    """The region of interest (x, y, width, height), the whole picture for ()."""
    if not roi:
        return pixels
    left, top, width, height = roi
    if min(left, top) < 0 or min(width, height) < 1 or not _holds(pixels, roi):
        raise refuse(
            "E_ROI",
            f"region {width}x{height} at ({left}, {top}) doesn't lie in the picture, "
            f"{pixels.shape[1]}x{pixels.shape[0]} pixels.",
            "Correct the region's columns: x, y, width, height in pixels of the upright picture.",
        )
    return pixels[top : top + height, left : left + width]


def _holds(pixels: np.ndarray, roi: Sequence[int]) -> bool:
    return roi[0] + roi[2] <= pixels.shape[1] and roi[1] + roi[3] <= pixels.shape[0]


def _appearance(pixels: np.ndarray) -> list[Fault]:
    """Warnings of pictures that were read true but may not show a reaction well."""
    height, width = pixels.shape[:2]
    found = []
    if min(height, width) < SMALL_SIDE:
        found.append(Fault("W_SMALL", f"only {width}x{height} pixels."))
    if max(height, width) > LONG_ASPECT * min(height, width):
        found.append(Fault("W_ASPECT", f"{width}x{height} pixels is long and narrow."))
    if (pixels[0] == pixels[0, 0]).all() and (pixels == pixels[0, 0]).all():
        found.append(Fault("W_CONSTANT", "all its pixels have one colour.", "Was the lens open?"))
        return found
    full = np.iinfo(pixels.dtype).max
    red, green, blue = (pixels[..., channel] for channel in range(3))
    clipped = float((np.maximum(np.maximum(red, green), blue) == full).mean())
    if clipped > CLIPPED_SHARE:
        found.append(
            Fault("W_CLIPPED", f"{clipped:.0%} of its pixels are over-exposed.", "Expose less.")
        )
    return found


def decoders() -> dict[str, str]:
    """Versions of everything that turns bytes into pixels."""
    found = {"pillow": _version("pillow"), "pillow-heif": _version("pillow-heif")}
    for name in ("jpg", "zlib", "libtiff", "webp", "littlecms2"):
        found[name] = str(features.version(name) or "none")
    return found


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def fingerprint(options: ReadingOptions) -> str:
    """A hash of the reading options and decoder versions: equal means read alike."""
    text = json.dumps({"options": asdict(options), "decoders": decoders()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
