"""The tables of the validation page: rounded numbers that carry the exact ones of the CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from assay.intake.numerals import missing, number, signed
from assay.intake.records import records
from assay.quantity import Quantity
from assay.reporting.tables import (
    Cell,
    Table,
    interval_cell,
    number_cell,
    of_frame,
    p_cell,
    text_cell,
)
from assay.validation.goals import Goals


@dataclass(frozen=True)
class Validity:
    """All tables of a validation, and what is needed to word them."""

    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]
    quantity: Quantity
    goals: Goals

    def p(self, table: str, what: str) -> float | None:
        """The p-value of a test; None where it could not be made."""
        rows = self.tables[table]
        key = "component" if table == "precision" else "what"
        found = rows.loc[rows[key].str.startswith(what), "p"].dropna()
        return None if found.empty else float(found.iloc[0])


def levels(run: Validity) -> Table:
    """Bias, recovery, SD and total error of each level."""
    unit = f" ({run.quantity.unit})" if run.quantity.unit else ""
    header = ["level", f"known{unit}", "n", f"bias{unit}", "recovery (%)", f"SD{unit}", "RSD (%)"]
    header += ["total error (%)", "next sample's error (%)", "allowed (%)", "verdict"]
    rows = []
    for row in records(run.tables["levels"]):
        between = f"{signed(row['expected_low'])} to {signed(row['expected_high'])}"
        wide = row["known_low"] != row["known_high"]
        ends = f"{number(row['known_low'])} to {number(row['known_high'])}" if wide else ""
        known = number_cell(row, "known", run.quantity.places(row["known"]))
        rows.append(
            [
                number_cell(row, "level"),
                Cell(known.text, "known", known.value, numeric=True, below=ends),
                number_cell(row, "samples"),
                interval_cell(row, "bias", sign=True),
                interval_cell(row, "recovery"),
                *(number_cell(row, name) for name in ("sd", "rsd", "total_error")),
                Cell("no interval" if missing(row["expected_low"]) else between, numeric=True),
                number_cell(row, "allowed"),
                text_cell(row["verdict"], "verdict"),
            ]
        )
    caption = (
        "Bias and recovery per level, n is samples. Below a number: 95 % interval. Total error: "
        "|bias| + 1.65 SD; it meets the goal only where the 95 % tolerance interval of the next "
        "sample's error lies within the allowed one. Rows: samples.csv, by level."
    )
    return Table(caption, header, rows)


def limits(run: Validity) -> Table:
    """LOQ and LOD, each with its reason."""
    names = {"what": "limit", "text": "value", "reason": "reason"}
    shown = run.tables["limits"][list(names)]
    unit = f" Values in {run.quantity.unit}." if run.quantity.unit else ""
    return of_frame(f"Limits by the goals of the configuration.{unit}", shown, names)


def tests(run: Validity) -> Table:
    """The line and its tests."""
    on = " of log10 values" if run.quantity.scale == "log10" else ""
    caption = f"found = a + b known, least squares{on}, one row a sample. Rows: samples.csv."
    rows = [
        [
            text_cell(row["what"]),
            interval_cell(row, "value"),
            text_cell(row["unit"]),
            number_cell(row, "F"),
            text_cell(row["df"]),
            p_cell(row, "p"),
            text_cell(row["note"]),
        ]
        for row in records(run.tables["linearity"])
    ]
    return Table(caption, ["what", "value", "unit", "F", "df", "p", "note"], rows)


def precision(run: Validity) -> Table:
    """Components of the scatter."""
    sd = run.quantity.with_unit("SD")
    rows = [
        [
            text_cell(row["component"]),
            text_cell(row["basis"]),
            interval_cell(row, "sd"),
            interval_cell(row, "rsd"),
            p_cell(row, "p"),
            text_cell(row["note"]),
        ]
        for row in records(run.tables["precision"])
    ]
    caption = (
        "Parts of the errors' scatter by random-effects analysis of variance; the group is the "
        "session. Intermediate: all parts together. Below a number: 95 % interval. Rows: "
        "samples.csv; of photographs, cross_validate/predictions.csv."
    )
    return Table(caption, ["component", "from", sd, "RSD (%)", "p", "note"], rows)


def errors(run: Validity) -> Table:
    """RMSEC, RMSECV, RMSEP."""
    rows = [
        [
            text_cell(row["error"]),
            text_cell(row["of"]),
            *(number_cell(row, name) for name in ("samples", "rmse")),
            interval_cell(row, "bias", sign=True),
            *(number_cell(row, name) for name in ("sep", "rpd")),
            text_cell(row["rows"]),
        ]
        for row in records(run.tables["errors"])
    ]
    unit = run.quantity.with_unit
    header = ["error", "of", "n", unit("RMSE"), unit("bias"), unit("SEP"), "RPD", "rows"]
    caption = (
        "Errors of the means of each sample's photographs: SEP is the SD about the bias, RPD the "
        "SD of the known values over SEP. RMSEC takes no degrees of freedom off."
    )
    return Table(caption, header, rows)


def agreement(run: Validity) -> Table:
    """Bland-Altman."""
    caption = (
        "Bland-Altman: bias, and the limits between which 95 % of the differences found − known "
        "lie. Rows: samples.csv."
    )
    return _estimates(run.tables["agreement"], caption, ["what", "unit"])


def lines(run: Validity) -> Table:
    """Deming and Passing-Bablok."""
    caption = (
        "Lines between both methods; a slope of 1 and an intercept of 0 inside the intervals mean "
        f"that no difference is shown. The error ratio {run.goals.error_ratio:g} (variance of the "
        "known values' errors over that of the found ones) is stated in the configuration, not "
        "learnt. Rows: samples.csv."
    )
    return _estimates(run.tables["lines"], caption, ["method", "what", "unit"])


def _estimates(table: pd.DataFrame, caption: str, words: list[str]) -> Table:
    rows = [
        [
            *(text_cell(row[name]) for name in words),
            interval_cell(row, "value", sign=True),
            text_cell(row["note"]),
        ]
        for row in records(table)
    ]
    return Table(caption, [*words, "value", "note"], rows)
