"""Learning curves over samples: points, fitted curve and band, and what is forecast, dashed."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.figures import style
from assay.quantity import Quantity

POOLED = "pooled"
LEGEND = 0.24  # inches above the panels


@dataclass(frozen=True)
class Panel:
    """One experiment: its points, its line (samples, rmse, low, high; may be empty), and why not.

    points: share, fold, samples, rmse, rmse_low, rmse_high; largest: training samples measured.
    """

    name: str
    points: pd.DataFrame
    line: pd.DataFrame
    largest: float
    note: str


def draw_points(axes: Axes, points: pd.DataFrame) -> None:
    """A small point per fold, a large one with its interval for all folds together."""
    folds, pooled = (points[points["fold"].eq(POOLED).eq(whole)] for whole in (False, True))
    axes.scatter(folds["samples"], folds["rmse"], s=12, color=style.SKY, label="fold", zorder=3)
    ends = pooled[["rmse_low", "rmse_high"]].to_numpy(np.float64)
    axes.vlines(pooled["samples"], *ends.T, color=style.BLUE, lw=1.6, zorder=4)
    axes.scatter(
        pooled["samples"],
        pooled["rmse"],
        s=30,
        color=style.BLUE,
        label="all folds, 95 % interval",
        zorder=5,
    )


def draw_line(axes: Axes, line: pd.DataFrame, largest: float) -> None:
    """The fitted curve, dashed beyond the largest size measured, and its band."""
    axes.fill_between(line["samples"], line["low"], line["high"], color=style.RED, alpha=0.14, lw=0)
    measured, ahead = line[line["samples"].le(largest)], line[line["samples"].ge(largest)]
    axes.plot(measured["samples"], measured["rmse"], color=style.RED, label="fitted curve")
    axes.plot(
        ahead["samples"],
        ahead["rmse"],
        color=style.RED,
        ls=(0, (4, 3)),
        label="forecast, 95 % band",
    )
    axes.axvline(largest, color=style.GREY, lw=1, ls=":", label="now")


def say_why(axes: Axes, note: str, width: int) -> None:
    """Why there is no forecast, where the line would be."""
    text = textwrap.fill(f"No forecast: {note}.", width)
    axes.text(0.5, 0.06, text, transform=axes.transAxes, ha="center", size=style.SMALL)


def add_legend(figure: Figure, axes: list[Axes]) -> None:
    """One legend for all panels, above them: the entries of the panel that has most."""
    entries = max((one.get_legend_handles_labels() for one in axes), key=lambda two: len(two[1]))
    top = 1 - 0.46 / style.HEIGHT
    legend = figure.legend(
        *entries,
        loc="upper left",
        bbox_to_anchor=(0, top),
        ncols=5,
        handlelength=1.4,
        columnspacing=1.2,
    )
    legend.set_in_layout(False)


def sample_size(panels: list[Panel], quantity: Quantity, facts: style.Facts) -> Figure:
    """RMSE out of fold against the number of training samples, one drawing per experiment."""
    subtitle = "RMSE out of fold, trained on nested shares of the samples"
    figure = style.blank("Would more samples help?", subtitle, str(facts))
    layout = figure.get_layout_engine()
    x, y, width, height = layout.get()["rect"]  # type: ignore[union-attr]
    layout.set(rect=(x, y, width, height - LEGEND / style.HEIGHT))  # type: ignore[union-attr,call-arg]
    columns = min(len(panels), 2 if len(panels) < 5 else 3)
    shape = -(-len(panels) // columns), columns
    grid = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False)
    used = list(grid.flat)[: len(panels)]
    for axes, panel in zip(used, panels, strict=True):
        axes.set_xscale("log")
        style.plain_numbers(axes, y=False)
        if len(panels) > 1:
            axes.set_title(style.shown(panel.name, 28), size=style.TEXT)
        draw_points(axes, panel.points.dropna(subset="rmse"))
        if panel.note:
            say_why(axes, panel.note, 84 // columns)
        else:
            draw_line(axes, panel.line, panel.largest)
    for axes in grid.flat[len(panels) :]:
        axes.axis("off")
    used[0].set_ylim(bottom=0)
    for column in range(columns):  # below the last of each column there may be an empty place
        last = used[column::columns][-1]
        last.set_xlabel("training samples")
        last.tick_params(axis="x", which="both", labelbottom=True)
    for axes in grid[:, 0]:
        axes.set_ylabel(quantity.with_unit("RMSE"))
    add_legend(figure, used)
    return figure
