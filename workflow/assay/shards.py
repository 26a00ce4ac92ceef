"""Many photographs in several files of the same kind: shards of so many photographs each."""

from __future__ import annotations

import math
from pathlib import Path

BLOCK = 2**20  # bytes


def count(table: Path, shard_size: int) -> int:
    """How many shards the photographs of a label table need at most; one if it can't be told.

    The lines of the text are counted, no cell is read: of a table of a million rows that takes
    some 20 ms. An Excel workbook, which is packed, is one shard.
    """
    lines = returns = 0
    if not table.is_file():
        return 1
    with table.open("rb") as file:
        if file.read(2) == b"PK":
            return 1
        file.seek(0)
        while block := file.read(BLOCK):
            lines += block.count(b"\n")
            returns += block.count(b"\r")
    rows = max(lines, returns)  # the header stands for a last line without an end
    return of(rows, shard_size)


def of(photographs: int, shard_size: int) -> int:
    """The number of shards of so many photographs, at least one."""
    return max(1, math.ceil(photographs / shard_size))


def part(shard: int, shard_size: int, photographs: int) -> slice:
    """The photographs of a shard; none if it lies beyond the last of them; all for a size of 0."""
    size = shard_size or photographs
    return slice(*slice(shard * size, (shard + 1) * size).indices(photographs))
