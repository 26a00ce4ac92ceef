from __future__ import annotations

import threading

import pytest

from assay.method import ahead


def test_results_come_in_order_and_few_wait() -> None:
    started, lock = [0], threading.Lock()

    def work(item: int) -> int:
        with lock:
            started[0] += 1
        return item * item

    results = ahead.in_order(work, range(1000), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 4]
    assert started[0] <= 3 + ahead.WAITING * 2
    assert list(results) == [n * n for n in range(3, 1000)]


def test_an_error_is_raised_where_its_item_stands() -> None:
    results = ahead.in_order(lambda item: 1 // item, [1, 0, 1], 2)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
