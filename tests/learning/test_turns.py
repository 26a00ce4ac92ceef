"""Trainings begin in an order in which all cores end together."""

from __future__ import annotations

import random

import pytest

from assay.learning.turns import end, order

DEFAULT = [80.0] * 3 + [60.0] * 3 + [40.0] * 3  # three networks, three folds


def ending(durations: list[float], jobs: list[int], workers: int) -> float:
    return end([durations[job] for job in jobs], workers)


@pytest.mark.parametrize(
    ("durations", "workers", "expected"),
    [([], 2, 0), ([3, 2, 1], 1, 6), ([3, 2, 1], 2, 3), ([1, 2, 3], 2, 4), ([5, 1], 9, 5)],
)
def test_a_job_begins_as_soon_as_a_worker_is_free(
    durations: list[float], workers: int, expected: float
) -> None:
    assert end(durations, workers) == expected


@pytest.mark.parametrize("workers", [2, 4])
def test_what_longest_first_leaves_for_last_is_spread(workers: int) -> None:
    draw, gains = random.Random(7), []
    found = order(DEFAULT, workers)
    for _ in range(200):  # no estimate is right
        true = [duration * draw.uniform(0.85, 1.15) for duration in DEFAULT]
        gains.append(ending(true, list(range(9)), workers) / ending(true, found, workers))
    assert sum(gains) / len(gains) > 1.02


@pytest.mark.parametrize("workers", [1, 2, 3, 8, 100])
@pytest.mark.parametrize("jobs", [0, 1, 2, 15, 60])
def test_each_job_has_one_turn_and_by_the_estimates_hardly_any_time_is_lost(
    jobs: int, workers: int
) -> None:
    draw = random.Random(jobs)
    durations = [draw.uniform(1, 100) for _ in range(jobs)]
    found = order(durations, workers)
    assert sorted(found) == list(range(jobs))
    assert order(durations, workers) == found, "the same each time"
    longest_first = end(sorted(durations, reverse=True), workers)
    assert ending(durations, found, workers) <= 1.01 * longest_first


def test_without_a_choice_the_longest_begin_first() -> None:
    assert order([1, 3, 2], 1) == order([1, 3, 2], 5) == [1, 2, 0]
