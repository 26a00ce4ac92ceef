"""Jobs in several processes: in order, and a job that kills its process costs only itself."""

import os
import signal
import time

import pytest

from assay import parallel


def double(number: int) -> int:
    return 2 * number


def double_or_die(number: int) -> int:
    if number in (37, 38, 90):
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def double_or_spin(number: int) -> int:
    while number == 5:
        pass
    return 2 * number


def lost(number: int) -> int:
    return -1


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_order(workers):
    assert list(parallel.in_order(double, range(300), workers, lost)) == list(range(0, 600, 2))
    assert list(parallel.in_order(double, [], workers, lost)) == []


def test_a_crash_costs_one_job():
    found = list(parallel.in_order(double_or_die, range(120), 2, lost))
    assert found == [-1 if n in (37, 38, 90) else 2 * n for n in range(120)]


def test_an_endless_job_costs_itself():
    start = time.perf_counter()
    found = list(parallel.in_order(double_or_spin, range(8), 2, lost, seconds=1))
    assert found == [-1 if n == 5 else 2 * n for n in range(8)]
    assert time.perf_counter() - start < 30


def test_errors_are_passed_on():
    with pytest.raises(TypeError):
        list(parallel.in_order(double, [None], 2, lost))
