"""Profiles and what else a file states about its colours."""

import struct

import numpy as np
import pytest
from PIL import Image

import pictures
from assay.images import ReadingOptions
from pictures import codes

DEFAULT = ReadingOptions()


def test_profiles_that_do_not_fit_are_refused_or_ignored(read, refused):
    grey = bytearray(pictures.adobe_rgb())
    grey[16:20] = b"GRAY"
    link = bytearray(pictures.adobe_rgb())
    link[12:16] = b"link"
    for profile in (bytes(grey), bytes(link), b"junk" * 50, pictures.adobe_rgb()[:200]):
        data = pictures.save(pictures.scene(), "PNG", icc_profile=profile)
        assert refused(data) == "E_ICC"
        assert (read(data, icc="ignore").pixels == pictures.scene()).all()


def test_broken_profile_chunks_that_pillow_drops_are_refused(refused):
    png = pictures.with_chunk(pictures.kinds()["rgb.png"], b"iCCP", b"x\0\0not zlib")
    assert refused(png) == "E_ICC"
    data = pictures.kinds()["baseline.jpg"]
    part = b"ICC_PROFILE\0\1\3" + pictures.adobe_rgb()  # part 1 of 3, the others are missing
    segment = b"\xff\xe2" + struct.pack(">H", len(part) + 2) + part
    assert refused(data[:2] + segment + data[2:]) == "E_ICC"


def test_adobe_rgb_by_exif_alone_is_refused(read, refused):
    tag = Image.Exif()
    tag.get_ifd(0x8769)[0xA001] = 65535
    tag.get_ifd(0x8769)[0xA005] = {1: "R03"}
    data = pictures.save(pictures.scene(), "JPEG", exif=tag.tobytes())
    assert refused(data) == "E_ICC"
    assert read(data, icc="ignore").width == 48


def test_linear_gamma_and_wide_primaries_are_told(read, refused):
    plain = pictures.kinds()["rgb.png"]
    linear = pictures.with_chunk(plain, b"gAMA", struct.pack(">I", 100_000))
    assert codes(read(linear)) == {"W_GAMMA"}
    usual = pictures.with_chunk(plain, b"gAMA", struct.pack(">I", 45_455))
    assert not codes(read(usual))
    wide = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
    assert codes(read(pictures.with_chunk(plain, b"cHRM", wide))) == {"W_GAMMA"}
    assert refused(pictures.with_chunk(plain, b"cICP", bytes([9, 16, 0, 1]))) == "E_ICC"


@pytest.mark.parametrize(
    ("pixels", "code"),
    [
        (np.full((40, 40, 3), 7), "W_CONSTANT"),
        (np.where(np.arange(40)[:, None, None] < 20, 255, 90) * np.ones((40, 40, 3)), "W_CLIPPED"),
        (pictures.scene(40, 160), "W_ASPECT"),
    ],
)
def test_doubtful_appearances_are_told(read, pixels, code):
    assert codes(read(pictures.save(pixels.astype(np.uint8), "PNG"))) == {code}


def test_small_pictures_and_gifs_are_told(read):
    assert read(pictures.save(pictures.scene(20, 30), "PNG")).warnings[0].code == "W_SMALL"
    assert codes(read(pictures.kinds()["rgb.gif"])) == {"W_PALETTE"}
