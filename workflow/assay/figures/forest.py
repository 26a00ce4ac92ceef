"""Estimates with their intervals, one row each, the numbers written beside them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.figures import style

ROWS = 24  # more rows would not be legible on one figure


@dataclass(frozen=True)
class Kind:
    """A kind of row: its word in the legend, colour and marker; hollow for what is not shown."""

    label: str
    colour: str
    marker: str
    hollow: bool = False


def draw_rows(axes: Axes, table: pd.DataFrame, kinds: dict[str, Kind]) -> None:
    """table: kind, estimate, low, high (NaN: no interval), the first row at the top."""
    for key, kind in kinds.items():
        mask = table["kind"].eq(key) & table["estimate"].notna()
        rows, places = table[mask], table.index[mask]
        if rows.empty:
            continue
        axes.hlines(places, rows["low"], rows["high"], color=kind.colour, lw=2)
        axes.scatter(
            rows["estimate"],
            places,
            s=30 if len(table) <= 12 else 16,
            marker=kind.marker,
            color="white" if kind.hollow else kind.colour,
            edgecolors=kind.colour,
            linewidths=1.6,
            zorder=3,
            label=kind.label,
        )


def write_rows(axes: Axes, table: pd.DataFrame, size: float) -> None:
    """Names at the left of the drawing, numbers at its right."""
    axes.set_yticks(table.index, [style.shown(name, 30) for name in table["name"]], size=size)
    axes.tick_params(axis="y", length=0)
    for row in table.itertuples():
        axes.annotate(
            str(row.text),
            (1, row.Index),
            xycoords=("axes fraction", "data"),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            size=size,
            annotation_clip=False,
        )


def forest(
    table: pd.DataFrame, kinds: dict[str, Kind], heading: tuple[str, str, str], label: str
) -> tuple[Figure, Axes]:
    """A forest plot; table: name, kind (a key of kinds), estimate, low, high, text.

    heading: title, subtitle, foot. The axes come back for what the caller adds.
    """
    title, subtitle, foot = heading
    if len(table) > ROWS:
        subtitle += f"; the first {ROWS} of {len(table)}"
    rows = table.head(ROWS).reset_index(drop=True)
    figure = style.blank(title, subtitle, foot)
    axes = figure.subplots()
    draw_rows(axes, rows, kinds)
    write_rows(axes, rows, size=style.TEXT - 0.5 if len(rows) <= 12 else 7)
    axes.set(ylim=(max(len(rows), 3) - 0.4, -0.6), xlabel=label)
    axes.grid(visible=False, axis="y")
    return figure, axes


def add_legend(axes: Axes) -> None:
    """The kinds of rows, in one line above the drawing."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, handlelength=1.3, columnspacing=1.4
    )
