"""What all that draws a simulated lab shares: its shots, their names, work by several processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Literal, TypeVar

from threadpoolctl import threadpool_limits

from assay import job
from assay.faults import refuse
from assay.progress import progress

FileFormat = Literal["png", "jpeg"]
Shot = tuple[int, int]  # number of the sample, and of its photograph, both from 0
Item = TypeVar("Item")


def image_name(shot: Shot, file_format: FileFormat) -> str:
    """File name of a photograph, the same whatever the number of samples."""
    return f"{shot[0]:05d}_{shot[1]}.{'png' if file_format == 'png' else 'jpg'}"


def demand(counts: dict[str, int], low: float, high: float) -> None:
    """BadInput E_OPTION unless counts are 1 or more and the range is one of positive numbers."""
    for setting, value in counts.items():
        if value < 1:
            remedy = f"Set {setting} to 1 or more."
            raise refuse("E_OPTION", f"{setting} is {value}.", remedy)
    if not 0 < low < high:
        remedy = "Give two positive numbers, the lower one first."
        raise refuse("E_OPTION", f"the range is {low:g} to {high:g}.", remedy)


def in_order(
    work: Callable[[Item], Any], items: list[Item], workers: int, what: str, unit: str = "photos"
) -> Iterator[Any]:
    """The results of `work` in the order of `items`, by `workers` processes (1: this one).

    Each computes on one thread, so that bytes don't depend on how many there are.
    """
    if workers == 1:
        with threadpool_limits(1):
            yield from progress(map(work, items), what, len(items), unit)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin) as pool:
        chunk = max(1, min(100, len(items) // (4 * workers)))
        yield from progress(pool.map(work, items, chunksize=chunk), what, len(items), unit)


def _begin() -> None:
    """What a worker starts with."""
    threadpool_limits(1)
    job.end_with_parent()
