"""The parts of an experiment's page, each with its figures, tables and the CSV behind them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from assay.figures.residuals import worst
from assay.figures.wall import PLACES
from assay.intake.numerals import count, number, signed
from assay.intake.records import records
from assay.pictures.stack import Pictures
from assay.reporting import describe, modelled
from assay.reporting.modelled import Modelled
from assay.reporting.render import chart, photographs, thumbnail
from assay.reporting.run import Figure
from assay.reporting.sections import worst_table
from assay.reporting.tables import Table
from assay.reporting.validity import Part

CAUTION = (
    "A map shows what moves this model's answer when it is hidden, not why; parts that are hidden "
    "in the picture's mean colour make pictures that no model was trained on. Purple: the answer "
    "rises while the part is hidden; orange: it falls."
)


def stills(one: Modelled, figures: Path, basis: str) -> dict[str, Figure]:
    """The two clouds of points as still pictures; figures: the folder of this experiment's."""
    words = {
        "residuals": (
            describe.of_residuals(one.scored, one.name, one.quantity),
            f"Residuals against known values, out of fold. {basis}",
        ),
        "found_known": (
            describe.of_found(one.scored, one.name, one.quantity),
            f"Found against known values, out of fold. {basis}",
        ),
    }
    return {
        name: Figure(chart(figures / name), alt, caption) for name, (alt, caption) in words.items()
    }


def parts(
    one: Modelled,
    pictures: Pictures,
    histories: list[pd.DataFrame],
    figures: Path,
    basis: str,
) -> list[Part]:
    """Everything below the clouds; pictures (N, S, S, 3) of all photographs, by photo."""
    made = [largest(one, pictures)] if len(one.scored) else []
    if len(one.scored):
        made.append(groups(one, figures))
    if any(len(history) for history in histories):
        alt = describe.of_learning(histories, one.name, one.quantity.unit)
        caption = f"Learning curves: training photographs and the fold held out. {basis}"
        drawn = Figure(chart(figures / "learning"), alt, caption)
        made.append(Part("Learning", "", [], [], [drawn]))
    if len(one.scored):
        made.append(intervals(one, figures))
    if one.saliency:
        made.append(saliency(one, figures))
    return made


def largest(one: Modelled, pictures: Pictures) -> Part:
    """The worst photographs, each small beside its name."""
    rows = worst(one.scored, one.quantity, PLACES)
    caption = f"The largest residuals, out of fold, {count(len(rows), 'photograph')}"
    table = worst_table(rows, one.quantity, f"{caption}; numbered as in the plots.")
    seen = [thumbnail(np.asarray(pictures[photo])) for photo in rows["photo"]]
    cells = [
        [row[0], replace(row[1], picture=picture), *row[2:]]
        for row, picture in zip(table.rows, seen, strict=True)
    ]
    return Part("Largest residuals", "", [Table(table.caption, table.header, cells)], [])


def groups(one: Modelled, figures: Path) -> Part:
    """Residuals by session, phone or lot."""
    if one.groups.empty:
        return Part("Groups", modelled.grouped(one), [], ["group_effect"])
    ordered = one.groups.sort_values("bias", kind="stable")
    ends = [f"{row['group']} {signed(row['bias'])}" for row in records(ordered.iloc[[0, -1]])]
    alt = (
        f"Residuals of {count(len(ordered), 'group')} of {one.name} with the mean of each: lowest "
        f"{ends[0]}, highest {ends[1]}{one.quantity.of_error}. {modelled.grouped(one)}"
    )
    samples = int(one.groups["samples"].sum())
    caption = f"Residuals by group. n = {count(samples, 'sample')}."
    return Part(
        "Groups",
        modelled.grouped(one),
        [modelled.effect_table(one), modelled.groups_table(one)],
        ["groups", "group_effect"],
        [Figure(chart(figures / "groups"), alt, caption)],
    )


def intervals(one: Modelled, figures: Path) -> Part:
    """Do intervals hold what they promise, at each level?"""
    levels = one.promises[one.promises["level"].ne("all") & one.promises["share"].notna()]
    told = [
        f"{modelled.span(row, one.quantity)}: {number(100 * row['share'])} % of {row['samples']}"
        for row in records(levels)
    ]
    alt = f"Share of 90 % intervals of {one.name} that hold the known value. {'; '.join(told)}."
    caption = f"Coverage by level. n = {count(int(one.every['samples']), 'sample')}."
    figure = [Figure(chart(figures / "intervals"), alt, caption)] if told else []
    tables = [modelled.promises_table(one)] if told else []
    return Part("Intervals", modelled.promised(one), tables, ["interval_coverage"], figure)


def saliency(one: Modelled, figures: Path) -> Part:
    """Where the model looks, and whether that map says anything."""
    told = [
        f"{row['image']}, known {number(row['label'])}, found {number(row['found'])}: "
        f"{number(row['shift'])} against {number(row['random_mean'])} by random maps"
        for row in records(one.looks)
    ]
    alt = (
        f"Photographs, their saliency maps and deletion curves of {one.name}. Mean shift of the "
        f"answer{one.quantity.of_error and ' in'}{one.quantity.of_error}: {'; '.join(told)}."
    )
    caption = (
        f"Where it looks: {count(len(one.looks), 'photograph')}, known → found above each, its map "
        "with the largest shift, and the answer's shift as more is hidden in the map's order."
    )
    return Part(
        "Saliency",
        f"{modelled.looked(one)} {CAUTION}",
        [modelled.looks_table(one)] if len(one.looks) else [],
        ["photographs", "curves", "cells"],
        [Figure(photographs(figures / "saliency"), alt, caption, "photographs")],
    )
