"""The photographs of a page: which of them, their thumbnails, and what is told of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from assay.figures.residuals import NAMED, worst
from assay.intake.numerals import decimals, number, signed
from assay.interactive.clouds import SHOWN, Cloud
from assay.interactive.sprite import Sheet
from assay.quantity import Quantity

MOST = 10_000  # points of a plot; a page of more would no longer open at once
FACTS = [
    ("image", "photograph"),
    ("sample", "sample"),
    ("group_name", "group"),
    ("fold", "fold"),
    ("shown_known", "known"),
    ("shown_found", "found"),
    ("shown_residual", "residual"),
]


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that a page can hold: all, or the largest residuals and an even choice of others."""
    if len(rows) <= MOST:
        return rows
    size = rows["residual"].abs()
    far = size.nlargest(MOST // 20).index
    others = rows.drop(far)
    evenly = others.iloc[np.linspace(0, len(others) - 1, MOST - len(far)).astype(int)].index
    return rows.loc[far.union(evenly)]


def cloud_of(
    rows: pd.DataFrame, sheet: Sheet, half_width: float | None, quantity: Quantity
) -> Cloud:
    """The columns of both plots; rows: image, sample, group, fold, label, found, residual."""
    places, step = quantity.places(*rows["label"]), decimals(*rows["residual"])
    unit = f" {quantity.unit}" if quantity.unit else ""
    left, top = zip(*(sheet.place(at) for at in range(len(rows))), strict=True)
    groups = rows["group"].astype(str)
    table: dict[str, Any] = {
        "known": rows["label"].to_numpy(dtype=np.float64),
        "found": rows["found"].to_numpy(dtype=np.float64),
        "residual": rows["residual"].to_numpy(dtype=np.float64),
        "image": list(rows["image"].astype(str)),
        "sample": list(rows["sample"].astype(str)),
        "group": [f", group {group}" if group else "" for group in groups],
        "group_name": list(groups),
        "fold": [str(fold) for fold in rows["fold"]],
        "left": [f"-{SHOWN * at}px" for at in left],
        "top": [f"-{SHOWN * at}px" for at in top],
        "shown_known": [f"{number(value, places)}{unit}" for value in rows["label"]],
        "shown_found": [f"{number(value, places)}{unit}" for value in rows["found"]],
        "shown_residual": [
            f"{signed(value, step)}{quantity.of_error}" for value in rows["residual"]
        ],
    }
    words = ""
    if half_width is not None:
        words = f"90 %: ± {number(half_width)}{quantity.of_error}"
    named = worst(rows.drop(columns="residual"), quantity, NAMED)
    return Cloud(table, named, half_width, words, quantity)


def order(rows: pd.DataFrame) -> list[int]:
    """The places of the photographs, the largest residual first."""
    return [int(at) for at in np.argsort(-rows["residual"].abs().to_numpy(), kind="stable")]
