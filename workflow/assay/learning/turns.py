"""In which order trainings begin, so that all cores end together."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence

MANY = 12  # jobs for each worker: of more the longest first leaves no gap worth a search
ROUNDS = 300  # pairs that are tried; each takes some 10 microseconds
OFF = 0.1  # share by which an estimate may be off
DRAWS = 4  # sets of durations that are off, beside the estimates themselves


def end(durations: Sequence[float], workers: int) -> float:
    """When the last of these jobs ends, if each begins in turn as soon as a worker is free."""
    free = [0.0] * workers
    for duration in durations:
        heapq.heapreplace(free, free[0] + duration)
    return max(free)


def order(durations: Sequence[float], workers: int) -> list[int]:
    """Places of the jobs in the order in which they should begin.

    Longest first ends within a third of the best possible time (Graham 1969, doi:10.1137/0117039).
    From there pairs change places, by fixed draws, as long as the last job ends sooner on average
    over durations that are a little off.
    """
    best = sorted(range(len(durations)), key=lambda job: -durations[job])
    if workers == 1 or not workers < len(best) <= MANY * workers:
        return best
    draw = random.Random(0)
    cases = [[1.0] * len(best)]
    cases += [[draw.uniform(1 - OFF, 1 + OFF) for _ in best] for _ in range(DRAWS)]

    def total(jobs: Sequence[int]) -> float:
        return sum(end([durations[job] * case[job] for job in jobs], workers) for case in cases)

    least = total(best)
    for _ in range(ROUNDS):
        one, two = draw.sample(range(len(best)), 2)
        tried = list(best)
        tried[one], tried[two] = tried[two], tried[one]
        if (now := total(tried)) < least:
            best, least = tried, now
    return best
