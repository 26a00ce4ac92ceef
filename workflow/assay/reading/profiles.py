"""ICC profiles to sRGB by LittleCMS, relative colorimetric; a profile of sRGB itself is skipped."""

from __future__ import annotations

import io
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from assay.faults import BadInput, refuse

CLASSES = ("scnr", "mntr", "prtr", "spac")  # of profiles that say what a device's numbers mean
BAND = 2**20  # pixels that are converted at once
REMEDY = "Export it as sRGB, or set the reading option icc: ignore."


def is_srgb(profile: bytes, grey: bool) -> bool:
    """Whether converting by this profile changes no colour by more than a step of 8 bits."""
    return _transform(profile, grey)[1]


def to_srgb(samples: np.ndarray, profile: bytes) -> tuple[np.ndarray, float]:
    """Convert uint8 samples (H, W) or (H, W, 3) to sRGB (H, W, 3).

    Also returns the share of pixels that the conversion clipped: at an end of the scale in some
    channel now, but not before. BadInput E_ICC if the profile can't be applied.
    """
    transform, _ = _transform(profile, samples.ndim == 2)
    if transform is _GREY_BY_RGB:
        samples = np.repeat(samples[..., None], 3, axis=2)
        transform, _ = _transform(profile, False)
    height, width = samples.shape[:2]
    converted = np.empty((height, width, 3), np.uint8)
    clipped = 0
    rows = max(1, BAND // width)
    for top in range(0, height, rows):
        band = np.ascontiguousarray(samples[top : top + rows])
        result = np.asarray(ImageCms.applyTransform(Image.fromarray(band), transform))
        before = _at_end(band if band.ndim == 3 else band[..., None])
        clipped += int((_at_end(result) & ~before).sum())
        converted[top : top + rows] = result
    return converted, clipped / (height * width)


_GREY_BY_RGB: Any = object()  # a grey picture with an RGB profile: its three channels are equal


@lru_cache(maxsize=64)
def _transform(profile: bytes, grey: bool) -> tuple[Any, bool]:
    """The transform to sRGB of a profile, and whether it is the identity."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        kind = source.profile.device_class.strip()
    except (ImageCms.PyCMSError, OSError, ValueError, AttributeError) as error:
        raise _unusable("its colour profile is broken") from error
    if kind not in CLASSES:
        raise _unusable(f"its colour profile is of a kind ({kind}) that describes no picture")
    if grey and space == "RGB":
        return _GREY_BY_RGB, _transform(profile, False)[1]
    if space != ("GRAY" if grey else "RGB"):
        raise _unusable(f"its profile is for {space} but it is {'grey' if grey else 'RGB'}")
    try:
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            "L" if grey else "RGB",
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.NONE,
        )
        return transform, _changes_nothing(transform, grey)
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        raise _unusable("its colour profile can't be applied") from error


def _changes_nothing(transform: Any, grey: bool) -> bool:
    """Probe a lattice of colours."""
    axis = np.arange(0, 256, 15 if not grey else 1, dtype=np.uint8)
    if grey:
        probe = axis[None, :]
        wanted = np.repeat(probe[..., None], 3, axis=2)
    else:
        probe = wanted = np.stack(np.meshgrid(axis, axis, axis), -1).reshape(1, -1, 3)
    converted = np.asarray(ImageCms.applyTransform(Image.fromarray(probe), transform))
    return bool((np.abs(converted.astype(int) - wanted) <= 1).all())


def _at_end(samples: np.ndarray) -> np.ndarray:
    """Where some channel is 0 or 255."""
    channels = [samples[..., channel] for channel in range(samples.shape[2])]
    least, most = reduce(np.minimum, channels), reduce(np.maximum, channels)
    return (least == 0) | (most == 255)


def _unusable(what: str) -> BadInput:
    return refuse("E_ICC", f"{what}.", REMEDY)
