"""PNG: what Pillow doesn't check. Each chunk's checksum, missing rows, frames, stated colours."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from assay.faults import BadInput, refuse

MOST_CHUNKS = 200_000  # 64 megapixels in chunks of a kilobyte; more is an attack on our time
SRGB_GAMMA = 45455
SRGB_PRIMARIES = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of the colour types
COPY_AGAIN = "Copy it again from its source."


@dataclass
class Header:
    """What the chunks of a PNG say."""

    width: int = 0
    height: int = 0
    bit_depth: int = 0
    color_type: int = 0
    interlaced: bool = False
    frames: int = 1
    palette: int = 0  # entries
    gamma: int = 0
    primaries: tuple[int, ...] = ()
    srgb: bool = False
    profile: bool = False
    cicp: bytes = b""
    data: list[memoryview] = field(default_factory=list)


def corrupt(what: str) -> BadInput:
    """A BadInput for a broken structure."""
    return refuse("E_CORRUPT", f"its structure is broken: {what}.", COPY_AGAIN)


def truncated(what: str) -> BadInput:
    """A BadInput for a file that ends early."""
    return refuse("E_TRUNCATED", f"the file ends early: {what}.", COPY_AGAIN)


def inspect(data: bytes) -> Header:
    """Walk all chunks; BadInput E_TRUNCATED or E_CORRUPT if one is cut, broken or out of place."""
    header = Header()
    for index, (name, body) in enumerate(_chunks(data)):
        if (index == 0) != (name == b"IHDR"):
            raise corrupt("the header isn't the first chunk")
        _note(header, name, body)
    if not header.data:
        raise truncated("it has no picture data")
    if header.color_type == 3 and not header.palette:
        raise corrupt("the palette is missing")
    return header


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Names and contents of all chunks up to the end chunk, checksums compared."""
    view, start = memoryview(data), 8
    for _ in range(MOST_CHUNKS):
        if start + 12 > len(data):
            raise truncated("the end chunk is missing")
        length = int.from_bytes(view[start : start + 4], "big")
        name = bytes(view[start + 4 : start + 8])
        end = start + 12 + length
        if not name.isalpha():
            raise corrupt(f"{name!r} is no chunk")
        if end > len(data):
            raise truncated(f"chunk {name.decode()} is cut")
        if zlib.crc32(view[start + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise corrupt(f"the checksum of chunk {name.decode()} is wrong")
        yield name, view[start + 8 : end - 4]
        if name == b"IEND":
            return
        start = end
    raise corrupt(f"it has more than {MOST_CHUNKS} chunks")


def _note(header: Header, name: bytes, body: memoryview) -> None:
    try:
        if name == b"IHDR":
            fields = struct.unpack(">IIBBBBB", body)
            header.width, header.height, header.bit_depth, header.color_type = fields[:4]
            header.interlaced = fields[6] == 1
            if header.color_type not in CHANNELS or header.bit_depth not in (1, 2, 4, 8, 16):
                raise corrupt("colour type or bit depth don't exist")
        elif name == b"IDAT":
            header.data.append(body)
        elif name == b"PLTE":
            header.palette = len(body) // 3
        elif name == b"acTL":
            header.frames = struct.unpack(">II", body)[0]
        elif name == b"gAMA":
            header.gamma = struct.unpack(">I", body)[0]
        elif name == b"cHRM":
            header.primaries = struct.unpack(">8I", body)
        elif name == b"sRGB":
            header.srgb = True
        elif name == b"iCCP":
            header.profile = True
        elif name == b"cICP":
            header.cicp = bytes(body)
    except struct.error as error:
        raise corrupt(f"chunk {name.decode()} has a wrong length") from error


def check_rows(header: Header, last: np.ndarray) -> None:
    """Refuse pictures whose data stop before the last row; Pillow leaves such rows black.

    Inflating twice is dear, so only where the last row is all zero or the rows are interlaced.
    """
    if not header.interlaced and last.any():
        return
    bits = header.bit_depth * CHANNELS[header.color_type]
    wanted = sum(
        rows * (1 + (columns * bits + 7) // 8)
        for columns, rows in _passes(header)
        if columns and rows
    )
    if _inflated(header.data, wanted) < wanted:
        raise truncated("rows are missing")


def _passes(header: Header) -> list[tuple[int, int]]:
    """Columns and rows of each interlacing pass (Adam7), or of the one picture."""
    if not header.interlaced:
        return [(header.width, header.height)]
    starts = ((0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2))
    return [
        (len(range(x, header.width, dx)), len(range(y, header.height, dy)))
        for x, dx, y, dy in (*starts, (0, 1, 1, 2))
    ]


def _inflated(parts: list[memoryview], wanted: int) -> int:
    """Bytes that the compressed stream holds, counted up to `wanted`."""
    stream, count = zlib.decompressobj(), 0
    for part in parts:
        rest = bytes(part)
        while rest and count < wanted and not stream.eof:
            count += len(stream.decompress(rest, 2**20))
            rest = stream.unconsumed_tail
    return count


def colour_warnings(header: Header) -> list[str]:
    """What the file states about its colours that isn't applied, as sentences for W_GAMMA."""
    if header.srgb or header.profile:
        return []
    found = []
    if header.gamma and abs(header.gamma - SRGB_GAMMA) > 0.05 * SRGB_GAMMA:
        found.append(f"it states a gamma of {header.gamma / 100_000:g}, sRGB has about 0.45")
    if header.primaries and any(
        abs(ours - theirs) > 1000
        for ours, theirs in zip(header.primaries, SRGB_PRIMARIES, strict=True)
    ):
        found.append("it states other primary colours than those of sRGB")
    return found


def check_colour_space(header: Header) -> None:
    """Refuse code points (cICP) of other colour spaces than sRGB or Rec. 709 (E_ICC)."""
    if header.cicp and (header.cicp[0] not in (1, 2) or header.cicp[1] not in (1, 2, 6, 13)):
        raise refuse(
            "E_ICC",
            "it states another colour space (cICP) than sRGB, which can't be applied.",
            "Convert it to sRGB, or set the reading option icc: ignore.",
        )
