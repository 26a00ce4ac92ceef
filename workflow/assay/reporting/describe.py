"""What a figure shows, in words, for those who don't see it; the numbers are those drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from assay import metrics
from assay.figures import learning
from assay.figures.residuals import running, worst
from assay.intake.numerals import count, decimals, number, signed, with_ends
from assay.intake.records import records
from assay.quantity import Quantity


def of_residuals(table: pd.DataFrame, name: str, quantity: Quantity) -> str:
    """The trend of the residuals and the largest of them; table: image, label, found."""
    known, found = table["label"].to_numpy(float), table["found"].to_numpy(float)
    residual = metrics.errors(known, found, quantity.scale)
    line = running(known, residual)
    places = decimals(*residual)
    parts = [f"Scatter plot of {count(len(table), 'residual')} of {name} against known values"]
    if not line.empty:
        ends = [
            f"{signed(row['mean'], places)} ± {number(row['sd'], places)} at {number(row['known'])}"
            for row in line.iloc[[0, len(line) // 2, -1]].to_dict("records")
        ]
        parts.append(f"running mean ± SD: {', '.join(ends)}{quantity.of_error}")
    listed = [
        f"{row['image']} {signed(row['residual'], places)}"
        for row in records(worst(table, quantity, 3))
    ]
    parts.append(f"largest: {', '.join(listed)}{quantity.of_error}")
    return "; ".join(parts) + "."


def of_found(table: pd.DataFrame, name: str, quantity: Quantity) -> str:
    """How found follows known."""
    known, found = table["label"].to_numpy(float), table["found"].to_numpy(float)
    scores = metrics.scores(
        known, found, scale=quantity.scale, low=quantity.low, high=quantity.high
    )
    return (
        f"Scatter plot of found against known for {count(len(table), 'photograph')} of {name}, "
        f"with the line of equality: known {number(known.min())} to {number(known.max())}, found "
        f"{number(found.min())} to {number(found.max())} {quantity.unit}; "
        f"RMSE {number(scores.rmse)}, bias {signed(scores.bias)}{quantity.of_error}."
    )


def of_learning(histories: list[pd.DataFrame], name: str, unit: str) -> str:
    """Where the learning curves end."""
    table = learning.looks(histories)
    if table.empty:
        return f"{name} finished no epoch."
    ends = learning.last(table)
    train, held_out = ends["rmse_train"], ends["rmse_held_out"]
    return (
        f"Learning curves of {name}, {count(len(ends), 'fold')}, {table['epoch'].max()} epochs: at "
        f"the end RMSE {number(train.mean())} on training photographs and "
        f"{number(held_out.mean())} {unit} on the fold held out, a gap of "
        f"{signed((held_out - train).mean())} {unit}."
    )


def of_leaderboard(board: pd.DataFrame, quantity: Quantity) -> str:
    """The ranking in one line."""
    rows = [
        f"{row['experiment']} {with_ends(row['rmse'], row['rmse_low'], row['rmse_high'])}"
        for row in records(board)
    ]
    return f"Forest plot of RMSE with 95 % intervals{quantity.of_error}: {'; '.join(rows)}."


def of_differences(comparison: pd.DataFrame, reference: str) -> str:
    """The verdicts in one line."""
    rows = [
        f"{row['experiment']} {signed(row['difference'])}, {row['verdict']}"
        for row in records(comparison)
    ]
    return f"Forest plot of differences in RMSE to {reference}: {'; '.join(rows)}."


def of_split(table: pd.DataFrame) -> str:
    """Size and middle of each part."""
    keys = np.where(table["set"].eq("train"), "fold " + table["fold"].astype(str), table["set"])
    rows = [
        f"{key}: {count(len(part), 'photograph')}, median {number(part['label'].median())}"
        for key, part in table.groupby(keys)
    ]
    return f"Histograms of the concentrations in each part. {'; '.join(rows)}."


def of_wall(rows: pd.DataFrame, name: str) -> str:
    """The files on the wall; their numbers stand in the table below it."""
    files = ", ".join(str(image) for image in rows["image"])
    return f"The {len(rows)} photographs with the largest residuals of {name}: {files}."


def facts(table: pd.DataFrame, seeds: Mapping[str, Any]) -> str:
    """n, folds and seeds in one line."""
    folds = ""
    if "fold" in table:
        folds = f"; {count(table.loc[table['fold'].ge(0), 'fold'].nunique(), 'fold')}"
    named = ", ".join(f"{key} {value}" for key, value in seeds.items())
    samples = count(table["sample"].nunique(), "sample")
    return f"n = {samples}, {count(len(table), 'photograph')}{folds}; seed: {named}."
