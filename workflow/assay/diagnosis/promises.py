"""Do 90 % intervals hold 90 % of the known values, at every level? n is samples."""

from __future__ import annotations

import numpy as np
import pandas as pd

from assay.metrics import Scale, on_scale, pair
from assay.statistics.uncertainty.conformal import Bounds, calibrate, out_of_fold
from assay.statistics.uncertainty.coverage import coverage
from assay.validation.rows import levels_of

NOMINAL = 0.9
COLUMNS = ["level", "known", "known_low", "known_high", "samples", "inside", "share", "share_low"]
COLUMNS += ["share_high", "nominal", "half_width", "verdict", "note"]


def bounds(photographs: pd.DataFrame, scale: Scale) -> Bounds:
    """Cross-conformal interval of each photograph (sample, fold, label, found), on the scale.

    The scores of the other folds make it: no photograph is judged by its own.
    """
    known, found = pair(photographs["label"], photographs["found"], scale)
    made = calibrate(known, found, photographs["fold"], photographs["sample"])
    return out_of_fold(made, found, NOMINAL)


def promises_table(photographs: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Share of intervals that hold the known value, per level and over all, with exact limits.

    The first photograph of each sample counts: two of one sample are no independent trials.
    half_width: of the interval, in units of the scale, its mean; known in concentration units.
    """
    limits = bounds(photographs, scale)
    if limits.low is None or limits.high is None:
        row = {"level": "all", "samples": photographs["sample"].nunique(), "note": limits.note}
        return pd.DataFrame([row], columns=COLUMNS)
    first = ~photographs["sample"].duplicated().to_numpy()
    label = photographs["label"].to_numpy(dtype=np.float64)[first]
    low, high = limits.low[first], limits.high[first]
    at = levels_of(label, scale)
    rows = []
    held = coverage(on_scale(label, scale, "known"), low, high, NOMINAL, at=at)
    for place, one in enumerate(held):
        last = place == len(held) - 1
        chosen = np.ones(len(label), dtype=bool) if last else at.index == place
        rows.append(
            {
                "level": "all" if last else str(place + 1),
                "known": 10**one.known if scale == "log10" else one.known,
                "known_low": label[chosen].min(),
                "known_high": label[chosen].max(),
                "samples": one.n,
                "inside": one.inside,
                "share": one.share.estimate,
                "share_low": one.share.low,
                "share_high": one.share.high,
                "nominal": one.nominal,
                "half_width": float((high - low)[chosen].mean() / 2),
                "verdict": one.verdict,
                "note": one.share.note,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)
