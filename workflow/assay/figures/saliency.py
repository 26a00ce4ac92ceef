"""Where a model looks: what hiding each part of a photograph does to the answer, and the test."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from assay.figures import style
from assay.intake.numerals import count, number, signed
from assay.intake.records import records
from assay.quantity import Quantity

NOTES = {
    "no map": "hiding parts moves no answer: there is no map",
    "not shown": "the maps are not shown to say more than random maps",
    "beats random maps": "hiding what the maps point at moves the answers more than random maps do",
}


def grid_of(cells: pd.DataFrame, photo: int) -> np.ndarray:
    """The map of a photograph, (cells, cells)."""
    own = cells[cells["photo"].eq(photo)].sort_values(["row", "column"])
    side = int(own["row"].max()) + 1
    return own["shift"].to_numpy(dtype=np.float64).reshape(side, side)


def saliency(
    rows: pd.DataFrame,
    pictures: np.ndarray,
    cells: pd.DataFrame,
    curves: pd.DataFrame,
    verdict: str,
    quantity: Quantity,
    name: str,
) -> Figure:
    """Photographs (n, S, S, 3) on top, their maps below, and the answers as more is hidden.

    rows: photo, label, found; cells: photo, row, column, shift; curves: photo, share, shift,
    random_lowest, random_mean, random_highest.
    """
    foot = f"n = {count(len(rows), 'photograph')}, each judged by the model trained without it"
    if rows.empty:
        return style.sentence(f"{name}: saliency", "Every fold failed.", foot)
    figure = style.blank(f"{name}: where it looks", NOTES[verdict], foot, arranged=False)
    grid = GridSpec(3, len(rows), figure, height_ratios=[1, 1, 0.75])
    grid.update(left=0.1, right=0.97, bottom=0.165, top=0.83, hspace=0.27, wspace=0.25)
    shift = curves[["shift", "random_lowest", "random_highest"]].to_numpy(dtype=np.float64)
    low, high = min(0.0, float(shift.min())), max(0.0, float(shift.max())) or 1.0
    limits = low - 0.05 * (high - low), high + 0.08 * (high - low)
    for place, (row, picture) in enumerate(zip(records(rows), pictures, strict=True)):
        top, middle, bottom = (figure.add_subplot(grid[line, place]) for line in range(3))
        top.imshow(picture)
        top.set_title(f"{number(row['label'])} → {number(row['found'])}", size=8, pad=3)
        draw_map(middle, picture, grid_of(cells, int(row["photo"])), quantity.of_error)
        for axes in (top, middle):
            axes.axis("off")
        draw_curves(bottom, curves[curves["photo"].eq(row["photo"])])
        bottom.set(ylim=limits)
        bottom.tick_params(labelsize=7, labelleft=place == 0)
        if place == 0:
            bottom.set_ylabel(quantity.with_unit("shift"), size=style.SMALL)
            bottom.legend(loc="upper left", fontsize=6.5, handlelength=1, borderpad=0.1)
    figure.text(0.5, 0.075, "hidden, % of the picture", size=style.SMALL, ha="center")
    return figure


def draw_map(axes: Axes, picture: np.ndarray, values: np.ndarray, unit: str) -> None:
    """A map (cells, cells) over its picture in grey; the largest shift stands above."""
    largest = float(values.flat[int(np.abs(values).argmax())])
    most = abs(largest) or 1.0
    edges = (-0.5, len(picture) - 0.5, len(picture) - 0.5, -0.5)
    axes.imshow(picture.mean(axis=2), cmap="gray", vmin=-120, vmax=255)
    axes.imshow(values, cmap="PuOr", vmin=-most, vmax=most, alpha=0.75, extent=edges)
    told = f"to {signed(largest)}{unit}" if largest else "no map"
    axes.set_title(told, size=style.SMALL, pad=3)


def draw_curves(axes: Axes, own: pd.DataFrame) -> None:
    """The answer's shift as more is hidden, by the map and by random maps."""
    shares = np.array([0.0, *own["share"]]) * 100
    names = ("shift", "random_lowest", "random_mean", "random_highest")
    shift, low, mean, high = (np.array([0.0, *own[name]]) for name in names)
    axes.fill_between(shares, low, high, color=style.GREY, alpha=0.25, lw=0)
    axes.plot(shares, mean, color=style.GREY, lw=1.2, label="random maps")
    axes.plot(shares, shift, color=style.RED, lw=1.6, label="the map")
    axes.axhline(0, color=style.GREY, lw=0.6)
    axes.set(xlim=(0, shares[-1]))
