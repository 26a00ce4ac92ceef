"""Errors on groups that a model never saw, before and after a few standards of each set it right.

A group is a session, phone or lot; n is samples; verdicts after Holm over the groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from assay.metrics import Scale
from assay.statistics import bootstrap
from assay.statistics.comparison import Comparison, compare, together
from assay.statistics.uncertainty.recalibration import recalibrate
from assay.validation.facts import ends, number

ALL = "all groups"


def errors(rows: pd.DataFrame, scale: Scale) -> dict[str, Any]:
    """Samples, photographs, RMSE and bias with intervals by sample; rows: sample, label, found."""
    result: dict[str, Any] = {"samples": rows["sample"].nunique(), "photographs": len(rows)}
    if rows.empty or rows["found"].isna().any():
        return result
    scores = _scores(rows, "found", scale)
    return result | ends("rmse", scores["rmse"]) | ends("bias", scores["bias"])


def _scores(rows: pd.DataFrame, found: str, scale: Scale) -> dict[str, Any]:
    known, values = (rows[name].to_numpy(np.float64) for name in ("label", found))
    return bootstrap.score_intervals(known, values, rows["sample"].to_numpy(), scale=scale)


def adjusted(rows: pd.DataFrame, standards: int, scale: Scale) -> tuple[pd.Series, dict[str, Any]]:
    """The found values set right by standards of this group, NaN for these; and the adjustment."""
    nothing = pd.Series(np.nan, index=rows.index)
    if rows["found"].isna().any():
        return nothing, {}
    samples = rows["sample"].nunique()
    if samples <= standards:
        note = f"{samples} samples: none would be left to judge by after {standards} standards"
        return nothing, {"note": note}
    values = (rows[name].to_numpy() for name in ("label", "found", "sample"))
    result = recalibrate(*values, count=standards, scale=scale)
    found = rows["found"].where(~rows["sample"].isin(result.standards)).dropna()
    corrected = pd.Series(result.adjustment.apply(found), index=found.index)
    told: dict[str, Any] = {"standards": standards, "method": result.adjustment.method}
    told |= {"slope": result.adjustment.slope, "offset": result.adjustment.offset}
    return corrected.reindex(rows.index), told


def before_and_after(rows: pd.DataFrame, scale: Scale) -> tuple[dict[str, Any], Comparison | None]:
    """RMSE before and after on the samples that were no standards; rows: also `corrected`."""
    judged = rows.dropna(subset="corrected")
    if judged.empty:
        return {}, None
    columns = {"before": "found", "after": "corrected"}
    result: dict[str, Any] = {"judged": judged["sample"].nunique()}
    for name, column in columns.items():
        result |= ends(name, _scores(judged, column, scale)["rmse"])
    found = {name: judged[column] for name, column in columns.items()}
    (one,) = compare(judged["label"], found, judged["sample"], "before", scale=scale)
    return result, one


def new_and_ordinary(rows: pd.DataFrame, scale: Scale) -> Comparison | None:
    """What it costs that a group is new; rows: also `ordinary`, found when it was not new."""
    both = rows.dropna(subset=["found", "ordinary"])
    if both.empty:
        return None
    found = {"new": both["found"], "ordinary": both["ordinary"]}
    (one,) = compare(both["label"], found, both["sample"], "ordinary", scale=scale)
    return one


def add_verdicts(
    rows: Sequence[dict[str, Any]], comparisons: Sequence[Comparison | None], name: str
) -> None:
    """Difference, p and verdict of each row that was compared, by Holm over all of these."""
    adjusted = iter(together([one for one in comparisons if one]))
    for row, compared in zip(rows, comparisons, strict=True):
        if compared:
            one = next(adjusted)
            row |= ends(name, one.difference)
            row |= {f"{name}_p": number(one.p_holm), f"{name}_verdict": one.verdict}


def group_rows(photographs: pd.DataFrame, standards: int, scale: Scale) -> list[dict[str, Any]]:
    """A row per group and one for all of them.

    photographs: group, sample, label, found (by models that never saw the group), ordinary, note
    and trained_on_samples, in order of the groups.
    """
    rows, after, costs, parts = [], [], [], []
    for group, own in photographs.groupby("group", sort=False):
        corrected, told = adjusted(own, standards, scale)
        part = own.assign(corrected=corrected)
        learnt = {"trained_on_samples": int(own["trained_on_samples"].iloc[0])}
        row = {"group": group, "note": own["note"].iloc[0]} | learnt | errors(own, scale) | told
        judged, one = before_and_after(part, scale)
        rows.append(row | judged)
        after.append(one)
        costs.append(new_and_ordinary(part, scale))
        parts.append(part)
    whole = pd.concat(parts)
    judged, one = before_and_after(whole, scale)
    last = {"group": ALL} | errors(whole.dropna(subset="found"), scale) | judged
    cost = new_and_ordinary(whole, scale)
    for name, by_group, of_all in (("difference", after, one), ("cost", costs, cost)):
        add_verdicts(rows, by_group, name)
        add_verdicts([last], [of_all], name)
    for row, compared in zip([*rows, last], [*costs, cost], strict=True):
        row["ordinary"] = compared.rmse_reference if compared else None
    return [*rows, last]
