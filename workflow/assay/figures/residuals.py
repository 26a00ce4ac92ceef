"""Residuals against the known concentration, with their running mean and spread."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay import metrics
from assay.figures import placing, style
from assay.intake.numerals import decimals, number, signed
from assay.intake.records import records
from assay.metrics import Floats
from assay.quantity import Quantity

NAMED = 6  # photographs whose names are written
FEWEST = 20  # photographs below which there is no running mean
FACTORS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
LEVELS = 15  # at most so many different concentrations are drawn as levels


def worst(table: pd.DataFrame, quantity: Quantity, most: int = NAMED) -> pd.DataFrame:
    """The rows (label, found) with the largest residuals, the largest first, and `residual`."""
    residual = metrics.errors(table["label"], table["found"], quantity.scale)
    with_residual = table.assign(residual=residual)
    order = np.argsort(-np.abs(residual), kind="stable")[:most]
    return with_residual.iloc[order]


def running(known: Floats, residual: Floats) -> pd.DataFrame:
    """Mean and standard deviation of the residuals along the concentration: known, mean, sd.

    At each level where the concentrations repeat; otherwise over a window of a tenth of the
    photographs, at least 10. Empty with fewer than 20 photographs.
    """
    table = pd.DataFrame({"known": known, "residual": residual}).sort_values("known", kind="stable")
    if len(table) < FEWEST:
        return pd.DataFrame({"known": [], "mean": [], "sd": []})
    if is_levels(known):
        groups = table.groupby("known")["residual"]
        result = pd.DataFrame({"mean": groups.mean(), "sd": groups.std()}).reset_index()
        return result.fillna({"sd": 0.0})
    window = table.rolling(max(10, len(table) // 10), center=True)
    mean = window.mean()
    result = pd.DataFrame(
        {"known": mean["known"], "mean": mean["residual"], "sd": window["residual"].std()}
    )
    return result.dropna().reset_index(drop=True)


def is_levels(known: Floats) -> bool:
    """Whether the known values repeat at a few levels."""
    levels = np.unique(known).size
    return levels <= LEVELS and known.size >= 3 * levels


def draw_running(axes: Axes, known: Floats, residual: Floats) -> None:
    """The running mean and, about it, one standard deviation; bars where there are levels."""
    line = running(known, residual)
    if line.empty:
        return
    x, mean, sd = (line[name].to_numpy() for name in ("known", "mean", "sd"))
    if is_levels(known):
        axes.errorbar(
            x, mean, sd, fmt="s", ms=5, capsize=4, color=style.RED, label="mean ± SD at the level"
        )
        return
    axes.fill_between(x, mean - sd, mean + sd, color=style.RED, alpha=0.18, lw=0, label="mean ± SD")
    axes.plot(x, mean, color=style.RED, label="running mean")


def points(axes: Axes, x: Floats, y: Floats, colour: str = style.BLUE) -> None:
    """One point a photograph, the paler and smaller the more there are."""
    crowd = np.clip((x.size / 100) ** -0.35, 0.2, 1)
    axes.scatter(
        x,
        y,
        s=26 * crowd,
        color=colour,
        alpha=0.25 + 0.5 * crowd,
        lw=0,
        label="photograph",
        rasterized=x.size > style.MANY,
    )


def list_worst(axes: Axes, rows: pd.DataFrame, quantity: Quantity) -> None:
    """The numbered photographs, each with what was known and what was found."""
    axes.text(0, 0.985, "Largest residuals", weight="bold", size=9, va="top")
    note = "known → found, residual"
    axes.text(0, 0.925, note, size=style.SMALL, color=style.GREY, va="top")
    places = quantity.places(*rows["label"], *rows["found"])
    step = decimals(*rows["residual"])
    for rank, row in enumerate(records(rows), start=1):
        top = 0.995 - 0.145 * rank
        axes.text(0, top, str(rank), weight="bold", size=9, color=style.RED, va="top")
        axes.text(0.09, top, style.shown(str(row["image"]), 19), size=style.SMALL, va="top")
        values = f"{number(row['label'], places)} → {number(row['found'], places)},"
        text = f"{values} {signed(row['residual'], step)}"
        axes.text(0.09, top - 0.06, text, size=style.SMALL, color=style.GREY, va="top")


def factor_axis(axes: Axes) -> None:
    """On the log10 scale: the residual as a factor, at the right."""
    right = axes.secondary_yaxis("right", functions=(lambda y: y, lambda y: y))
    low, high = axes.get_ylim()
    ticks = [factor for factor in FACTORS if low <= np.log10(factor) <= high]
    right.set_yticks(np.log10(ticks), [f"×{factor:g}" for factor in ticks])
    right.tick_params(labelsize=style.SMALL)


def residuals(table: pd.DataFrame, quantity: Quantity, name: str, facts: style.Facts) -> Figure:
    """Residuals of experiment `name`; table: image, label and found (concentration units)."""
    known = table["label"].to_numpy(dtype=np.float64)
    residual = metrics.errors(known, table["found"], quantity.scale)
    rmse = float(np.sqrt(np.mean(residual**2)))
    bias = signed(float(residual.mean()), decimals(rmse))
    subtitle = f"out of fold; RMSE {number(rmse)}, bias {bias}{quantity.of_error}"
    figure = style.blank(f"{name}: residuals", subtitle, str(facts))
    axes, text = style.beside(figure)
    axes.axhline(0, color=style.BLACK, lw=1)
    points(axes, known, residual)
    draw_running(axes, known, residual)
    if quantity.scale == "log10":
        axes.set_xscale("log")
        style.plain_numbers(axes)
        factor_axis(axes)
    axes.set(xlabel=quantity.label("known"), ylabel=quantity.error_label)
    axes.margins(y=0.12)
    axes.legend(
        loc="upper left", ncols=3, bbox_to_anchor=(-0.02, 1.11), handlelength=1.2, columnspacing=1.2
    )
    rows = worst(table, quantity)
    list_worst(text, rows, quantity)
    chosen = rows[["label", "residual"]].to_numpy(dtype=np.float64)
    placing.number_points(axes, chosen, np.column_stack([known, residual]), style.RED)
    return figure
