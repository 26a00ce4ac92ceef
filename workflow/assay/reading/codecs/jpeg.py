"""JPEG: what Pillow doesn't check. The end marker, missing rows, absurd headers, sample depth."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assay.faults import refuse
from assay.reading.codecs.png import corrupt, truncated

MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # in a scan; 00 is stuffing, D0 to D7 restarts
STANDALONE = {0x01, *range(0xD0, 0xD9)}
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
DECODED = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}  # baseline, extended, progressive; Huffman or arithmetic
MOST_SEGMENTS, MOST_HEADER = 10_000, 16 * 2**20
MOST_SCANS, MOST_SCANNED = 60, 1_500_000_000  # scans; scans times pixels


@dataclass
class Header:
    """What the markers of a JPEG say. end is where the end marker stands."""

    frame: int = 0
    precision: int = 8
    width: int = 0
    height: int = 0
    components: int = 0
    profile: bool = False
    scans: int = 0
    end: int = 0


def inspect(data: bytes) -> Header:
    """Walk all markers; BadInput E_TRUNCATED, E_CORRUPT, E_DEPTH, E_FORMAT, E_CHANNELS, E_CMYK."""
    header, position, length = Header(), 2, 0
    for _ in range(MOST_SEGMENTS):
        found = MARKER.search(data, position)
        if not found:
            raise truncated("the end marker is missing")
        marker, start = data[found.end() - 1], found.end()
        if marker == 0xD9:
            header.end = found.start()
            return _checked(header)
        if marker in STANDALONE:
            position = start
            continue
        position = start + int.from_bytes(data[start : start + 2], "big")
        if position > len(data) or start + 2 > len(data):
            raise truncated("a segment is cut")
        length += position - start if marker != 0xDA else 0
        _note(header, marker, data[start + 2 : position])
        if length > MOST_HEADER or _too_many_scans(header):
            break
    raise corrupt("its header or its number of scans is absurd")


def _too_many_scans(header: Header) -> bool:
    scanned = header.scans * header.width * header.height
    return header.scans > MOST_SCANS or (header.scans > 10 and scanned > MOST_SCANNED)


def _note(header: Header, marker: int, body: bytes) -> None:
    if marker in FRAMES:
        if len(body) < 6:
            raise corrupt("its frame header is cut")
        header.frame, header.precision, header.components = marker, body[0], body[5]
        header.height = int.from_bytes(body[1:3], "big")
        header.width = int.from_bytes(body[3:5], "big")
    elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):
        header.profile = True
    elif marker == 0xDA:
        header.scans += 1


def _checked(header: Header) -> Header:
    """Refuse what libjpeg can't decode, or what has no colours that we know."""
    if not header.frame or not header.scans:
        raise truncated("it has no picture data")
    if header.precision != 8:
        raise refuse(
            "E_DEPTH",
            f"it has {header.precision} bits a sample; 8 are read.",
            "Export it as 16-bit TIFF or PNG.",
        )
    if header.frame not in DECODED:
        raise refuse("E_FORMAT", "it is lossless or hierarchical JPEG.", "Export it as PNG.")
    if header.components == 4:
        raise refuse("E_CMYK", "its colours are CMYK, for a printing press.", "Export it as sRGB.")
    if header.components not in (1, 3):
        raise refuse("E_CHANNELS", f"it has {header.components} channels.", "Export it as sRGB.")
    return header


def without_end(data: bytes, header: Header) -> bytes | None:
    """The file with zeros for its end marker, None for several scans.

    The decoder makes up grey for rows that are missing before an end marker; without the marker
    it says so. A whole picture never touches the zeros.
    """
    if header.scans > 1 or header.frame == 0xC2:
        return None
    return data[: header.end] + bytes(8)
