"""Many small jobs in several processes; a job that kills its process costs only itself."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from assay import job

Item = TypeVar("Item")
Result = TypeVar("Result")
LARGEST_CHUNK = 64


def in_order(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    workers: int,
    killed: Callable[[Item], Result],
    seconds: int = 60,
) -> Iterator[Result]:
    """Yield work(item) of each item, in order; killed(item) for one whose process died.

    A job dies of a crash in a C library, or of the operating system's hand after `seconds` of
    processor time: native code that loops hears of nothing else. With one worker all runs here.
    """
    if workers <= 1:
        yield from map(work, items)
        return
    size = max(1, min(LARGEST_CHUNK, len(items) // (8 * workers)))
    chunks = deque(slice(start, start + size) for start in range(0, len(items), size))
    while chunks:
        try:
            yield from _until_broken(work, items, chunks, workers, seconds)
        except BrokenProcessPool:
            yield from _one_by_one(work, items[chunks.popleft()], killed, seconds)


def _until_broken(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    chunks: deque[slice],
    workers: int,
    seconds: int,
) -> Iterator[Result]:
    """Work off the chunks, taking each away when it is done; few results wait in memory."""
    with ProcessPoolExecutor(workers, initializer=job.end_with_parent) as pool:
        waiting: deque[Future[list[Result]]] = deque()
        started = 0
        while chunks:
            while started < len(chunks) and started < 4 * workers:
                waiting.append(pool.submit(_run, work, items[chunks[started]], seconds))
                started += 1
            results = waiting.popleft().result()
            chunks.popleft()
            started -= 1
            yield from results


def _one_by_one(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    killed: Callable[[Item], Result],
    seconds: int,
) -> Iterator[Result]:
    """Work off a suspected chunk alone; if it is to blame, each of its items alone."""
    try:
        with ProcessPoolExecutor(1, initializer=job.end_with_parent) as pool:
            results = pool.submit(_run, work, items, seconds).result()
    except BrokenProcessPool:
        if len(items) == 1:
            results = [killed(items[0])]
        else:
            results = [r for item in items for r in _one_by_one(work, [item], killed, seconds)]
    yield from results


def _run(work: Callable[[Item], Result], items: Sequence[Item], seconds: int) -> list[Result]:
    """In a worker: each job with its own allowance of processor time (SIGPROF ends a process)."""
    results = []
    for item in items:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        results.append(work(item))
    signal.setitimer(signal.ITIMER_PROF, 0)
    return results
