from __future__ import annotations

import pytest

from assay.method import tables
from assay.method.delivered import Result
from assay.quantity import Quantity

LINEAR = Quantity("concentration", "mg/L", 80.0, 350.0)
LOG = Quantity("concentration", "mg/L", 1.0, 1000.0, "log10")


def result(value: float | None, sample: str = "s", reach: float = 5.0, reason: str = "") -> Result:
    if value is None:
        return Result("gone.png", sample, "REFUSE", reason or "no file")
    verdict = "WARN" if reason else "OK"
    return Result("a.png", sample, verdict, reason, value, value - reach, value + reach)


def combined(*results: Result, quantity: Quantity = LINEAR) -> Result:
    ((one, total, used),) = tables.combine(results, quantity)
    assert total == len(results)
    assert used == sum(r.value is not None for r in results)
    return one


def test_a_sample_is_the_mean_of_its_photographs_with_the_mean_of_their_intervals() -> None:
    one = combined(result(100), result(104, reach=7))
    assert (one.value, one.lower, one.upper, one.verdict) == (102, 96, 108, "OK")


def test_on_the_log_scale_the_mean_is_geometric() -> None:
    one = combined(result(10, reach=0), result(1000, reach=0), quantity=LOG)
    assert one.value == pytest.approx(100)


def test_photographs_that_disagree_are_told() -> None:
    one = combined(result(100), result(111))
    assert one.verdict == "WARN"
    assert "disagree by more than their intervals" in one.reason
    assert combined(result(100), result(109)).verdict == "OK"


def test_refused_photographs_are_left_out_and_told_and_all_refused_refuse() -> None:
    one = combined(result(100), result(None))
    assert (one.value, one.verdict, one.reason) == (100, "WARN", "gone.png: no file")
    none = combined(result(None), result(None))
    assert (none.value, none.verdict) == (None, "REFUSE")


def test_without_intervals_there_is_a_value_alone() -> None:
    bare = Result("a.png", "s", "OK", "", 100.0)
    one = combined(bare, bare)
    assert (one.value, one.lower, one.upper) == (100, None, None)


def test_csv_keeps_every_digit_and_no_formula() -> None:
    rows = tables.by_photo([result(0.1 + 0.2, reach=0, sample="=1+1")], LINEAR)
    text = tables.to_csv(rows)
    assert "0.30000000000000004" in text
    assert ",'=1+1," in text
    assert tables.to_csv([]) == "\n"
