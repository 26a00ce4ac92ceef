"""Bias, recovery and total error per level, and the limits that follow from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from assay.metrics import Scale, on_scale, pair
from assay.statistics.analytical import accuracy, loq
from assay.statistics.analytical.accuracy import Accuracy
from assay.statistics.interval import Interval
from assay.validation.facts import ends, number
from assay.validation.rows import levels_of


def judged(table: pd.DataFrame, scale: Scale, allowed_percent: float) -> list[Accuracy]:
    """Each level of the samples, in concentration units on either scale."""
    at = levels_of(table["known"], scale)
    known, found = pair(table["known"], table["found"], scale)
    if scale == "linear":
        return accuracy.per_level(known, found, at=at, allowed_percent=allowed_percent)
    allowed = float(np.log10(1 + allowed_percent / 100))
    rows = accuracy.per_level(known, found, at=at, allowed=allowed)
    return [
        _exactly(in_units(row), table.loc[at.index == place, "known"])
        for place, row in enumerate(rows)
    ]


def _exactly(row: Accuracy, known: pd.Series) -> Accuracy:
    """The row with the known values as they were given, without the rounding of a logarithm."""
    low, high = float(known.min()), float(known.max())
    return replace(row, known=low if low == high else row.known, low=low, high=high)


def in_units(row: Accuracy) -> Accuracy:
    """A row of log10 values in concentration units: geometric means, SD of a log-normal error."""
    level = 10**row.known
    bias = _moved(row.bias, level)
    spread = None if row.sd is None else float(np.sqrt(np.expm1((row.sd * np.log(10)) ** 2)))
    return replace(
        row,
        known=level,
        low=10**row.low,
        high=10**row.high,
        found=10**row.found,
        bias=bias,
        recovery=_recovered(bias.scaled(100 / level)),
        sd=None if spread is None else level * spread,
        rsd=None if spread is None else 100 * spread,
        total_error=_difference(row.total_error, level),
        expected=_moved(row.expected, level),
        allowed=_difference(row.allowed, level),
    )


def _difference(value: float | None, level: float) -> float | None:
    """A difference of logarithms as a difference of concentrations at the level."""
    return None if value is None else float(level * (10**value - 1))


def _moved(interval: Interval, level: float) -> Interval:
    return replace(
        interval,
        estimate=float(level * (10**interval.estimate - 1)),
        low=_difference(interval.low, level),
        high=_difference(interval.high, level),
    )


def _recovered(bias: Interval) -> Interval:
    """Recovery in % from the bias in %."""
    low, high = (None if end is None else end + 100 for end in (bias.low, bias.high))
    return replace(bias, estimate=bias.estimate + 100, low=low, high=high)


def levels_table(rows: list[Accuracy]) -> pd.DataFrame:
    """One line per level; rows of samples.csv with that level made it."""
    return pd.DataFrame([_line(place, row) for place, row in enumerate(rows, start=1)])


def _line(place: int, row: Accuracy) -> dict[str, object]:
    percent = 100 / row.known if row.known > 0 else np.nan
    expected = row.expected.scaled(percent)
    return (
        {"level": place, "known": row.known, "known_low": row.low, "known_high": row.high}
        | {"samples": row.n, "found": row.found}
        | ends("bias", row.bias)
        | ends("recovery", row.recovery)
        | {"sd": number(row.sd), "rsd": number(row.rsd)}
        | {"total_error": number(row.total_error) * percent}
        | {"expected_low": number(expected.low), "expected_high": number(expected.high)}
        | {"allowed": number(row.allowed) * percent, "verdict": row.verdict}
        | {"note": row.bias.note, "rows": f"samples.csv, level {place}"}
    )


def limits_table(
    rows: list[Accuracy], table: pd.DataFrame, bias_percent: float, rsd_percent: float
) -> pd.DataFrame:
    """LOQ by goal and LOD, each with its value or the reason why there is none."""
    quantified = loq.limit_of_quantification(
        rows, bias_percent=bias_percent, rsd_percent=rsd_percent
    )
    detected = loq.limit_of_detection(table["known"], table["found"])
    if quantified.value is not None:  # the mean of a part of the range has many digits
        text = quantified.text.replace(f"{quantified.value:g}", f"{quantified.value:.3g}")
        quantified = replace(quantified, text=text)
    if "missed again" in quantified.reason:  # no range of levels begins there
        where = f"met at {quantified.text.removeprefix('at most ')}: {quantified.reason}"
        quantified = loq.Limit(None, "not established", where)
    names = {"limit of quantification": quantified, "limit of detection": detected}
    return pd.DataFrame(
        [
            {"what": key, "value": number(one.value), "text": one.text, "reason": one.reason}
            for key, one in names.items()
        ]
    )


def thin(table: pd.DataFrame, scale: Scale) -> list[str]:
    """The levels, or fifths of the range, that hold fewer samples than a level needs; in words."""
    at = levels_of(table["known"], scale)
    if at.repeated:
        values = 10**at.known if scale == "log10" else at.known
        pairs = zip(values, at.count, strict=True)
        return [f"{value:g} (n = {n})" for value, n in pairs if n < loq.MINIMUM_PER_LEVEL]
    values = on_scale(table["known"], scale, "known")
    count, edges = np.histogram(values, bins=5)
    borders = 10**edges if scale == "log10" else edges
    return [
        f"{borders[k]:.3g} to {borders[k + 1]:.3g} (n = {n})"
        for k, n in enumerate(count)
        if n < loq.MINIMUM_PER_LEVEL
    ]
