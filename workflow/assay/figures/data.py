"""The data before any training: known values, exposure and sharpness, drift of the card."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.figures import placing, style
from assay.figures.residuals import is_levels
from assay.figures.split import edges
from assay.intake.numerals import count, number
from assay.intake.records import records
from assay.metrics import Floats
from assay.quantity import Quantity
from assay.statistics.analytical.outliers import robust_z

ODD = 3.5  # robust standard deviations beyond which a photograph is odd (Iglewicz & Hoaglin 1993)
NAMED = 6  # odd photographs whose names are written
CLIPPED = 0.05  # share of over-exposed pixels above which a point is drawn in another colour
FAINTEST = 1e-6  # of exposure and sharpness: 0 has no logarithm
FEWEST = 10  # photographs in which scatter can be judged
RUG = 300  # different values up to which each has its own mark
NAMES = 12  # sessions whose names stand below the axis; of more, every second, third ...


def foot(photos: pd.DataFrame) -> str:
    """What a figure of the whole data set rests on."""
    samples = count(photos["sample"].nunique(), "sample")
    return f"n = {samples}, {count(len(photos), 'photograph')}; all of them, before the split"


def labels(photos: pd.DataFrame, quantity: Quantity) -> Figure:
    """Histogram of the known values, by level where they repeat; photos: label, sample."""
    known = photos["label"].to_numpy(dtype=np.float64)
    levels, counts = np.unique(known, return_counts=True)
    by_level = is_levels(known)
    each = f"{counts.min()} to {counts.max()} photographs each"
    subtitle = (
        f"{len(levels)} levels, {each}" if by_level else f"{count(len(levels), 'different value')}"
    )
    figure = style.blank("The known values", subtitle, foot(photos))
    axes = figure.subplots()
    if by_level:
        draw_levels(axes, levels, counts)
    else:
        bins = edges(known, quantity)
        axes.stairs(np.histogram(known, bins)[0], bins, fill=True, color=style.BLUE, alpha=0.75)
        if len(levels) <= RUG:
            axes.plot(levels, np.zeros_like(levels), "|", color=style.BLACK, ms=7, alpha=0.5)
    for end in (quantity.low, quantity.high):
        if np.isfinite(end):
            axes.axvline(end, color=style.RED, lw=1.2, ls="--")
    if quantity.scale == "log10":
        axes.set_xscale("log")
        style.plain_numbers(axes)
    axes.set(xlabel=quantity.label("known"), ylabel="photographs")
    axes.set_title(
        "dashed: the range of the method", size=style.SMALL, loc="right", color=style.GREY
    )
    return figure


def draw_levels(axes: Axes, levels: Floats, counts: np.ndarray) -> None:
    """A stem for each level, with the number of its photographs."""
    axes.vlines(levels, 0, counts, color=style.BLUE, lw=6, alpha=0.75)
    for level, photographs in zip(levels, counts, strict=True):
        axes.annotate(
            str(photographs),
            (level, photographs),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            size=style.SMALL,
        )
    axes.margins(y=0.1)
    axes.set_ylim(bottom=0)


def scores(appearance: pd.DataFrame) -> Floats:
    """Robust z of the logarithms of exposure and sharpness, (N, 2); 0 where none can be judged."""
    if len(appearance) < FEWEST:
        return np.zeros((len(appearance), 2))
    values = np.log10(appearance[["exposure", "sharpness"]].clip(lower=FAINTEST))
    return np.column_stack([robust_z(values[name]) for name in values])


def odd(appearance: pd.DataFrame) -> pd.DataFrame:
    """The rows that stand apart in exposure or sharpness, the farthest first, with `why`."""
    z = scores(appearance)
    farthest = np.abs(z).argmax(axis=1)
    value = z[np.arange(len(z)), farthest]
    words = np.array([["darker", "brighter"], ["less sharp", "sharper"]])
    why = [words[axis, int(one > 0)] for axis, one in zip(farthest, value, strict=True)]
    order = np.argsort(-np.abs(value), kind="stable")
    chosen = order[np.abs(value[order]) > ODD]
    return appearance.assign(why=why, z=np.abs(value)).iloc[chosen]


def exposure(photos: pd.DataFrame, appearance: pd.DataFrame, size: int) -> Figure:
    """Sharpness against exposure, the odd ones numbered and named; rows of both tables in step."""
    table = appearance.assign(image=photos["image"].to_numpy())
    apart = odd(table)
    subtitle = f"{count(len(apart), 'photograph')} beyond {ODD} robust SD; seen at {size} px"
    figure = style.blank("Exposure and sharpness", subtitle, foot(photos))
    axes, text = style.beside(figure)
    x = 100 * table["exposure"].to_numpy(dtype=np.float64)
    y = table["sharpness"].clip(lower=FAINTEST).to_numpy(dtype=np.float64)
    over = table["clipped"].gt(CLIPPED).to_numpy()
    for rows, colour, name in (
        (~over, style.BLUE, "photograph"),
        (over, style.ORANGE, f"more than {CLIPPED:.0%} over-exposed"),
    ):
        if rows.any():
            crowd = 20 if len(x) < 500 else 8
            many = len(x) > style.MANY
            axes.scatter(x[rows], y[rows], s=crowd, c=colour, alpha=0.6, lw=0, rasterized=many)
            axes.scatter([], [], s=20, c=colour, label=name)
    axes.set_yscale("log")
    style.plain_numbers(axes, x=False)
    axes.set(xlabel="exposure: mean luminance (% of full light)")
    axes.set_ylabel("sharpness: variance of the Laplacian")
    axes.margins(x=0.08, y=0.12)
    axes.legend(loc="upper left", ncols=2, bbox_to_anchor=(-0.02, 1.11), handletextpad=0.2)
    list_odd(text, apart.head(NAMED))
    if len(apart):
        points = np.column_stack([x, y])
        places = apart.index[:NAMED].to_numpy()  # the rows are numbered from 0
        placing.number_points(axes, points[places], points, style.RED)
    return figure


def list_odd(axes: Axes, rows: pd.DataFrame) -> None:
    """The numbered photographs, each with what is odd about it."""
    axes.text(0, 0.985, "Odd ones" if len(rows) else "None is odd", weight="bold", size=9, va="top")
    for rank, row in enumerate(records(rows), start=1):
        top = 1.04 - 0.145 * rank
        axes.text(0, top, str(rank), weight="bold", size=9, color=style.RED, va="top")
        axes.text(0.09, top, style.shown(str(row["image"]), 19), size=style.SMALL, va="top")
        note = f"{row['why']} ({number(row['z'], 1)} SD)"
        axes.text(0.09, top - 0.06, note, size=style.SMALL, color=style.GREY, va="top")


def natural(name: str) -> list[tuple[int, int, str]]:
    """A sort key in which session 2 comes before session 10."""
    parts = re.split(r"([0-9]+)", name)
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


def drift(photos: pd.DataFrame, appearance: pd.DataFrame) -> pd.DataFrame:
    """Median colour of the card in each group, minus that of all: group, photographs, L, a, b.

    Only of photographs with a card; in the natural order of the groups' names.
    """
    table = appearance.assign(group=photos["group"].to_numpy())
    table = table[table["card"].eq(1) & table["group"].ne("")]
    names = {"border_L": "L", "border_a": "a", "border_b": "b"}
    values = table.rename(columns=names)
    groups = values.groupby("group")[["L", "a", "b"]]
    result = groups.median() - values[["L", "a", "b"]].median()
    result.insert(0, "photographs", groups.size())
    order = sorted((str(name) for name in result.index), key=natural)
    return result.loc[order].reset_index()


def why_no_drift(photos: pd.DataFrame, appearance: pd.DataFrame) -> str:
    """A sentence where no drift can be shown; empty where it can."""
    if appearance["card"].mean() < 0.5:
        return "In most photographs no light, even border: no card to compare."
    if photos.loc[photos["group"].ne(""), "group"].nunique() < 2:
        return "No two groups (sessions) are named: no drift to show."
    return ""


def card(photos: pd.DataFrame, appearance: pd.DataFrame) -> Figure:
    """Drift of the card over the groups, in CIE L*a*b*, or a sentence where there is none."""
    title = "The card over sessions"
    reason = why_no_drift(photos, appearance)
    if reason:
        return style.sentence(title, reason, foot(photos))
    table = drift(photos, appearance)
    subtitle = (
        f"{count(len(table), 'group')}, {count(int(table['photographs'].sum()), 'photograph')} "
        "with a light, even border; medians"
    )
    figure = style.blank(title, subtitle, foot(photos))
    axes = figure.subplots()
    place = np.arange(len(table))
    axes.axhline(0, color=style.BLACK, lw=1)
    for name, colour, mark, words in (
        ("L", style.BLACK, "o", "L* lightness"),
        ("a", style.PINK, "^", "a* green to red"),
        ("b", style.ORANGE, "s", "b* blue to yellow"),
    ):
        axes.plot(place, table[name], color=colour, marker=mark, ms=4.5, lw=1.2, label=words)
    every = -(-len(table) // NAMES)
    names = [style.shown(str(name), 14) for name in table["group"][::every]]
    axes.set_xticks(place[::every], names, rotation=30, ha="right", size=style.SMALL)
    axes.set_ylabel("border − median of all")
    axes.margins(x=0.04, y=0.15)
    axes.legend(loc="upper left", ncols=3, bbox_to_anchor=(-0.02, 1.11))
    return figure
