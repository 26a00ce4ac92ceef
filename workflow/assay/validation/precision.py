"""Repeatability, between-session and intermediate precision, and the photo-to-photo part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from assay.metrics import Scale, pair
from assay.statistics.analytical.precision import Component, Precision, nested, one_way
from assay.statistics.interval import Interval
from assay.validation.facts import ends, number

COUNTS = ["groups", "samples", "photographs"]
COLUMNS = ["basis", "component", "sd", "sd_low", "sd_high", "rsd", "rsd_low", "rsd_high"]
COLUMNS += ["F", "p", *COUNTS, "note"]
BY_SAMPLE, BY_PHOTO = "one value a sample", "one value a photograph"


def precision_table(table: pd.DataFrame, photographs: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Components of the errors' scatter, one-way by sample and nested by photograph.

    table: samples; photographs: sample, group, label, found. SD on the scale, RSD in %.
    """
    reason = _reason(table)
    if reason:
        return _table([_absent(BY_SAMPLE, reason), _absent(BY_PHOTO, reason)])
    by_sample = one_way(*pair(table["known"], table["found"], scale), table["group"])
    by_photo = nested(
        *pair(photographs["label"], photographs["found"], scale),
        photographs["sample"],
        photographs["group"],
    )
    return _table(_rows(BY_SAMPLE, by_sample, scale) + _rows(BY_PHOTO, by_photo, scale))


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COUNTS, "Int64"))


def _reason(table: pd.DataFrame) -> str:
    """Why the groups can't serve as sessions; empty where they can."""
    if table["group"].eq("").all():
        return "the table has no group column, so the parts of session can't be told apart"
    if table["group"].eq("").any():
        return "a sample lies in several groups, or in none"
    return ""


def _absent(basis: str, note: str) -> dict[str, Any]:
    return {"basis": basis, "component": "all", "note": note}


def _rows(basis: str, result: Precision, scale: Scale) -> list[dict[str, Any]]:
    if result.note:
        return [_absent(basis, result.note)]
    counts = {"groups": result.sessions, "samples": result.samples}
    counts["photographs"] = result.photographs
    rows = [
        {"basis": basis, "component": part.name, **ends("sd", part.sd)}
        | ends("rsd", _rsd(part, scale))
        | counts
        | {"note": part.note}
        for part in result.components
    ]
    effect = result.session_effect
    rows.append(
        {"basis": basis, "component": "test: groups differ", **counts, "p": number(effect.p)}
        | {"F": number(effect.statistic), "note": effect.note}
    )
    return rows


def _rsd(part: Component, scale: Scale) -> Interval:
    """As % of the mean found; on log10, the RSD of the log-normal that such logarithms make."""
    if scale == "linear":
        return part.rsd
    estimate, low, high = (
        None if sd is None else float(100 * np.sqrt(np.expm1((sd * np.log(10)) ** 2)))
        for sd in (part.sd.estimate, part.sd.low, part.sd.high)
    )
    return Interval(number(estimate), low, high, part.sd.confidence)
