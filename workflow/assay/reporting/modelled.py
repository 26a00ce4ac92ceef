"""One experiment as its page sees it: sentences and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from assay.figures.saliency import NOTES
from assay.intake.numerals import confident, count, ends, missing, number, signed
from assay.intake.records import records
from assay.quantity import Quantity
from assay.reporting.tables import Cell, Table, interval_cell, number_cell, p_cell, text_cell

FINE = 0.05  # p-value at or below which a test speaks


@dataclass(frozen=True)
class Modelled:
    """What is known of one experiment; tables are empty where there is nothing to tell."""

    name: str
    board: Mapping[str, Any]  # its row of the leaderboard
    scored: pd.DataFrame  # photo, image, sample, group, fold, label, found, residual
    failures: list[str]
    groups: pd.DataFrame
    effect: pd.DataFrame
    promises: pd.DataFrame
    looks: pd.DataFrame  # the photographs of the saliency maps
    saliency: Mapping[str, Any]  # its summary; empty where none was made
    quantity: Quantity

    @property
    def every(self) -> dict[str, Any]:
        """The row of the interval coverage over all levels."""
        return records(self.promises[self.promises["level"].eq("all")])[0]


def sentences(one: Modelled) -> list[str]:
    """What the page shows in at most five sentences."""
    if one.scored.empty:
        return [f"Every fold failed: {one.failures[0]}"]
    told = [accuracy(one), grouped(one), promised(one), looked(one)]
    return [sentence for sentence in told if sentence]


def accuracy(one: Modelled) -> str:
    """RMSE and bias, or how many folds failed."""
    if one.failures:
        folds = one.board["folds"]
        return f"{len(one.failures)} of {folds} folds failed: {one.failures[0]}"
    row, unit = one.board, one.quantity.of_error
    return (
        f"RMSE {number(row['rmse'])}{unit} out of fold, "
        f"{confident(row['rmse_low'], row['rmse_high'])}; bias {signed(row['bias'])}{unit}, "
        f"{confident(row['bias_low'], row['bias_high'])}; on photographs seen in training RMSE is "
        f"{number(row['rmse_seen'])}{unit}. Rank {row['rank']} on the leaderboard."
    )


def grouped(one: Modelled) -> str:
    """Whether groups differ."""
    row = records(one.effect)[0]
    if missing(row["p"]):
        return f"Residuals by group: not available, {row['note']}."
    differ = "differ" if row["p"] <= FINE else "are not shown to differ"
    return (
        f"Residuals of {count(int(row['groups']), 'group')} {differ} "
        f"(p = {number(row['p'], digits=2)}); {number(100 * row['share'], digits=2)} % of the "
        "samples' variance lies between them."
    )


def promised(one: Modelled) -> str:
    """Whether intervals hold what they promise."""
    row = one.every
    if missing(row["share"]):
        return f"Intervals: {row['note']}."
    levels = one.promises[one.promises["level"].ne("all")]
    strays = levels[levels["verdict"].ne("as promised")]
    listed = "; ".join(
        f"{stray['verdict']} at {span(stray, one.quantity)}" for stray in records(strays)
    )
    share = f"{number(100 * row['share'])} % ({percent_ends(row)})"
    return (
        f"{100 * row['nominal']:g} % intervals, ± {number(row['half_width'])}"
        f"{one.quantity.of_error}, hold the known value of {share} of "
        f"{count(int(row['samples']), 'sample')}; by level: {listed or 'all as promised'}."
    )


def looked(one: Modelled) -> str:
    """What the saliency maps are worth."""
    if not one.saliency:
        return ""
    verdict, p = one.saliency["verdict"], one.saliency["p"]
    chance = "" if p is None else f" (p = {number(p, digits=2)})"
    return (
        f"Saliency of {count(one.saliency['photographs'], 'photograph')}: {NOTES[verdict]}{chance}."
    )


def span(row: Mapping[str, Any], quantity: Quantity) -> str:
    """The known values of a level: one, or from where to where."""
    unit = f" {quantity.unit}" if quantity.unit else ""
    low, high = row["known_low"], row["known_high"]
    if low == high:
        return f"{number(low)}{unit}"
    return f"{ends(low, high)}{unit}"


def percent_ends(row: Mapping[str, Any]) -> str:
    """The limits of a share in %."""
    return ends(100 * row["share_low"], 100 * row["share_high"])


def groups_table(one: Modelled) -> Table:
    """Residuals of each group."""
    rows = [
        [
            text_cell(row["group"]),
            number_cell(row, "samples"),
            number_cell(row, "photographs"),
            interval_cell(row, "bias", sign=True),
            number_cell(row, "sd"),
            number_cell(row, "rmse"),
        ]
        for row in records(one.groups)
    ]
    unit = one.quantity.with_unit
    header = ["group", "n", "photographs", unit("bias"), unit("SD"), unit("RMSE")]
    caption = (
        "Residuals by group (session, phone or lot), n is samples, each the mean of its "
        "photographs. Below the bias: 95 % interval by Student's t."
    )
    return Table(caption, header, rows)


def effect_table(one: Modelled) -> Table:
    """The parts of the variance between groups and within them."""
    row = records(one.effect)[0]
    cells = [
        number_cell(row, "groups"),
        number_cell(row, "samples"),
        interval_cell(row, "between"),
        interval_cell(row, "within"),
        number_cell(row, "share"),
        p_cell(row, "p"),
        text_cell(row["note"]),
    ]
    unit = one.quantity.with_unit
    header = ["groups", "n", unit("SD between"), unit("SD within"), "share", "p", "note"]
    caption = (
        "One-way random-effects analysis of variance of the samples' residuals: share is that of "
        "the variance between groups. Below an SD: 95 % interval."
    )
    return Table(caption, header, [cells])


def promises_table(one: Modelled) -> Table:
    """Coverage of the intervals per level."""
    rows = []
    for row in records(one.promises):
        known = number_cell(row, "known", one.quantity.places(row["known"]))
        between = ends(row["known_low"], row["known_high"])
        wide = row["known_low"] != row["known_high"]
        limits = "" if missing(row["share"]) else percent_ends(row)
        share = Cell(number(100 * row["share"]), "share", number_cell(row, "share").value, True)
        rows.append(
            [
                text_cell(row["level"], "level"),
                Cell(known.text, "known", known.value, True, between if wide else ""),
                number_cell(row, "samples"),
                number_cell(row, "inside"),
                Cell(share.text, share.column, share.value, True, limits),
                number_cell(row, "half_width"),
                text_cell(row["verdict"] if isinstance(row["verdict"], str) else row["note"]),
            ]
        )
    unit = f" ({one.quantity.unit})" if one.quantity.unit else ""
    header = ["level", f"known{unit}", "n", "inside", "inside (%)"]
    header += [one.quantity.with_unit("half width"), "verdict"]
    caption = (
        "Cross-conformal 90 % intervals, made from the other folds' residuals: how many hold the "
        "known value. n is samples, the first photograph of each. Below a share: exact 95 % limits "
        "(Clopper and Pearson); where they leave 90 % out, the interval is too narrow or too wide. "
        "One level in twenty does so by chance."
    )
    return Table(caption, header, rows)


def beaten(row: Mapping[str, Any]) -> str:
    """How many random maps a map beats."""
    return f"{row['random_beaten']} of {row['random_maps']}" if row["direction"] else "no map"


def looks_table(one: Modelled) -> Table:
    """The test of each saliency map."""
    places = one.quantity.places(*one.looks["label"], *one.looks["found"])
    rows = [
        [
            text_cell(row["image"]),
            text_cell(row["role"]),
            number_cell(row, "label", places),
            number_cell(row, "found", places),
            number_cell(row, "shift"),
            number_cell(row, "random_mean"),
            number_cell(row, "random_highest"),
            Cell(beaten(row)),
        ]
        for row in records(one.looks)
    ]
    unit = f" ({one.quantity.unit})" if one.quantity.unit else ""
    header = ["photograph", "chosen as", f"known{unit}", f"found{unit}"]
    header += [one.quantity.with_unit("shift"), "random maps, mean", "random maps, highest"]
    caption = (
        "The test of each map: mean shift of the answer while up to 40 % of the picture is hidden, "
        "what the map holds most telling first, in the direction that the map tells; the same for "
        "random maps (the map itself, moved elsewhere, turned and mirrored)."
    )
    return Table(caption, [*header, "random maps beaten"], rows)
