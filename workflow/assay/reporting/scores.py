"""The leaderboard as tables: what decides, and everything that was scored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from assay import metrics
from assay.intake.numerals import count, number, signed
from assay.intake.records import records
from assay.quantity import Quantity
from assay.reporting.tables import Cell, Table, interval_cell, number_cell, p_cell, text_cell


def basis(board: pd.DataFrame) -> str:
    """What every score rests on: samples, photographs, folds."""
    row = board.iloc[0]
    parts = [
        count(int(row[name]), word)
        for name, word in (("samples", "sample"), ("photographs", "photograph"), ("folds", "fold"))
    ]
    return f"n = {parts[0]}, {parts[1]}; {parts[2]}"


def ranking(board: pd.DataFrame, quantity: Quantity, reference: str) -> Table:
    """The leaderboard: RMSE with interval, share of the range, gap, difference and verdict."""
    with_limit = "limit" in board and bool(board["limit"].notna().any())
    header = ["experiment", "model", quantity.with_unit("RMSE"), "% of range", "R²"]
    header += [quantity.with_unit("gap")]
    header += ["RMSE ÷ limit"] if with_limit else []
    header += [quantity.with_unit(f"difference to {reference}"), "p (Holm)", "verdict"]
    rows = [_ranked(row, with_limit) for row in records(board)]
    caption = (
        f"Leaderboard, out of fold, the best first. {basis(board)}. Below a score: 95 % "
        "interval, drawn by sample. Gap: RMSE out of fold minus RMSE on the training photographs; "
        "it grows when photographs are learned by heart. Verdict: Holm's p at most "
        "0.05 and an interval without zero."
    )
    return Table(caption, header, rows)


def _ranked(row: Mapping[str, Any], with_limit: bool) -> list[Cell]:
    cells = [
        text_cell(row["experiment"], "experiment"),
        Cell(f"{row['architecture']}, {row['size']}\u00a0px"),
        interval_cell(row, "rmse"),
        number_cell(row, "rmse_percent_of_range"),
        interval_cell(row, "r2"),
        number_cell(row, "gap"),
    ]
    cells += [number_cell(row, "rmse_over_limit")] if with_limit else []
    failed = int(row["failed_folds"])
    verdict = f"{failed} of {row['folds']} folds failed" if failed else row["verdict"]
    return [
        *cells,
        interval_cell(row, "difference", sign=True),
        p_cell(row, "p_holm"),
        text_cell(verdict, "" if failed else "verdict"),
    ]


def everything(board: pd.DataFrame, quantity: Quantity) -> Table:
    """Every score with its interval, and how large the models are."""
    header = ["experiment", "parameters", "samples", "photographs", "folds"]
    header += [quantity.with_unit("MSE", "²"), "MSE, % of range"]
    header += [quantity.with_unit("MAE"), quantity.with_unit("bias")]
    rows = [
        [
            text_cell(row["experiment"], "experiment"),
            *(number_cell(row, name) for name in ("parameters", "samples", "photographs", "folds")),
            interval_cell(row, "mse"),
            number_cell(row, "mse_percent_of_range"),
            interval_cell(row, "mae"),
            interval_cell(row, "bias", sign=True),
        ]
        for row in records(board)
    ]
    caption = (
        f"All scores, out of fold. {basis(board)}. Below a score: 95 % interval, drawn by sample. "
        "MSE, % of range: the number divided by the width of the range, whatever its unit."
    )
    return Table(caption, header, rows)


def by_fold(rows: pd.DataFrame, name: str, quantity: Quantity) -> Table | None:
    """RMSE and bias of each fold's own model on it; None where nothing was scored."""
    if rows.empty:
        return None
    header = ["fold held out", "samples", "photographs", quantity.with_unit("RMSE")]
    cells = []
    for fold, part in rows.groupby("fold"):
        error = metrics.errors(part["label"], part["found"], quantity.scale)
        values = [part["sample"].nunique(), len(part)]
        counts = [Cell(str(value), numeric=True) for value in values]
        rmse = Cell(number(float(np.sqrt(np.mean(error**2)))), numeric=True)
        bias = Cell(signed(float(error.mean())), numeric=True)
        cells.append([Cell(str(fold)), *counts, rmse, bias])
    caption = f"{name}, fold by fold: how much the score depends on the samples held out."
    return Table(caption, [*header, quantity.with_unit("bias")], cells)


def failures(descriptions: list[dict[str, Any]]) -> Table | None:
    """The models that failed, each with its reason; None where none did."""
    rows = [
        [Cell(one["experiment"]["name"]), Cell(str(one["fold"])), Cell(one["failure"])]
        for one in descriptions
        if one["failure"]
    ]
    if not rows:
        return None
    caption = f"{len(rows)} of {len(descriptions)} models failed; the others went on unchanged."
    return Table(caption, ["experiment", "fold held out", "reason"], rows)


def of_test(scores: Mapping[str, Any], quantity: Quantity) -> Table:
    """The scores of the test set, each with its interval."""
    names = {"rmse": "RMSE", "mse": "MSE", "mae": "MAE", "bias": "bias", "r2": "R²"}
    rows = []
    for key, name in names.items():
        score = scores[key]
        flat = {key: score["estimate"], f"{key}_low": score["low"], f"{key}_high": score["high"]}
        label = quantity.with_unit(name, "²" if key == "mse" else "")
        rows.append(
            [Cell(name if key == "r2" else label), interval_cell(flat, key, sign=key == "bias")]
        )
    rows.insert(1, [Cell("RMSE, % of range"), number_cell(scores, "rmse_percent_of_range")])
    samples, photographs = int(scores["samples"]), int(scores["photographs"])
    caption = (
        f"Test set, scored once by the mean of {count(int(scores['models']), 'fold model')} of "
        f"{scores['experiment']}. n = {count(samples, 'sample')}, "
        f"{count(photographs, 'photograph')}. Below a score: 95 % interval, drawn by sample."
    )
    return Table(caption, ["score", "value"], rows)
