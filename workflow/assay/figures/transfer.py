"""Errors on groups that a model never saw: before and after standards, and group against group."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.figures import style
from assay.figures.forest import Kind, add_legend, draw_rows, write_rows
from assay.intake.numerals import count, number
from assay.quantity import Quantity

APART = 0.17  # rows, of the marks before and after from their common line
KINDS = {
    "before": Kind("before", style.GREY, "s"),
    "better": Kind("after: better", style.BLUE, "o"),
    "worse": Kind("after: worse", style.RED, "D"),
    "no difference shown": Kind("after: no difference shown", style.BLUE, "o", hollow=True),
}


def marks(groups: pd.DataFrame, before: bool) -> pd.DataFrame:
    """One mark per group; the index is its place, from the top."""
    name, shift = ("before", -APART) if before else ("after", APART)
    return pd.DataFrame(
        {
            "kind": "before" if before else groups["difference_verdict"],
            "estimate": groups[name],
            "low": groups[f"{name}_low"],
            "high": groups[f"{name}_high"],
        }
    ).set_index(np.arange(len(groups)) + shift)


def transfer(groups: pd.DataFrame, quantity: Quantity, name: str, facts: style.Facts) -> Figure:
    """RMSE on each group before and after its standards; groups: rows of the step transfer."""
    title, rows = f"New groups: {name}", groups.dropna(subset="before").reset_index(drop=True)
    if rows.empty:
        reasons = groups["note"].dropna()
        text = f"Nothing to show: {reasons.iloc[0] if len(reasons) else 'no group was judged'}."
        return style.sentence(title, text, str(facts))
    standards = count(int(rows["standards"].max()), "standard")
    subtitle = f"trained on all other groups; before and after {standards}, 95 % interval"
    figure = style.blank(title, subtitle, str(facts))
    axes = figure.subplots()
    for before in (True, False):
        draw_rows(axes, marks(rows, before), KINDS)
    words = pd.DataFrame(
        {
            "name": rows["group"],
            "text": [
                f"{number(one)} → {number(other)}"
                for one, other in zip(rows["before"], rows["after"], strict=True)
            ],
        }
    )
    write_rows(axes, words, size=style.SMALL)
    axes.set(
        xlim=(0, None),
        ylim=(max(len(rows), 3) - 0.4, -0.6),
        xlabel=quantity.with_unit("RMSE on samples that were no standards"),
    )
    axes.grid(visible=False, axis="y")
    add_legend(axes)
    return figure


def squared(pairs: pd.DataFrame) -> pd.DataFrame:
    """The matrix of RMSE: groups trained on down, groups answered across, in the table's order."""
    names = list(dict.fromkeys(pairs["trained_on"]))
    wide = pairs.pivot(index="trained_on", columns="group", values="rmse")
    return wide.reindex(index=names, columns=names)


def write_numbers(axes: Axes, values: np.ndarray, middle: float, size: float) -> None:
    """The number of each cell, light on dark."""
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            colour = "white" if value > middle else "#202124"
            text = number(value, digits=2 if value < 10 else 3)
            axes.text(column, row, text, size=size, color=colour, ha="center", va="center")


def matrix(pairs: pd.DataFrame, quantity: Quantity, name: str, facts: style.Facts) -> Figure:
    """RMSE of a model of one group on each other one, as a heat map with numbers."""
    title = f"From group to group: {name}"
    if pairs["rmse"].isna().all():
        reasons = pairs["note"].dropna()
        text = f"Nothing to show: {reasons.iloc[0] if len(reasons) else 'no group stands alone'}."
        return style.sentence(title, text, str(facts))
    wide = squared(pairs)
    values = wide.to_numpy(np.float64)
    figure = style.blank(title, "RMSE, trained on one group alone (rows)", str(facts))
    axes = figure.subplots()
    shades = mpl.colormaps["Blues"].with_extremes(bad="#eceff1")
    drawn = axes.imshow(np.ma.masked_invalid(values), cmap=shades, aspect="auto", vmin=0)
    size = style.SMALL if len(wide) <= 8 else 6.5
    write_numbers(axes, values, 0.6 * float(np.nanmax(values)), size)
    names = [style.shown(group, 18) for group in wide.index]
    axes.set_xticks(range(len(names)), names, size=size, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names, size=size)
    axes.tick_params(length=0)
    axes.set(xlabel="answered", ylabel="trained on")
    axes.grid(visible=False)
    bar = figure.colorbar(drawn, ax=axes, label=quantity.with_unit("RMSE"), shrink=0.9)
    bar.outline.set_visible(False)
    return figure
