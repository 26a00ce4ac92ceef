"""Do the errors differ between groups (sessions, phones, lots)? n is samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from assay.metrics import Scale, pair
from assay.statistics.analytical.precision import one_way
from assay.validation.facts import ends, number

GROUP_COLUMNS = ["group", "samples", "photographs", "bias", "bias_low", "bias_high", "sd", "rmse"]
EFFECT_COLUMNS = ["groups", "samples", "between", "between_low", "between_high", "within"]
EFFECT_COLUMNS += ["within_low", "within_high", "share", "F", "p", "note"]


def groups_table(samples: pd.DataFrame) -> pd.DataFrame:
    """One row a group: bias with its 95 % interval (Student's t), SD and RMSE of the samples.

    samples: group, photographs, error (on the scale); those without a group are left out.
    """
    rows = []
    for group, part in samples[samples["group"].ne("")].groupby("group"):
        error = part["error"].to_numpy(dtype=np.float64)
        n, bias = len(error), float(error.mean())
        sd = float(error.std(ddof=1)) if n > 1 else np.nan
        half = float(stats.t.ppf(0.975, n - 1)) * sd / np.sqrt(n) if n > 1 else np.nan
        row: dict[str, Any] = {"group": group, "samples": n}
        row |= {"photographs": int(part["photographs"].sum()), "bias": bias}
        row |= {"bias_low": bias - half, "bias_high": bias + half, "sd": sd}
        rows.append(row | {"rmse": float(np.sqrt(np.mean(error**2)))})
    return pd.DataFrame(rows, columns=GROUP_COLUMNS)


def effect_table(samples: pd.DataFrame, named: bool, scale: Scale) -> pd.DataFrame:
    """One row: SD between groups and within them, and the share of the variance between them.

    One-way random-effects analysis of variance (statistics.precision); a note says why there is
    none. samples: group, known, found; named: whether the data have groups at all.
    """
    groups = samples["group"]
    row: dict[str, Any] = {"groups": groups[groups.ne("")].nunique(), "samples": len(samples)}
    if groups.eq("").any():
        row["note"] = "a sample lies in several groups" if named else "there is no group column"
        return pd.DataFrame([row], columns=EFFECT_COLUMNS)
    result = one_way(*pair(samples["known"], samples["found"], scale), groups)
    if result.note:
        return pd.DataFrame([row | {"note": result.note}], columns=EFFECT_COLUMNS)
    between, within = result["between sessions"].sd, result["repeatability"].sd
    total = between.estimate**2 + within.estimate**2
    row |= ends("between", between) | ends("within", within)
    row["share"] = between.estimate**2 / total if total else 0.0
    row |= {"F": number(result.session_effect.statistic), "p": number(result.session_effect.p)}
    return pd.DataFrame([row | {"note": between.note}], columns=EFFECT_COLUMNS)
