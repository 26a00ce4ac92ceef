"""The tags of a TIFF file, read with every offset and count checked against the file."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from assay.faults import BadInput, refuse
from assay.reading.codecs.png import corrupt, truncated

MOST_ENTRIES, MOST_PAGES = 4096, 1000
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
SIZES |= {16: 8, 17: 8, 18: 8}
LETTERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}


@dataclass(frozen=True)
class Page:
    """One page (IFD): raw entries as (type, count, position of the value)."""

    data: bytes
    order: str  # "<" or ">"
    entries: dict[int, tuple[int, int, int]]

    def integers(self, tag: int) -> tuple[int, ...]:
        """The integers of a tag, () if it is absent; BadInput E_CORRUPT, E_TRUNCATED."""
        if tag not in self.entries:
            return ()
        kind, count, position = self.entries[tag]
        if kind not in LETTERS:
            raise corrupt(f"tag {tag} has a wrong type")
        if position + count * SIZES[kind] > len(self.data):
            raise truncated(f"tag {tag} points behind the end")
        return struct.unpack_from(f"{self.order}{count}{LETTERS[kind]}", self.data, position)

    def integer(self, tag: int, default: int | None = None) -> int:
        """The first integer of a tag; E_CORRUPT if it is absent without a default."""
        values = self.integers(tag)
        if values:
            return values[0]
        if default is None:
            raise corrupt(f"tag {tag} is missing")
        return default

    def raw(self, tag: int) -> bytes:
        """The bytes of a tag, b"" if it is absent or points elsewhere."""
        kind, count, position = self.entries.get(tag, (1, 0, 0))
        return self.data[position : position + count * SIZES[kind]]

    @property
    def is_thumbnail(self) -> bool:
        """Whether it is a smaller version or a mask of another page."""
        return bool(self.integer(254, 0) & 0b101)


def pages(data: bytes) -> list[Page]:
    """All pages of a TIFF or BigTIFF file."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    found: list[Page] = []
    seen = {0}
    try:
        (offset,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
        while offset not in seen:
            seen.add(offset)
            entries, offset = _page(data, order, big, offset)
            found.append(Page(data, order, entries))
            if len(found) > MOST_PAGES:
                raise too_many_pages()
    except (struct.error, OverflowError) as error:  # an offset behind the end, or beyond 63 bits
        raise truncated("a table of tags is cut") from error
    if offset or not found:
        raise corrupt("its pages run in circles" if offset else "it has no page")
    return found


def _page(
    data: bytes, order: str, big: bool, offset: int
) -> tuple[dict[int, tuple[int, int, int]], int]:
    """The entries of the page at `offset`, and the offset of the next page."""
    count_format, entry_format, offset_format = ("Q", "HHQ", "Q") if big else ("H", "HHI", "I")
    (count,) = struct.unpack_from(order + count_format, data, offset)
    if count > MOST_ENTRIES:
        raise corrupt("a page has absurdly many tags")
    entries = {}
    start = offset + struct.calcsize("<" + count_format)
    inline = 8 if big else 4
    for _ in range(count):
        tag, kind, number = struct.unpack_from(order + entry_format, data, start)
        position = start + struct.calcsize("<" + entry_format)
        if kind in SIZES:
            if number * SIZES[kind] > inline:
                (pointer,) = struct.unpack_from(order + offset_format, data, position)
                entries[tag] = (kind, number, pointer)
            else:
                entries[tag] = (kind, number, position)
        start = position + inline
    return entries, struct.unpack_from(order + offset_format, data, start)[0]


def too_many_pages() -> BadInput:
    """A BadInput for a stack of pages."""
    return refuse(
        "E_FRAMES", "it holds several pages or frames.", "Save the one picture that is meant."
    )
