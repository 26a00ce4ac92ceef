"""How the concentrations were dealt: one histogram for the test set and for each fold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.figures import style
from assay.intake.numerals import count
from assay.metrics import Floats
from assay.quantity import Quantity

COLOURS = {"test": style.RED, "excluded": style.GREY}


def parts(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each fold, of the test set and of what was left out, where there are any."""
    folds = sorted(table.loc[table["set"].eq("train"), "fold"].unique())
    result = {f"fold {fold}": table[table["fold"].eq(fold)] for fold in folds}
    for name in ("test", "excluded"):
        result[name] = table[table["set"].eq(name)]
    return {name: rows for name, rows in result.items() if len(rows)}


def edges(labels: Floats, quantity: Quantity) -> Floats:
    """Common ends of the bins, as even on the scale as 12 to 30 bins are."""
    bins = int(np.clip(labels.size / 20, 12, 30))
    if quantity.scale == "log10":
        return np.geomspace(labels.min(), labels.max() * (1 + 1e-9), bins + 1)
    return np.linspace(labels.min(), labels.max() + 1e-9, bins + 1)


def draw(axes: Axes, rows: pd.DataFrame, bins: Floats, name: str) -> None:
    """The histogram of one part, as a share of the part, so that parts of any size compare."""
    share = np.histogram(rows["label"], bins)[0] / len(rows) * 100
    axes.stairs(share, bins, fill=True, color=COLOURS.get(name, style.BLUE), alpha=0.75)
    axes.grid(visible=False, axis="y")
    samples = count(rows["sample"].nunique(), "sample")
    label = f"{name}\n{samples}\n{count(len(rows), 'photograph')}"
    axes.text(
        -0.06,
        0.5,
        label,
        transform=axes.transAxes,
        ha="right",
        va="center",
        size=style.SMALL,
        linespacing=1.3,
    )


def split(table: pd.DataFrame, quantity: Quantity, seed: int) -> Figure:
    """Concentrations in each part; table: label, sample, set, fold."""
    dealt = parts(table)
    facts = style.Facts(
        table["sample"].nunique(), len(table), sum(name.startswith("fold") for name in dealt), seed
    )
    subtitle = "share of each part (%) by concentration; the parts should look alike"
    figure = style.blank("The split", subtitle, str(facts))
    rows = figure.subplots(len(dealt), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    bins = edges(table["label"].to_numpy(dtype=np.float64), quantity)
    for axes, (name, part) in zip(rows, dealt.items(), strict=True):
        draw(axes, part, bins, name)
        axes.tick_params(axis="y", labelsize=7)
    if quantity.scale == "log10":
        rows[-1].set_xscale("log")
        style.plain_numbers(rows[-1])
    rows[-1].set_xlabel(quantity.label("known"))
    return figure
