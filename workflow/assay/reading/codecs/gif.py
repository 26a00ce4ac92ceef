"""GIF: walk the blocks, since Pillow joins comment blocks in quadratic time."""

from __future__ import annotations

from assay.reading.codecs.png import corrupt, truncated

MOST_BLOCKS = 1_000_000  # of at most 255 bytes each
MOST_EXTENSION = 4096  # blocks in one comment


def inspect(data: bytes) -> int:
    """The number of frames, counted up to 2; BadInput E_TRUNCATED or E_CORRUPT."""
    if len(data) < 14:
        raise truncated("the header is cut")
    position, frames = 13 + _table(data[10]), 0
    while position < len(data) and frames < 2:
        introducer = data[position]
        if introducer == 0x2C and position + 11 <= len(data):  # picture
            frames += 1
            position = _skip(data, position + 11 + _table(data[position + 9]), MOST_BLOCKS)
        elif introducer == 0x21:  # extension
            position = _skip(data, position + 2, MOST_EXTENSION)
        elif introducer == 0x3B or frames:  # trailer, or junk behind a whole picture
            break
        else:
            raise corrupt("an unknown block")
    if not frames:
        raise truncated("it has no picture data")
    return frames


def _table(flags: int) -> int:
    """Bytes of the colour table that a flag byte announces."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _skip(data: bytes, position: int, most: int) -> int:
    """The position after a chain of blocks."""
    for _ in range(most):
        if position >= len(data):
            raise truncated("a block is cut")
        if data[position] == 0:
            return position + 1
        position += 1 + data[position]
    raise corrupt("a chain of blocks is absurdly long")
