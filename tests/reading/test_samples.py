"""Frames, transparency, channels and depth: decided by the user or refused."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

import pictures
from assay.images import ReadingOptions
from pictures import codes

DEFAULT = ReadingOptions()


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_several_frames_are_refused(refused, kind):
    frames = [Image.fromarray(pictures.scene(seed=seed)) for seed in (0, 1)]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    assert refused(file.getvalue()) == "E_FRAMES"


def half_transparent(depth=np.uint8) -> np.ndarray:
    full = np.iinfo(depth).max
    pixels = np.zeros((40, 40, 4), depth)
    pixels[..., 0], pixels[..., 3] = full, full // 2
    pixels[0, 0] = full
    return pixels


def test_transparent_pixels_are_refused_dropped_or_laid_on_a_colour(read, refused):
    data = pictures.save(half_transparent(), "PNG")
    assert refused(data) == "E_ALPHA"
    assert read(data, alpha="drop").pixels[5, 5].tolist() == [255, 0, 0]
    laid = read(data, alpha="#0000ff").pixels[5, 5].astype(int)
    assert np.abs(laid - (127, 0, 128)).max() <= 1


def test_transparent_deep_tiff_is_refused_and_opaque_is_read(read, refused):
    deep = half_transparent(np.uint16)
    data = pictures.tiff(deep, extrasamples=["unassalpha"])
    assert refused(data) == "E_ALPHA"
    assert read(data, alpha="drop").pixels.dtype == np.uint16
    deep[..., 3] = 65535
    assert (read(pictures.tiff(deep, extrasamples=["unassalpha"])).pixels == deep[..., :3]).all()


def test_unnamed_fourth_channel_is_not_dropped_in_silence(refused):
    data = pictures.tiff(half_transparent(), extrasamples=["unspecified"])
    assert refused(data) == "E_ALPHA"


def test_transparent_grey_and_key_colours_are_refused(refused):
    grey = np.full((40, 40, 2), 99, np.uint8)
    assert refused(pictures.save(grey, "PNG")) == "E_ALPHA"
    rows = pictures.png_rows(np.full((4, 4), 300, np.uint16))
    key = pictures.chunk(b"tRNS", struct.pack(">H", 300))
    assert refused(pictures.png(rows, 4, 4, depth=16, color_type=0, extra=key)) == "E_ALPHA"
    rows = pictures.png_rows(np.full((4, 4, 3), 300, np.uint16))
    key = pictures.chunk(b"tRNS", struct.pack(">3H", 300, 300, 300))
    assert refused(pictures.png(rows, 4, 4, depth=16, extra=key)) == "E_ALPHA"


def test_key_colour_that_no_pixel_has_is_harmless(read):
    rows = pictures.png_rows(pictures.scene())
    key = pictures.chunk(b"tRNS", struct.pack(">3H", 1, 2, 3))
    assert (read(pictures.png(rows, 48, 36, extra=key)).pixels == pictures.scene()).all()


@pytest.mark.parametrize(
    ("pixels", "options", "code"),
    [
        (np.zeros((8, 8, 4), np.uint8), {"photometric": "separated"}, "E_CMYK"),
        (np.zeros((8, 8, 5), np.uint8), {"planarconfig": "contig"}, "E_CHANNELS"),
        (np.zeros((8, 8), np.uint32), {}, "E_DEPTH"),
        (np.zeros((8, 8), np.int16), {}, "E_DEPTH"),
        (np.zeros((8, 8), np.complex64), {}, "E_FLOAT"),
        (np.full((8, 8, 3), 0.5, np.float32), {}, "E_FLOAT"),
        (np.full((8, 8), np.nan, np.float32), {}, "E_FLOAT"),
        (np.zeros((8, 8, 3), np.uint8), {"photometric": "cielab"}, "E_FORMAT"),
        (np.zeros((8, 8), np.uint16), {"photometric": "cfa"}, "E_FORMAT"),
    ],
)
def test_samples_without_a_known_meaning_are_refused(refused, pixels, options, code):
    assert refused(pictures.tiff(pixels, **options)) == code


def test_cmyk_and_12_bit_jpeg_are_refused(refused):
    assert refused(pictures.save(np.zeros((8, 8, 4), np.uint8), "JPEG", "CMYK")) == "E_CMYK"
    data = bytearray(pictures.kinds()["baseline.jpg"])
    data[data.index(b"\xff\xc0") + 4] = 12
    assert refused(bytes(data)) == "E_DEPTH"


def test_floats_are_read_by_a_stated_range(read, refused):
    pixels = np.linspace(0, 1, 40 * 40 * 3).reshape(40, 40, 3).astype(np.float32)
    photo = read(pictures.tiff(pixels), float_low=0.0, float_high=1.0)
    assert np.abs(photo.pixels - pixels * 65535).max() <= 0.51
    assert refused(pictures.tiff(pixels * 2), float_low=0.0, float_high=1.0) == "E_FLOAT"
    pixels[3, 3] = np.inf
    assert refused(pictures.tiff(pixels), float_low=0.0, float_high=1.0) == "E_FLOAT"


def test_12_bits_in_a_16_bit_file_need_to_be_stated(read, refused):
    deep = pictures.deep_scene() >> 4
    assert refused(pictures.tiff(deep)) == "E_RANGE"
    photo = read(pictures.tiff(deep), bit_depth=12)
    assert np.abs(photo.pixels - deep.astype(float) * 65535 / 4095).max() <= 0.5
    assert refused(pictures.tiff(pictures.deep_scene()), bit_depth=12) == "E_RANGE"
    assert "W_RANGE" in codes(read(pictures.tiff(deep), bit_depth=16))


def test_small_part_of_a_deep_range_is_told(read):
    deep = (pictures.deep_scene() >> 3) + 20_000
    assert codes(read(pictures.tiff(deep))) == {"W_RANGE"}
