"""Reading ahead: threads do the next few jobs while the results of earlier ones are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

Item = TypeVar("Item")
Done = TypeVar("Done")
WAITING = 32  # results a thread that wait, at most: a batch of two threads


def in_order(work: Callable[[Item], Done], items: Iterable[Item], workers: int) -> Iterator[Done]:
    """work(item) of each item, in order; decoding and array arithmetic leave Python's lock.

    Meanwhile no product of matrices takes threads of its own: together they would wait in turns.
    """
    with ThreadPoolExecutor(workers) as pool, threadpool_limits(1):
        waiting: deque[Future[Done]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= WAITING * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
