"""Rows of tables: an estimate with its interval, a test with its p-value, or why there is none."""

from __future__ import annotations

from typing import Any

import numpy as np

from assay.statistics.hypothesis import FTest
from assay.statistics.interval import Interval


def number(value: float | None) -> float:
    """The value, NaN for none: an empty field in a CSV."""
    return float("nan") if value is None else float(value)


def ends(name: str, interval: Interval) -> dict[str, float]:
    """The columns name, name_low and name_high of an interval."""
    return {
        name: number(interval.estimate),
        f"{name}_low": number(interval.low),
        f"{name}_high": number(interval.high),
    }


def estimate(what: str, interval: Interval, unit: str = "", note: str = "") -> dict[str, Any]:
    """A row of an estimate."""
    return {"what": what, "unit": unit} | ends("value", interval) | {"note": note or interval.note}


def test(what: str, result: FTest) -> dict[str, Any]:
    """A row of an F test."""
    return {
        "what": what,
        "F": number(result.statistic),
        "df": f"{result.df_numerator}, {result.df_denominator}" if result.available else "",
        "p": number(result.p),
        "note": result.note,
    }


def plain(value: float | None) -> Interval:
    """A number that has no interval."""
    return Interval(np.nan if value is None else value, None, None)
