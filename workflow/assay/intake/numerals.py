"""Numbers as people read them: three significant digits, a true minus sign, ends of an interval."""

from __future__ import annotations

import math

MOST = 6  # decimals of what is nearly 1
NONE = "–"  # what stands where there is no number


def missing(value: float | None) -> bool:
    """Whether there is no number: None, NaN or infinite."""
    return value is None or not math.isfinite(value)


def decimals(*values: float | None, digits: int = 3) -> int:
    """Decimals that show the largest of `values` with `digits` significant digits.

    What is less than 1 doesn't read as 1, up to MOST decimals: of a determination coefficient of
    0.99998697 counts what it lacks of 1, so it has six.
    """
    sizes = [abs(value) for value in values if value is not None and math.isfinite(value)]
    largest = max(sizes, default=0.0)
    if largest == 0:
        return digits - 1
    places = max(0, digits - 1 - math.floor(math.log10(largest)))
    if round(largest, places) == 1 > largest:
        return min(MOST, 1 - math.floor(math.log10(1 - largest)))
    return places


def number(value: float | None, places: int | None = None, digits: int = 3) -> str:
    """`value` with so many decimals, by default those of three significant digits."""
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{value:.{decimals(value, digits=digits) if places is None else places}f}"
    negative = text.startswith("-") and float(text) != 0
    return ("\u2212" if negative else "") + text.lstrip("-")


def signed(value: float | None, places: int | None = None) -> str:
    """`number` with a plus sign where it is above zero."""
    text = number(value, places)
    return f"+{text}" if value is not None and text[0].isdigit() and float(text) > 0 else text


def ends(low: float | None, high: float | None, places: int | None = None) -> str:
    """The interval as words: `18.4 to 25.5`, or `no interval`."""
    if missing(low) or missing(high):
        return "no interval"
    shown = decimals(low, high) if places is None else places
    return f"{number(low, shown)} to {number(high, shown)}"


def places_of(value: float | None, low: float | None, high: float | None) -> int:
    """Decimals for an estimate and its interval: three digits of it, or of half the interval."""
    if low is None or high is None or missing(low) or missing(high):
        return decimals(value)
    return decimals(value, (high - low) / 2)


def confident(low: float | None, high: float | None, places: int | None = None) -> str:
    """`95 % interval 18.4 to 25.5`, or `too few samples for an interval`."""
    if missing(low) or missing(high):
        return "too few samples for an interval"
    return f"95 % interval {ends(low, high, places)}"


def with_ends(value: float | None, low: float | None, high: float | None) -> str:
    """`21.6 (18.4 to 25.5)`; without ends the number alone, without a number a dash."""
    if missing(value):
        return NONE
    places = places_of(value, low, high)
    if missing(low) or missing(high):
        return number(value, places)
    return f"{number(value, places)} ({ends(low, high, places)})"


def count(number_: int, what: str) -> str:
    """`1 photograph`, `2 photographs`."""
    return f"{number_:,} {what}{'' if number_ == 1 else 's'}".replace(",", "\u202f")
