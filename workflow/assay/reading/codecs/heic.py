"""HEIC photographs of phones, by the optional extra pillow-heif; libheif turns them upright."""

from __future__ import annotations

import numpy as np

from assay.faults import refuse
from assay.reading.codecs import pillow
from assay.reading.options import Decoded, ReadingOptions

MODES = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "RGBa": 4}


def decode(data: bytes, options: ReadingOptions) -> Decoded:
    """Decode the one picture of a HEIC file; BadInput E_FORMAT without the extra."""
    try:
        import pillow_heif
    except ImportError as error:
        raise refuse(
            "E_FORMAT",
            "HEIC is read by an optional package that isn't installed.",
            "Install it: pip install pillow-heif; or export the photograph as JPEG or PNG.",
        ) from error
    with pillow.decoding():
        file = pillow_heif.open_heif(data, convert_hdr_to_8bit=False)
        pillow.refuse_frames(len(file))
        options.check_size(*file.size)
        mode = file.mode.partition(";")[0]
        samples = _array(np.asarray(file), MODES[mode], file.info.get("bit_depth", 8))
        profile = file.info.get("icc_profile") or b""
        stated = file.info.get("nclx_profile") or {}
    if not profile and options.icc == "convert":
        _check_colour_space(stated)
    return Decoded(samples, "HEIC", profile=profile, premultiplied=mode == "RGBa")


def _check_colour_space(stated: dict[str, int]) -> None:
    """Refuse code points (nclx, ITU-T H.273) of other colour spaces than sRGB or Rec. 709."""
    primaries = stated.get("color_primaries", 2)
    transfer = stated.get("transfer_characteristics", 2)
    if primaries not in (1, 2) or transfer not in (1, 2, 6, 13):
        raise refuse(
            "E_ICC",
            f"it states a colour space (nclx {primaries}/{transfer}) that can't be applied.",
            "Export it as sRGB, or set the reading option icc: ignore.",
        )


def _array(samples: np.ndarray, channels: int, bits: int) -> np.ndarray:
    """Samples (H, W) or (H, W, C): uint8, or uint16 of full scale (libheif shifts them left)."""
    samples = samples.reshape(*samples.shape[:2], channels)
    if samples.dtype == np.uint16:
        levels = 2**bits - 1
        scale = np.round(np.arange(levels + 1) * (65535 / levels)).astype(np.uint16)
        samples = scale[samples >> (16 - bits)]
    return samples[..., 0] if channels == 1 else samples
