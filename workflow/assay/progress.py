"""Progress for people: a bar on a terminal, a line with the rate in the log, none with --quiet."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
QUIET = False  # set once by cli.run

logger = logging.getLogger("assay")


def progress(
    items: Iterable[Item], what: str, total: int | None = None, unit: str = "photos"
) -> Iterator[Item]:
    """Yield `items` while showing how far the work is; at the end log the count and the rate."""
    start, count = time.perf_counter(), 0
    # disable=None: tqdm draws only on a terminal, so logs of batch systems stay readable
    for item in tqdm(
        items,
        desc=what,
        total=total,
        unit=f" {unit}",
        disable=True if QUIET else None,
        dynamic_ncols=True,
    ):
        yield item
        count += 1
    seconds = max(time.perf_counter() - start, 1e-9)
    logger.info("%s: %d %s in %.1f s (%.1f/s)", what, count, unit, seconds, count / seconds)
