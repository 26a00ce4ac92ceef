"""From decoded samples to sRGB pixels: depth, transparency, profile, three channels, upright."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assay.faults import BadInput, refuse
from assay.reading import profiles
from assay.reading.options import Decoded, ReadingOptions

GAMUT_SHARE = 0.01  # of pixels clipped by a profile's conversion, above which W_GAMUT warns
NARROW_RANGE = 1 / 4  # of the 16-bit scale, below which W_RANGE warns


def settle(decoded: Decoded, options: ReadingOptions) -> Decoded:
    """Samples (H, W, 3), uint8 or uint16 sRGB, upright; BadInput where that isn't decided."""
    for stage in (_depth, _alpha, _profile):
        decoded = stage(decoded, options)
    samples = upright(decoded.samples, decoded.orientation)
    if decoded.orientation != 1:
        decoded = decoded.with_notes("turned by EXIF")
    if samples.ndim == 2:
        samples = np.repeat(samples[..., None], 3, axis=2)
    return replace(decoded, samples=np.ascontiguousarray(samples), orientation=1)


def upright(samples: np.ndarray, orientation: int) -> np.ndarray:
    """Apply an EXIF orientation (1 to 8: row 0 and column 0 of the stored picture lie where)."""
    if orientation >= 5:  # rows and columns are exchanged: columns of the upright one are rows here
        samples = np.swapaxes(samples, 0, 1)
    flip_rows = orientation in (3, 4, 7, 8)
    flip_columns = orientation in (2, 3, 6, 7)
    return samples[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]


def _parts(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Colour (H, W) or (H, W, 3), and alpha (H, W) or None."""
    if samples.ndim == 2 or samples.shape[2] == 3:
        return samples, None
    alpha = samples[..., -1]
    return (samples[..., 0] if samples.shape[2] == 2 else samples[..., :3]), alpha


def _depth(decoded: Decoded, options: ReadingOptions) -> Decoded:
    """Integers of 16 bits to full scale; floats by the stated range to 16 bits."""
    if decoded.samples.dtype.kind == "f":
        return _floats(decoded, options)
    if decoded.samples.dtype != np.uint16 or decoded.format == "HEIC":
        return decoded
    colour, alpha = _parts(decoded.samples)
    bits = options.bit_depth or 16
    low, high = int(colour.min()), int(colour.max())
    if high >= 2**bits or (not options.bit_depth and 0 < high < 4096 and low < high):
        raise _unclear_range(high, options.bit_depth)
    decoded = decoded.with_notes("read at 16 bits")
    if bits < 16:
        levels = 2**bits - 1
        scale = np.round(np.arange(levels + 1) * (65535 / levels)).astype(np.uint16)
        samples = scale[colour]
        samples = samples if alpha is None else np.dstack([samples, alpha])
        decoded = replace(decoded, samples=samples).with_notes(f"scaled from {bits} bits")
        low, high = low * 65535 // levels, high * 65535 // levels
    if low < high and (high - low) < NARROW_RANGE * 65535:
        decoded = decoded.with_warning(
            "W_RANGE",
            f"its 16-bit samples use only {low} to {high} of 65535.",
            "Check the exposure, or the bit depth of the camera (reading option bit_depth).",
        )
    return decoded


def _unclear_range(high: int, stated: int) -> BadInput:
    if stated:
        message = f"a sample of {high} doesn't fit the stated {stated} bits."
        return refuse("E_RANGE", message, "Correct the reading option bit_depth.")
    bits = max(high.bit_length(), 9)
    return refuse(
        "E_RANGE",
        f"its 16-bit samples end at {high}: they seem to be {bits}-bit data.",
        "Set the reading option bit_depth: 12 (10, 14 ...) of the camera; 16 if it is that dark.",
    )


def _floats(decoded: Decoded, options: ReadingOptions) -> Decoded:
    colour, alpha = _parts(decoded.samples)
    if not np.isfinite(colour).all():
        raise refuse("E_FLOAT", "it has NaN or infinite samples.", "Export it with 16 bits.")
    low, high = options.float_low, options.float_high
    least, most = float(colour.min()), float(colour.max())
    if low is None or high is None or least < low or most > high:
        raise refuse(
            "E_FLOAT",
            f"it has floating-point samples from {least:.6g} to {most:.6g}; "
            + ("the range of black to white isn't stated." if low is None else "out of range."),
            "State black and white by the reading options float_low and float_high.",
        )
    scaled = np.round((decoded.samples - low) * (65535 / (high - low)))
    if alpha is not None:
        scaled[..., -1] = np.round(np.clip(alpha, 0, 1) * 65535)
    return replace(decoded, samples=scaled.astype(np.uint16)).with_notes("scaled from floats")


def _alpha(decoded: Decoded, options: ReadingOptions) -> Decoded:
    """Drop opaque alpha; else refuse, drop or lay the picture on the stated colour."""
    colour, alpha = _parts(decoded.samples)
    if alpha is None:
        return decoded
    full = np.iinfo(alpha.dtype).max
    if (alpha == full).all():
        return replace(decoded, samples=colour)
    if options.alpha == "refuse":
        share = float((alpha < full).mean())
        raise refuse(
            "E_ALPHA",
            f"{share:.1%} of its pixels are transparent.",
            'Flatten it, or set the reading option alpha to "drop" or to a colour "#rrggbb".',
        )
    if options.alpha == "drop":
        return replace(decoded, samples=colour).with_notes("alpha dropped")
    return replace(decoded, samples=_laid_on(decoded, options.alpha)).with_notes("laid on a colour")


def _laid_on(decoded: Decoded, background: str) -> np.ndarray:
    """Composite in sRGB numbers, as browsers do."""
    colour, alpha = _parts(decoded.samples)
    assert alpha is not None
    full = np.iinfo(colour.dtype).max
    if colour.ndim == 2:
        colour = np.repeat(colour[..., None], 3, axis=2)
    below = np.array([int(background[i : i + 2], 16) for i in (1, 3, 5)]) * (full / 255)
    share = (alpha / np.float32(full))[..., None]
    above = colour if decoded.premultiplied else colour * share
    return np.clip(np.round(above + below * (1 - share)), 0, full).astype(colour.dtype)


def _profile(decoded: Decoded, options: ReadingOptions) -> Decoded:
    """Convert to sRGB, at 8 bits unless the profile is that of sRGB."""
    samples, profile = decoded.samples, decoded.profile
    if not profile:
        return decoded
    if options.icc == "ignore":
        return decoded.with_notes("profile ignored")
    if profiles.is_srgb(profile, samples.ndim == 2):
        return decoded
    if samples.dtype == np.uint16:
        samples = np.round(np.arange(65536) / 257).astype(np.uint8)[samples]
        decoded = decoded.with_warning(
            "W_DEPTH",
            "a 16-bit picture with a profile is converted at 8 bits.",
            "Export it as 16-bit sRGB if the finer steps matter.",
        )
    samples, clipped = profiles.to_srgb(samples, profile)
    if clipped > GAMUT_SHARE:
        decoded = decoded.with_warning(
            "W_GAMUT", f"{clipped:.1%} of its pixels are more vivid than sRGB and were clipped."
        )
    return replace(decoded, samples=samples).with_notes("profile converted to sRGB")
