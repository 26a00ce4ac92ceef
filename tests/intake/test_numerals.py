from __future__ import annotations

import math

import pytest

from assay.intake import numerals


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.13456, "0.135"),
        (21.58, "21.6"),
        (1060.5, "1060"),
        (-2.5, "−2.50"),
        (0.0, "0.00"),
        (math.nan, "–"),
        (math.inf, "–"),
        (None, "–"),
    ],
)
def test_three_significant_digits_and_a_true_minus(value: float | None, text: str) -> None:
    assert numerals.number(value) == text


def test_a_number_that_rounds_to_zero_has_no_sign() -> None:
    assert numerals.number(-0.001, 1) == "0.0"
    assert numerals.signed(0.001, 1) == "0.0"
    assert numerals.signed(0.26, 1) == "+0.3"
    assert numerals.signed(-0.26, 1) == "−0.3"


def test_an_interval_shares_the_decimals_of_its_estimate_or_of_its_width() -> None:
    assert numerals.with_ends(21.58, 18.361, 25.512) == "21.6 (18.4 to 25.5)"
    assert numerals.with_ends(0.04, -3.2, 11.27) == "0.04 (−3.20 to 11.27)"
    assert numerals.with_ends(87.56, 71.8, 106.2) == "87.6 (71.8 to 106.2)"
    assert numerals.with_ends(3.0, None, math.nan) == "3.00"
    assert numerals.ends(None, 2.0) == "no interval"
    assert numerals.confident(1.0, 2.5) == "95 % interval 1.00 to 2.50"
    assert numerals.confident(None, None) == "too few samples for an interval"


def test_counts_are_words() -> None:
    assert numerals.count(1, "fold") == "1 fold"
    assert numerals.count(12345, "photograph") == "12\u202f345 photographs"


def test_what_is_less_than_one_does_not_read_as_one() -> None:
    shown = numerals.with_ends(0.99998697, 0.99998571, 0.9999878)
    assert shown == "0.999987 (0.999986 to 0.999988)"
    assert numerals.number(0.9996) == "0.99960"
    assert numerals.number(0.998) == "0.998"
    assert numerals.number(1.0) == "1.00"
    assert numerals.number(-0.9996) == "−0.99960"
    assert numerals.number(1 - 1e-12) == "1.000000"  # at most six decimals
