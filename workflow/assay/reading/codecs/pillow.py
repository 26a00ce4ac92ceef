"""Decoding by Pillow, to samples and what the file says about them. Never truncated pictures."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from PIL import Image

from assay.faults import BadInput, refuse
from assay.reading.codecs import gif, jpeg, png
from assay.reading.options import Decoded, ReadingOptions

# Sizes are checked by ReadingOptions.check_size right after the header is read, with a limit that
# is lower than Pillow's; what else Pillow warns of is checked here, or changes no pixel.
Image.MAX_IMAGE_PIXELS = None
warnings.filterwarnings("ignore", module=r"PIL\.")

BAND = 2**20  # pixels that are copied at once
COPY_AGAIN = "Copy it again from its source."


@contextmanager
def decoding() -> Iterator[None]:
    """Turn whatever a decoder raises over broken bytes into BadInput E_TRUNCATED or E_CORRUPT.

    Decoders raise nearly every exception there is over hostile bytes (struct.error, KeyError,
    AttributeError ...), so that a list of types would never be whole.
    """
    try:
        yield
    except BadInput:
        raise
    except Exception as error:
        ends_early = "truncated" in str(error).lower() or isinstance(error, EOFError)
        code, what = ("E_TRUNCATED", "ends early") if ends_early else ("E_CORRUPT", "is broken")
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise refuse(code, f"the file {what} ({reason}).", COPY_AGAIN) from error


def decode(data: bytes, kind: str, options: ReadingOptions) -> Decoded:
    """Decode PNG, JPEG, GIF, WEBP or BMP; BadInput if anything in it is broken or ambiguous."""
    return {"PNG": _png, "JPEG": _jpeg, "GIF": _gif, "WEBP": _webp, "BMP": _plain}[kind](
        data, kind, options
    )


def opened(data: bytes, kind: str, options: ReadingOptions) -> Image.Image:
    """An opened picture whose header is read and whose size is allowed; nothing is decoded yet."""
    formats = ("JPEG", "MPO") if kind == "JPEG" else (kind,)
    with decoding():
        picture = Image.open(io.BytesIO(data), formats=formats)
        options.check_size(*picture.size)
    return picture


def loaded(picture: Image.Image, kind: str) -> Decoded:
    """Decode an opened picture whole; its EXIF orientation is noted, not applied."""
    orientation, _, wrong = exif_words(picture)
    with decoding():
        picture.load()
        samples = samples_of(picture)
    return orient(
        Decoded(samples, kind, profile=picture.info.get("icc_profile") or b""), orientation, wrong
    )


def refuse_frames(frames: int) -> None:
    """Refuse films and stacks: which picture is meant can't be known."""
    if frames > 1:
        raise refuse(
            "E_FRAMES", "it holds several pages or frames.", "Save the one picture that is meant."
        )


def refuse_lost_profile(promised: bool, decoded: Decoded, options: ReadingOptions) -> None:
    """Refuse a profile that the file announces but that can't be read: Pillow drops it silently."""
    if promised and not decoded.profile and options.icc == "convert":
        raise refuse(
            "E_ICC",
            "its colour profile is broken.",
            "Export it as sRGB, or set the reading option icc: ignore.",
        )


def samples_of(picture: Image.Image) -> np.ndarray:
    """The samples of a decoded Pillow picture, palettes and transparent keys resolved."""
    mode = picture.mode
    if mode.startswith("I;16"):
        return _deep_gray(picture)
    if mode in ("CMYK", "YCCK"):
        raise refuse("E_CMYK", "its colours are CMYK, for a printing press.", "Export it as sRGB.")
    if mode == "I":
        raise refuse("E_DEPTH", "it has 32-bit integers.", "Export it with 8 or 16 bits.")
    if mode == "F":
        raise refuse("E_FLOAT", "it has floating-point samples.", "Export it with 16 bits.")
    if mode == "LAB":
        raise refuse("E_FORMAT", "its colours are CIELAB, which isn't read.", "Export it as sRGB.")
    if "transparency" in picture.info and mode in ("1", "L", "P", "RGB"):
        return array_of(picture.convert("LA" if mode in ("1", "L") else "RGBA"))
    target = {"1": "L", "P": "RGB", "PA": "RGBA", "YCbCr": "RGB", "RGBX": "RGB"}.get(mode, mode)
    return array_of(picture if target == mode else picture.convert(target))


def array_of(picture: Image.Image) -> np.ndarray:
    """The samples of a picture; large ones in bands, since Pillow hands out several copies."""
    width, height = picture.size
    if width * height <= BAND:
        return np.asarray(picture)
    rows = max(1, BAND // width)
    first = np.asarray(picture.crop((0, 0, width, 1)))
    samples = np.empty((height, *first.shape[1:]), first.dtype)
    for top in range(0, height, rows):
        end = min(top + rows, height)
        samples[top:end] = np.asarray(picture.crop((0, top, width, end)))
    return samples


def _deep_gray(picture: Image.Image) -> np.ndarray:
    samples = array_of(picture).astype(np.uint16, copy=False)  # to the machine's byte order
    key = picture.info.get("transparency")
    if key is None:
        return samples
    return np.dstack([samples, np.where(samples == key, 0, 65535).astype(np.uint16)])


def exif_words(picture: Image.Image) -> tuple[object, str, str]:
    """Orientation, interoperability index ("R03": Adobe RGB), and what is wrong with the block."""
    try:
        exif = picture.getexif()
        orientation = exif.get(0x0112, 1)
        index = exif.get_ifd(0xA005).get(1, "") if 0x8769 in exif or 0xA005 in exif else ""
    except Exception as error:  # a decoder of hostile bytes: see decoding
        return 1, "", f"its EXIF block can't be read ({type(error).__name__})"
    return orientation, str(index), ""


def orient(decoded: Decoded, orientation: object, wrong: str = "") -> Decoded:
    """Note an EXIF orientation to be applied; W_EXIF if it means nothing."""
    if orientation in range(1, 9) and not wrong:
        return replace(decoded, orientation=int(str(orientation)))
    wrong = wrong or f"its EXIF orientation is {str(orientation)[:40]}, which means nothing"
    return decoded.with_warning("W_EXIF", f"{wrong}; it was not turned.", "Check its upper side.")


def _plain(data: bytes, kind: str, options: ReadingOptions) -> Decoded:
    return loaded(opened(data, kind, options), kind)


def _png(data: bytes, kind: str, options: ReadingOptions) -> Decoded:
    header = png.inspect(data)
    options.check_size(header.width, header.height)
    refuse_frames(header.frames)
    picture = opened(data, kind, options)
    with decoding():
        picture.load()
    _check_palette(picture, header)
    with decoding():
        last = picture.crop((0, picture.height - 1, picture.width, picture.height))
        png.check_rows(header, np.asarray(last))
    if options.icc == "convert":
        png.check_colour_space(header)
    if header.bit_depth == 16 and picture.mode == "RGB" and "transparency" in picture.info:
        # Pillow kept the high bytes of the pixels but both bytes of the transparent colour
        picture.info["transparency"] = tuple(v >> 8 for v in picture.info["transparency"])
    decoded = loaded(picture, kind)
    refuse_lost_profile(header.profile, decoded, options)
    if header.color_type == 4 and decoded.samples.shape[-1] == 4:  # 16-bit grey with alpha
        decoded = replace(decoded, samples=decoded.samples[..., [0, 3]])
    if header.bit_depth == 16 and decoded.samples.dtype == np.uint8:
        decoded = decoded.with_warning(
            "W_DEPTH",
            "a 16-bit PNG is read at 8 bits.",
            "Export it as 16-bit TIFF if the finer steps matter.",
        )
    for sentence in png.colour_warnings(header):
        decoded = decoded.with_warning("W_GAMMA", f"{sentence}; it is read as sRGB.")
    return decoded


def _check_palette(picture: Image.Image, header: png.Header) -> None:
    if picture.mode == "P" and max(picture.tobytes(), default=0) >= header.palette:
        raise png.corrupt("pixels use colours that the palette lacks")


def _jpeg(data: bytes, kind: str, options: ReadingOptions) -> Decoded:
    header = jpeg.inspect(data)
    options.check_size(header.width, header.height)
    picture = opened(data, kind, options)
    decoded = loaded(picture, kind)
    _check_last_rows(data, header, decoded, options)
    refuse_lost_profile(header.profile, decoded, options)
    _check_adobe_rgb(picture, decoded, options)
    return decoded


def _check_last_rows(
    data: bytes, header: jpeg.Header, decoded: Decoded, options: ReadingOptions
) -> None:
    """Refuse a JPEG whose last rows are the decoder's filling; looked at only if they are plain."""
    last = decoded.samples[-8:]
    bare = jpeg.without_end(data, header)
    if bare is not None and (last == last[-1, -1]).all():
        with decoding():
            opened(bare, "JPEG", options).load()


def _check_adobe_rgb(picture: Image.Image, decoded: Decoded, options: ReadingOptions) -> None:
    """Cameras mark Adobe RGB by an EXIF word (DCF: interoperability R03) without a profile."""
    if decoded.profile or options.icc == "ignore" or "exif" not in picture.info:
        return
    if exif_words(picture)[1].startswith("R03"):
        raise refuse(
            "E_ICC",
            "its EXIF says Adobe RGB, but the profile is missing.",
            "Export it as sRGB, or set the reading option icc: ignore.",
        )


def _gif(data: bytes, kind: str, options: ReadingOptions) -> Decoded:
    picture = opened(data, kind, options)
    refuse_frames(gif.inspect(data))
    return loaded(picture, kind).with_warning(
        "W_PALETTE", "a GIF has at most 256 colours.", "Use the original photograph."
    )


def _webp(data: bytes, kind: str, options: ReadingOptions) -> Decoded:
    if 8 + int.from_bytes(data[4:8], "little") > len(data):
        raise png.truncated("its length is announced longer")
    picture = opened(data, kind, options)
    refuse_frames(getattr(picture, "n_frames", 1))
    decoded = loaded(picture, kind)
    refuse_lost_profile(b"ICCP" in data[12:64], decoded, options)
    return decoded
