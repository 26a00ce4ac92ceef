"""Every kind of picture is read true."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

import pictures
from assay import images
from assay.faults import BadInput
from assay.images import ReadingOptions
from assay.reading import colours
from pictures import codes

DEFAULT = ReadingOptions()


@pytest.mark.parametrize(
    "kind", ["rgb.png", "rgba.png", "text.png", "rgb.bmp", "raw.tif", "lzw.tif"]
)
def test_lossless_kinds_keep_every_pixel(read, kind):
    assert (read(pictures.kinds()[kind]).pixels == pictures.scene()).all()


@pytest.mark.parametrize(
    "kind",
    ["deep.tif", "deep_deflate.tif", "deep_tiles.tif", "deep_planes.tif", "big.tif"],
)
def test_deep_colour_keeps_every_bit(read, kind):
    photo = read(pictures.kinds()[kind])
    assert photo.pixels.dtype == np.uint16
    assert (photo.pixels == pictures.deep_scene()).all()


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "tiff_adobe_deflate", "zstd"])
def test_libtiff_undoes_every_lossless_compression_of_deep_samples(read, compression):
    deep = pictures.deep_scene()[..., 0]
    photo = read(pictures.save(deep, "TIFF", compression=compression))
    assert (photo.pixels == deep[..., None]).all()


def test_deep_grey_png_keeps_every_bit(read):
    deep = pictures.deep_scene()[..., 0]
    assert (read(pictures.save(deep, "PNG")).pixels == deep[..., None]).all()


def test_white_is_zero_reads_alike_at_8_and_16_bits(read):
    grey = pictures.scene()[..., 1]
    shallow = read(pictures.tiff(255 - grey, photometric="miniswhite"))
    deep = read(pictures.tiff(65535 - grey.astype(np.uint16) * 257, photometric="miniswhite"))
    assert (shallow.pixels == grey[..., None]).all()
    assert (deep.pixels == grey[..., None].astype(np.uint16) * 257).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_once(read, orientation):
    upright = pictures.scene()
    stored = next(
        turn
        for turn in _turns(upright)
        if (colours.upright(turn, orientation).shape == upright.shape)
        and (colours.upright(turn, orientation) == upright).all()
    )
    tag = Image.Exif()
    tag[0x0112] = orientation
    for kind, extra in (("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})):
        photo = read(pictures.save(np.ascontiguousarray(stored), kind, exif=tag.tobytes(), **extra))
        assert (photo.pixels == upright).all(), kind
        assert (photo.width, photo.height) == (48, 36)
    deep = np.ascontiguousarray(stored).astype(np.uint16) * 257
    photo = read(pictures.tiff(deep, extratags=[(274, "H", 1, orientation, True)]))
    assert (photo.pixels == upright.astype(np.uint16) * 257).all()


def _turns(pixels):
    for image in (pixels, pixels[:, ::-1]):
        for quarter in range(4):
            yield np.rot90(image, quarter)


def test_orientation_agrees_with_pillow():
    pixels = pictures.scene(5, 7)
    for orientation in range(1, 9):
        picture = Image.fromarray(pixels)
        picture.getexif()[0x0112] = orientation
        from PIL import ImageOps

        wanted = np.asarray(ImageOps.exif_transpose(picture))
        assert (colours.upright(pixels, orientation) == wanted).all()


def test_meaningless_orientation_is_told(read):
    photo = read(pictures.save(pictures.scene(), "JPEG", exif=pictures.exif(42)))
    assert codes(photo) == {"W_EXIF"}


def test_profile_is_converted_and_srgb_is_left_alone(read):
    from PIL import ImageCms

    color = np.full((40, 40, 3), (150, 95, 85), np.uint8)
    profile = pictures.adobe_rgb()
    converted = read(pictures.save(color, "PNG", icc_profile=profile)).pixels[10, 10]
    assert np.abs(converted.astype(int) - (168, 95, 84)).max() <= 4
    assert (
        read(pictures.save(color, "PNG", icc_profile=profile), icc="ignore").pixels == color
    ).all()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert (read(pictures.save(color, "PNG", icc_profile=srgb)).pixels == color).all()


def test_deep_profile_is_converted_at_8_bits_and_told(read):
    deep = pictures.tiff(pictures.deep_scene(), iccprofile=pictures.adobe_rgb())
    shallow = pictures.save(pictures.scene(), "PNG", icc_profile=pictures.adobe_rgb())
    photo = read(deep)
    assert "W_DEPTH" in codes(photo)
    assert np.abs(photo.pixels.astype(int) - read(shallow).pixels).max() <= 2


def test_vivid_colours_clipped_by_the_profile_are_told(read):
    vivid = np.tile(np.array([[[30, 250, 20]]], np.uint8), (40, 40, 1))
    vivid[:, ::2] -= 20
    assert "W_GAMUT" in codes(read(pictures.save(vivid, "PNG", icc_profile=pictures.adobe_rgb())))


def test_phone_container_with_a_preview_gives_its_first_picture(read):
    first, second = (Image.fromarray(pictures.scene(seed=seed)) for seed in (0, 1))
    file = io.BytesIO()
    first.save(file, "MPO", save_all=True, append_images=[second], quality=95)
    photo = read(file.getvalue(), "photo.jpg")
    plain = read(pictures.save(pictures.scene(), "JPEG", quality=95), "plain.jpg")
    assert (photo.pixels == plain.pixels).all()
    assert not photo.warnings


def test_heic_is_turned_once_and_deep_heic_keeps_its_scale(read):
    pillow_heif = pytest.importorskip("pillow_heif")
    photo = read(pictures.heic(pictures.scene()), "photo.heic")
    assert np.abs(photo.pixels[18, 16].astype(int) - (200, 30, 40)).max() < 16
    ramp = np.linspace(0, 65535, 64 * 48 * 3).reshape(48, 64, 3).astype("<u2")
    file = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (64, 48), ramp.tobytes()).save(file, quality=-1)
    deep = read(file.getvalue(), "deep.heic").pixels
    assert deep.dtype == np.uint16
    assert np.abs(deep.astype(int) - ramp).mean() < 400
    assert deep.max() > 65000


def test_heic_without_its_package_names_the_package(tmp_path, monkeypatch):
    pytest.importorskip("pillow_heif")
    path = tmp_path / "photo.heic"
    path.write_bytes(pictures.heic(pictures.scene()))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(BadInput, match=r"E_FORMAT.*pip install pillow-heif"):
        images.read(path, DEFAULT)


def test_region_of_interest_is_cut_from_the_upright_picture(read, refused):
    data = pictures.save(pictures.scene(), "PNG")
    photo = read(data, roi=(3, 5, 10, 20))
    assert (photo.pixels == pictures.scene()[5:25, 3:13]).all()
    assert (photo.width, photo.height) == (48, 36)
    for roi in ((40, 0, 10, 10), (0, 30, 10, 10), (0, 0, 0, 5)):
        assert refused(data, roi=roi) == "E_ROI"
