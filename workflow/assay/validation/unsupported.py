"""What the data can't tell, said plainly: every test and interval that could not be had."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from assay.validation.precision import BY_SAMPLE

BY_PHOTO_PART = "the photo-to-photo part of the scatter"
FEW = 30  # samples below which the RMSE itself is known to worse than about 30 %


def uncertainty_of_sd(samples: int) -> tuple[float, float]:
    """95 % limits of an SD of so many normal errors, as multiples of the SD found."""
    df = max(1, samples - 1)
    low, high = np.sqrt(df / stats.chi2.ppf([0.975, 0.025], df))
    return float(low), float(high)


def unsupported_table(
    tables: dict[str, pd.DataFrame], thin: list[str], samples: int, photographs: int
) -> pd.DataFrame:
    """One row for each thing that is missing, with the reason."""
    rows = (
        [("error at single levels", f"fewer than 5 samples at {', '.join(thin)}")] if thin else []
    )
    if samples < FEW:
        low, high = uncertainty_of_sd(samples)
        reason = (
            f"from {samples} samples the true value lies between {low:.2f} and {high:.2f} times"
        )
        rows.append(("a narrow interval of the SD of errors", f"{reason} the SD found"))
    if samples == photographs:
        rows.append((BY_PHOTO_PART, "each sample has one photograph"))
    for name, key in {"linearity": "what", "lines": "method", "precision": "component"}.items():
        table = tables[name]
        notes = table["note"].fillna("")
        missing = table[notes.ne("") & ~notes.str.startswith("negative variance")]
        for label, note in zip(missing[key], missing["note"], strict=True):
            if label != "all":
                rows.append((str(label), str(note)))
    parts = tables["precision"]
    absent = parts[parts["component"].eq("all")].drop_duplicates("note")
    for basis, note in zip(absent["basis"], absent["note"], strict=True):
        by_sample = basis == BY_SAMPLE
        if by_sample or samples != photographs:
            what = "repeatability and intermediate precision" if by_sample else BY_PHOTO_PART
            rows.append((what, str(note)))
    limits = tables["limits"]
    for what, text, reason in limits.loc[
        limits["value"].isna(), ["what", "text", "reason"]
    ].itertuples(index=False):
        rows.append((what, f"{text}: {reason}"))
    table = pd.DataFrame(rows, columns=["what", "why"])
    return table.drop_duplicates(ignore_index=True)
