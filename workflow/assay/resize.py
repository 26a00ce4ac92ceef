"""Photographs to one array of small pictures that training can memory-map."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from assay import cli, files, images, shards
from assay.intake.records import records
from assay.pictures import area
from assay.progress import progress

NEEDED = ("image", "sha256", "roi_x", "roi_y", "roi_w", "roi_h")  # of the table of photographs


def picture(
    photos: Path,
    row: dict[str, Any],
    size: int,
    aspect: area.Aspect,
    options: images.ReadingOptions,
) -> np.ndarray:
    """Read one photograph as it was ingested, cut out its region of interest, resize it.

    Returns (size, size, 3) uint8. BadInput E_CHANGED if the file isn't the one that was ingested.
    """
    pixels = images.read_checked(photos / row["image"], row["sha256"], options).pixels
    if "roi_x" in row:
        left, top, width, height = (int(row[f"roi_{name}"]) for name in ("x", "y", "w", "h"))
        pixels = pixels[top : top + height, left : left + width]
    return area.resize(pixels, size, aspect)


def in_order(work: Any, rows: list[dict[str, Any]], workers: int) -> Iterator[np.ndarray]:
    """The pictures in the order of the rows; few are in memory at once.

    Decoding and resizing leave Python's lock, so that threads use all cores.
    """
    ahead = 16 * workers
    with ThreadPoolExecutor(workers) as pool, threadpool_limits(1):
        for start in range(0, len(rows), ahead):
            yield from pool.map(work, rows[start : start + ahead])


def resize(
    photos: Path,
    table: Path,
    out: Path,
    size: int,
    aspect: area.Aspect = "crop",
    options: images.ReadingOptions = images.ReadingOptions(),  # noqa: B008 - frozen
    shard: int = 0,
    shard_size: int = 0,
    workers: int = 2,
) -> None:
    """Write photographs of TABLE as one uint8 array (N, size, size, 3) and its SHA-256.

    Each new pixel is the mean of the photograph over its own square. SHARD (from 0) of SHARD_SIZE
    photographs is written; 0: all of them.
    """
    listed = files.read_table(table, only=NEEDED)
    rows = records(listed.iloc[shards.part(shard, shard_size, len(listed))])

    def work(row: dict[str, Any]) -> np.ndarray:
        return picture(photos, row, size, aspect, options)

    def fill(target: np.ndarray) -> None:
        pictures = progress(in_order(work, rows, workers), f"resize to {size}", len(rows))
        for number, pixels in enumerate(pictures):
            target[number] = pixels

    files.save_array(out, (len(rows), size, size, 3), fill)


if __name__ == "__main__":
    cli.run(resize)
