"""A table is read block by block, and no edge of a block shows."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.faults import BadInput
from assay.tables import text

PIECES = [b"image,value\n", b"a.png,1\r\n", b"\r", b"\n", b'"', b",", b"\xc3\xa9", b"\xe2\x82\xac"]
PIECES += [b"\xf0\x9f\x98\x80", b"\xff", b"\xc3", b"\0", b"\xef\xbb\xbf", b"sep=;\n", b";", b" "]


def outcome(data: bytes) -> tuple[object, ...]:
    """The rows and warnings, or the fault."""
    try:
        rows, separator, warnings = text.parse(io.BytesIO(data), ["value"])
        return list(rows), separator, warnings
    except BadInput as bad:
        return tuple(bad.faults)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.integers(1, 5))
def test_the_size_of_a_block_changes_nothing(pieces: list[bytes], block: int) -> None:
    data = b"".join(pieces)
    whole = outcome(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "BLOCK", block)
        assert outcome(data) == whole


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_a_wrong_byte_is_told_with_its_line(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    (fault, *_) = outcome(data)
    position = data.find(b"\0")
    if position < 0:
        try:
            data.decode()
            return
        except UnicodeDecodeError as error:
            position = error.start
            assert f"0x{data[position]:02X}" in fault.message
    assert fault.code == "E_ENCODING"
    before = data[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert fault.row in (before.count(b"\n") + 1, None)  # None: so many NULs that it is UTF-16


def test_a_long_line_is_refused_before_it_is_read_whole() -> None:
    data = b"image,value\n" + b"x" * 10 * text.LONGEST_LINE
    (fault,) = outcome(data)
    assert (fault.code, fault.row) == ("E_TOO_LARGE", 2)
