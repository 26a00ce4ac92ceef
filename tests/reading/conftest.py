"""Reading bytes as files."""

import pytest

from assay import images
from assay.faults import BadInput
from assay.images import ReadingOptions


@pytest.fixture
def read(tmp_path):
    """Read bytes as a file of some name."""

    def reader(data: bytes, name: str = "photo", roi=(), **options) -> images.Photo:
        path = tmp_path / name
        path.write_bytes(data)
        return images.read(path, ReadingOptions(**options), roi)

    return reader


@pytest.fixture
def refused(read):
    """The code under which bytes are refused; the message names the file."""

    def reader(data: bytes, name: str = "photo", roi=(), **options) -> str:
        with pytest.raises(BadInput) as caught:
            read(data, name, roi, **options)
        (fault,) = caught.value.faults
        assert fault.file.endswith(name)
        assert fault.message.endswith(".")
        assert fault.remedy
        return fault.code

    return reader
