"""Small pictures of every kind that is read, as bytes; and what was warned of them."""

import io
import struct
import zlib
from importlib.util import find_spec

import numpy as np
from PIL import Image

from assay.images import Photo
from assay.pictures.colour import linear_light
from assay.simulation.camera import srgb

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def scene(height: int = 36, width: int = 48, seed: int = 0) -> np.ndarray:
    """A coloured spot on a noisy ground, (H, W, 3) uint8."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    pixels = np.full((height, width, 3), 210.0) + (x * 0.2)[..., None]
    spot = (y - height / 2) ** 2 + (x - width / 3) ** 2 < (height / 3) ** 2
    pixels[spot] = 200, 30, 40
    return np.clip(pixels + generator.normal(0, 2, pixels.shape), 0, 254).astype(np.uint8)


def deep_scene() -> np.ndarray:
    """A 16-bit colour picture that uses its range, (H, W, 3) uint16."""
    low = np.random.default_rng(1).integers(0, 256, (36, 48, 3))
    return (scene().astype(np.uint16) << 8) + low.astype(np.uint16)


def save(pixels: np.ndarray, kind: str, mode: str | None = None, **options) -> bytes:
    file = io.BytesIO()
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(file, kind, **options)
    return file.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def png(
    rows: bytes,
    width: int,
    height: int,
    depth: int = 8,
    color_type: int = 2,
    extra: bytes = b"",
    interlace: int = 0,
) -> bytes:
    """A PNG of filtered rows, with extra chunks before the data."""
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlace)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows))
    return SIGNATURE + body + chunk(b"IEND", b"")


def with_chunk(data: bytes, name: bytes, body: bytes) -> bytes:
    """A PNG with one chunk more, behind its header."""
    return data[:33] + chunk(name, body) + data[33:]


def png_rows(pixels: np.ndarray) -> bytes:
    big = pixels.astype(pixels.dtype.newbyteorder(">"))
    return b"".join(b"\0" + row.tobytes() for row in big)


def tiff(pixels: np.ndarray, **options) -> bytes:
    import tifffile

    file = io.BytesIO()
    options = {"photometric": "rgb" if pixels.ndim == 3 else "minisblack", **options}
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()


def exif(orientation: int) -> bytes:
    """An EXIF block that says only how the camera was held."""
    table = struct.pack("<HHHII", 1, 0x0112, 3, 1, orientation) + bytes(4)
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + table


def fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(fixed, values))


def adobe_rgb() -> bytes:
    """The colour profile that the corpus would call Adobe RGB: matrix and gamma 2.2 (563/256)."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, 563) + b"\0\0"
    columns = (0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)
    return profile(b"Adobe", columns, curve)


def display_p3() -> bytes:
    """The profile of phones: DCI-P3's primaries adapted to D50, the curve of sRGB."""
    values = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    curve = b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + b"".join(map(fixed, values))
    return profile(b"P3   ", DISPLAY_P3, curve)


DISPLAY_P3 = (0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)
SRGB = (0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141)


def to_display_p3(pixels: np.ndarray) -> np.ndarray:
    """The same colours, (H, W, 3) uint8 sRGB, as numbers of Display P3."""
    light = linear_light()[pixels] @ np.array(SRGB) @ np.linalg.inv(np.array(DISPLAY_P3))
    return np.rint(255 * srgb(light)).astype(np.uint8)


def profile(name: bytes, columns: tuple[tuple[float, float, float], ...], curve: bytes) -> bytes:
    """A matrix profile: X, Y, Z (D50) of red, green and blue, and one curve for all of them."""
    text = b"desc\0\0\0\0" + struct.pack(">I", 6) + name + b"\0" + bytes(78)
    red, green, blue = columns
    tags = {
        b"desc": text,
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": xyz(0.9505, 1, 1.0891),
        b"rXYZ": xyz(*red),
        b"gXYZ": xyz(*green),
        b"bXYZ": xyz(*blue),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        value += bytes(-len(value) % 4)
        table += name + struct.pack(">II", offset + len(body), len(value))
        body += value
    head = struct.pack(
        ">I4sI4s4s4s", offset + len(body), b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ "
    )
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + fixed(0.9642)
    head += fixed(1) + fixed(0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def heic(pixels: np.ndarray, **options) -> bytes:
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(file, quality=90, **options)
    return file.getvalue()


def kinds() -> dict[str, bytes]:
    """One picture of every kind, by a name that tells the kind."""
    color, deep = scene(), deep_scene()
    optional = {"phone.heic": heic(color)} if find_spec("pillow_heif") else {}
    grey, alpha = color[..., 1], np.full((36, 48, 1), 255, np.uint8)
    return optional | {
        "rgb.png": save(color, "PNG"),
        "grey.png": save(grey, "PNG"),
        "palette.png": save(color, "PNG", "P"),
        "bilevel.png": save(grey, "PNG", "1"),
        "rgba.png": save(np.concatenate([color, alpha], 2), "PNG"),
        "deep_grey.png": save(deep[..., 0], "PNG"),
        "deep.png": png(png_rows(deep), 48, 36, depth=16),
        "profile.png": save(color, "PNG", icc_profile=adobe_rgb()),
        "text.png": with_chunk(save(color, "PNG"), b"tEXt", b"Comment\0hello"),
        "baseline.jpg": save(color, "JPEG"),
        "progressive.jpg": save(color, "JPEG", progressive=True),
        "grey.jpg": save(grey, "JPEG"),
        "exif.jpg": save(color, "JPEG", exif=exif(6), icc_profile=adobe_rgb()),
        "rgb.gif": save(color, "GIF"),
        "lossy.webp": save(color, "WEBP"),
        "lossless.webp": save(color, "WEBP", lossless=True, exif=exif(8)),
        "rgb.bmp": save(color, "BMP"),
        "grey.bmp": save(grey, "BMP"),
        "raw.tif": save(color, "TIFF"),
        "lzw.tif": save(color, "TIFF", compression="tiff_lzw"),
        "jpeg.tif": save(color, "TIFF", compression="jpeg"),
        "deep.tif": tiff(deep),
        "deep_deflate.tif": tiff(deep, compression="zlib", predictor=True),
        "deep_tiles.tif": tiff(deep, tile=(16, 16), compression="zlib", byteorder=">"),
        "deep_planes.tif": tiff(np.moveaxis(deep, 2, 0), planarconfig="separate"),
        "big.tif": tiff(deep, bigtiff=True),
        "deep_grey.tif": tiff(deep[..., 0]),
    }


def codes(photo: Photo) -> set[str]:
    """Codes of a photo's warnings, but that it is small, as all of these are."""
    return {warning.code for warning in photo.warnings} - {"W_SMALL"}
