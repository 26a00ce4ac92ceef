"""The same picture later: checked before use, and read alike. The kinds: tests/reading."""

import pytest
from PIL import Image

import pictures
from assay import images
from assay.faults import BadInput
from assay.images import ReadingOptions

DEFAULT = ReadingOptions()


def test_a_changed_photograph_is_refused(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(pictures.kinds()["baseline.jpg"])
    sha256 = images.read(path, DEFAULT).sha256
    assert images.read_checked(path, sha256, DEFAULT).width == 48
    data = bytearray(path.read_bytes())
    data[-60] ^= 1
    path.write_bytes(data)
    with pytest.raises(BadInput, match="E_CHANGED"):
        images.read_checked(path, sha256, DEFAULT)


def test_the_fingerprint_tells_options_apart():
    assert images.fingerprint(DEFAULT) == images.fingerprint(ReadingOptions())
    assert images.fingerprint(DEFAULT) != images.fingerprint(ReadingOptions(icc="ignore"))
    assert images.decoders()["pillow"] == Image.__version__


@pytest.mark.parametrize(
    "options",
    [
        {"alpha": "white"},
        {"icc": "maybe"},
        {"bit_depth": 8},
        {"float_low": 0.0},
        {"float_low": 1.0, "float_high": 0.0},
        {"max_pixels": 0},
    ],
)
def test_meaningless_options_are_refused(options):
    with pytest.raises(ValueError, match=f"reading option {next(iter(options))[:5]}"):
        ReadingOptions(**options)
