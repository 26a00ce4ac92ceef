"""The tables of a validation, from one row per sample; errors and lines are on the scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from assay.metrics import Scale, pair
from assay.statistics.analytical import accuracy, agreement, deming, linearity, outliers
from assay.statistics.analytical.deming import Line
from assay.statistics.analytical.passing_bablok import passing_bablok
from assay.statistics.interval import Interval
from assay.statistics.uncertainty.calibration_errors import set_errors
from assay.statistics.variance import brown_forsythe
from assay.validation.facts import ends, estimate, number, plain, test
from assay.validation.rows import levels_of

ROWS = {  # where the samples of each error stand
    "RMSEC": "cross_validate/predictions.csv, found_seen",
    "RMSECV": "validation/samples.csv",
    "RMSEP": "evaluate/predictions.csv",
}
MOST_PAIRS = 5000  # samples; Passing-Bablok takes the slope of every pair


def linearity_table(table: pd.DataFrame, scale: Scale, unit: str) -> pd.DataFrame:
    """found = a + b known, and whether a line through the origin is enough."""
    known, found = pair(table["known"], table["found"], scale)
    line = linearity.linearity(known, found)
    rows = [
        estimate("intercept a", line.intercept, unit),
        estimate("slope b", line.slope),
        estimate("residual SD of the line", plain(line.residual_sd), unit),
        estimate("curvature: parabola from its chord at mid-range", line.curvature, unit),
        test("joint test of a = 0 and b = 1", line.identity),
        test("lack of fit", line.lack_of_fit),
        test("Mandel: parabola against line", line.mandel),
        test(
            "Brown-Forsythe: equal variance at all levels",
            brown_forsythe(known, found, levels_of(table["known"], scale)).test,
        ),
    ]
    columns = ["what", "value", "value_low", "value_high", "unit", "F", "df", "p", "note"]
    return pd.DataFrame(rows, columns=columns)


def errors_table(sets: dict[str, tuple[str, pd.DataFrame]], scale: Scale) -> pd.DataFrame:
    """RMSEC, RMSECV and RMSEP with bias, SEP and RPD; sets: what of it, and its samples."""
    rows = []
    for name, (what, table) in sets.items():
        one = set_errors(*pair(table["known"], table["found"], scale))
        row: dict[str, Any] = {"error": name, "of": what, "samples": one.n, "rmse": one.rmse}
        row |= ends("bias", one.bias) | {"sep": number(one.sep), "rpd": number(one.rpd)}
        row["rows"] = ROWS[name]
        rows.append(row)
    return pd.DataFrame(rows)


def agreement_table(table: pd.DataFrame, scale: Scale, unit: str) -> pd.DataFrame:
    """Bland-Altman: bias and limits between which 95 % of the differences lie, in units and %."""
    known, found = pair(table["known"], table["found"], scale)
    result = agreement.agreement(known, found)
    names = {"bias": "bias", "lower limit": "lower", "upper limit": "upper"}
    rows = [estimate(name, getattr(result.units, key), unit) for name, key in names.items()]
    if scale == "log10":
        rows += [
            estimate(name, _percent(getattr(result.units, key)), "%") for name, key in names.items()
        ]
    elif result.percent:
        rows += [estimate(name, getattr(result.percent, key), "%") for name, key in names.items()]
    if table["group"].nunique() > 1 and table["group"].ne("").all():
        over = accuracy.bias_over_sessions(known, found, table["group"])
        rows.append(estimate("bias, its interval over groups", over, unit))
    return pd.DataFrame(rows)


def _percent(interval: Interval) -> Interval:
    """A difference of logarithms as a change in %."""
    low, high = (
        None if end is None else 100 * (10**end - 1) for end in (interval.low, interval.high)
    )
    return Interval(100 * (10**interval.estimate - 1), low, high, interval.confidence)


def lines_table(table: pd.DataFrame, scale: Scale, unit: str, error_ratio: float) -> pd.DataFrame:
    """The line between both methods: Deming with the stated error ratio, and Passing-Bablok."""
    known, found = pair(table["known"], table["found"], scale)
    lines = {f"Deming, error ratio {error_ratio:g}": deming.deming(known, found, error_ratio)}
    if known.size <= MOST_PAIRS:
        lines["Passing-Bablok"] = passing_bablok(known, found)
    else:
        chosen = np.random.default_rng(0).choice(known.size, MOST_PAIRS, replace=False)
        name = f"Passing-Bablok, {MOST_PAIRS} of {known.size} samples drawn"
        lines[name] = passing_bablok(known[chosen], found[chosen])
    return pd.DataFrame([row for name, line in lines.items() for row in _line(name, line, unit)])


def _line(name: str, line: Line, unit: str) -> list[dict[str, Any]]:
    parts = [estimate("slope", line.slope), estimate("intercept", line.intercept, unit)]
    return [{"method": name, "samples": line.n} | part for part in parts]


def outliers_table(table: pd.DataFrame) -> pd.DataFrame:
    """Samples whose error stands apart, by robust z (3.5) or generalised ESD; none is dropped."""
    error = table["error"].to_numpy(np.float64)
    tests = {"robust z above 3.5": outliers.by_robust_z(error)}
    if error.size >= 25:
        tests["generalised ESD"] = outliers.by_esd(error)
    named: dict[int, list[str]] = {}
    for name, found in tests.items():
        for one in found:
            named.setdefault(one.position, []).append(name)
    result = table.iloc[list(named)].assign(by=[" and ".join(words) for words in named.values()])
    return result.drop(columns="photographs").reset_index(drop=True)
