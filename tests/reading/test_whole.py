"""By content and not by ending; whole; of a sane size."""

import contextlib
import struct
import zlib

import numpy as np
import pytest

import pictures
from assay import images
from assay.faults import BadInput
from assay.images import ReadingOptions
from pictures import codes

DEFAULT = ReadingOptions()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "E_EMPTY"),
        (b"<!DOCTYPE html><html>404</html>", "E_NOT_IMAGE"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "E_NOT_IMAGE"),
        (b"hello, I am a text", "E_NOT_IMAGE"),
        (bytes(range(200, 256)) * 9, "E_NOT_IMAGE"),
        (b"BMW is a make of cars, not a bitmap", "E_NOT_IMAGE"),
        (b'<?xml version="1.0"?><svg xmlns="x"/>', "E_FORMAT"),
        (
            b'\xef\xbb\xbf <!-- a > b --><!DOCTYPE svg [ <!ENTITY a "b"> ]>\n<svg xmlns="x"/>',
            "E_FORMAT",
        ),
        (b'image,value\n"<svg onload=x>.png",5\n', "E_NOT_IMAGE"),
        (b"%PDF-1.7", "E_FORMAT"),
        (b"8BPS\0\1", "E_FORMAT"),
        (b"PK\3\4" + bytes(30), "E_FORMAT"),
        (b"\0\0\0\x18ftypmp42" + bytes(12), "E_FORMAT"),
        (b"\0\0\0\x18ftypavif" + bytes(12), "E_FORMAT"),
        (b"\0\0\0\x18ftypcrx " + bytes(12), "E_FORMAT"),
        (b"II*\0\x10\0\0\0CR\2\0", "E_FORMAT"),
        (b"P6 2 2 255 " + bytes(12), "E_FORMAT"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "E_FORMAT"),
        (bytes(128) + b"DICM", "E_FORMAT"),
    ],
)
def test_other_bytes_are_named(refused, data, code):
    assert refused(data, "photo.png") == code


def test_camera_raw_in_tiff_clothes_is_not_read_as_its_thumbnail(refused):
    thumbnail = pictures.scene()
    assert refused(pictures.tiff(thumbnail, extratags=[(50706, "B", 4, b"\1\4\0\0", True)])) == (
        "E_FORMAT"
    )


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("rgb.png", "a.jpg", True),
        ("baseline.jpg", "a.JPEG", False),
        ("baseline.jpg", "a", False),
        ("baseline.jpg", "IMG.001", False),
        ("lossy.webp", "a.jpg", True),
        ("raw.tif", "a.TIF", False),
    ],
)
def test_ending_that_promises_another_format_is_told(read, kind, name, told):
    assert ("W_EXTENSION" in codes(read(pictures.kinds()[kind], name))) == told


@pytest.mark.parametrize("kind", sorted(pictures.kinds()))
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_cut_files_are_refused(refused, kind, share):
    data = pictures.kinds()[kind]
    assert refused(data[: int(len(data) * share)]) in ("E_TRUNCATED", "E_CORRUPT")


def test_jpeg_cut_and_closed_by_an_end_marker_is_refused(refused, read):
    data = pictures.save(pictures.scene(64, 64), "JPEG", quality=90)
    assert refused(data[: len(data) // 2] + b"\xff\xd9") == "E_TRUNCATED"
    flat = np.full((64, 64, 3), 128, np.uint8)  # plain last rows are no fault by themselves
    assert (read(pictures.save(flat, "JPEG", quality=95)).pixels == 128).all()


def test_junk_behind_a_whole_picture_is_harmless(read):
    for kind in ("rgb.png", "baseline.jpg", "rgb.gif"):
        assert read(pictures.kinds()[kind] + b"junk" * 50).width == 48


def test_png_whose_rows_end_early_is_refused(refused):
    rows = pictures.png_rows(pictures.scene())
    assert refused(pictures.png(rows[: len(rows) // 2], 48, 36)) == "E_TRUNCATED"


def test_interlaced_png_is_read_and_its_missing_passes_refused(read, refused):
    pixels = pictures.scene(8, 8)
    passes = [
        pixels[y::dy, x::dx]
        for x, dx, y, dy in (
            (0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2),
            (0, 1, 1, 2),
        )
    ]  # fmt: skip
    rows = [pictures.png_rows(part) for part in passes]
    assert (read(pictures.png(b"".join(rows), 8, 8, interlace=1)).pixels == pixels).all()
    assert refused(pictures.png(b"".join(rows[:-1]), 8, 8, interlace=1)) == "E_TRUNCATED"


def test_one_flipped_bit_of_a_png_is_refused(refused):
    data = bytearray(pictures.kinds()["rgb.png"])
    data[len(data) // 2] ^= 1
    assert refused(bytes(data)) == "E_CORRUPT"


def test_palette_indices_without_a_colour_are_refused(refused):
    palette = pictures.chunk(b"PLTE", bytes(6))
    rows = (b"\0" + bytes([0, 5])) * 2
    assert refused(pictures.png(rows, 2, 2, color_type=3, extra=palette)) == "E_CORRUPT"
    assert refused(pictures.png(rows, 2, 2, color_type=3)) == "E_CORRUPT"


@pytest.mark.parametrize(
    ("width", "height", "code"),
    [(50_000, 50_000, "E_TOO_LARGE"), (1, 40, "E_TOO_SMALL"), (900, 100, "E_ASPECT")],
)
def test_sizes_are_checked_in_the_header(refused, width, height, code):
    assert refused(pictures.png(b"", width, height)) == code
    page = bytearray(pictures.tiff(pictures.scene()))
    _set_tag(page, 256, width)
    _set_tag(page, 257, height)
    assert refused(bytes(page)) == code


def _set_tag(data: bytearray, tag: int, value: int) -> None:
    (offset,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, offset)
    for entry in range(offset + 2, offset + 2 + 12 * count, 12):
        if struct.unpack_from("<H", data, entry)[0] == tag:
            kind = struct.unpack_from("<H", data, entry + 2)[0]
            struct.pack_into("<I" if kind == 4 else "<H", data, entry + 8, value)


def test_larger_pictures_are_read_if_stated(read, refused):
    data = pictures.save(pictures.scene(), "PNG")
    assert refused(data, max_pixels=1000) == "E_TOO_LARGE"
    assert read(data, max_pixels=48 * 36).width == 48


@pytest.mark.parametrize(
    ("name", "prefix"), [(b"zTXt", b"k\0\0"), (b"iTXt", b"k\0\1\0\0\0"), (b"iCCP", b"k\0\0")]
)
def test_bombs_in_text_and_profile_chunks_are_refused(refused, name, prefix):
    bomb = prefix + zlib.compress(bytes(30 * 2**20))
    data = pictures.with_chunk(pictures.kinds()["rgb.png"], name, bomb)
    assert refused(data) in ("E_CORRUPT", "E_ICC")


@pytest.mark.parametrize("tag", [256, 257, 258, 259, 262, 273, 277, 278, 279])
@pytest.mark.parametrize("value", [0, 3, 65535])
def test_silly_tiff_tags_are_refused_or_harmless(tmp_path, tag, value):
    for data in (pictures.tiff(pictures.deep_scene()), pictures.kinds()["lzw.tif"]):
        page = bytearray(data)
        _set_tag(page, tag, value)
        path = tmp_path / "photo.tif"
        path.write_bytes(page)
        with contextlib.suppress(BadInput):
            assert images.read(path, DEFAULT).pixels.shape == (36, 48, 3)


def test_tiff_pages_in_circles_are_refused(refused):
    data = bytearray(pictures.tiff(pictures.scene()))
    (offset,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, offset)
    struct.pack_into("<I", data, offset + 2 + 12 * count, offset)
    assert refused(bytes(data)) == "E_CORRUPT"


def test_gif_comment_bomb_is_refused_at_once(refused):
    comment = b"\x21\xfe" + (b"\xff" + b"x" * 255) * 40_000 + b"\0"
    data = pictures.kinds()["rgb.gif"]
    start = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    assert refused(data[:start] + comment + data[start:]) == "E_CORRUPT"


def test_jpeg_with_absurdly_many_segments_is_refused(refused):
    data = pictures.kinds()["baseline.jpg"]
    assert refused(data[:2] + b"\xff\xfe\0\2" * 20_000 + data[2:]) == "E_CORRUPT"


def test_huge_files_are_refused_without_being_read(tmp_path):
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.write(pictures.kinds()["rgb.png"])
        file.truncate(20 * 2**30)  # sparse
    with pytest.raises(BadInput, match="E_TOO_LARGE"):
        images.read(path, DEFAULT)
