"""Do intervals hold what they promise? Share of known values inside, along the concentration."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from assay.figures import style
from assay.quantity import Quantity


def promises(table: pd.DataFrame, quantity: Quantity, name: str) -> Figure:
    """table: level, known, known_low, known_high, samples, share and its ends, nominal."""
    every = table[table["level"].eq("all")].iloc[0]
    foot = f"n = {every['samples']} samples, one photograph of each"
    title = f"{name}: do intervals hold?"
    if pd.isna(every["share"]):
        return style.sentence(title, str(every["note"]), foot)
    nominal = float(every["nominal"])
    subtitle = f"{100 * nominal:g} % intervals that hold the known value; bars: exact 95 % limits"
    figure = style.blank(title, subtitle, foot)
    axes = figure.subplots()
    rows = table[table["level"].ne("all")]
    columns = ["known", "share", "share_low", "share_high", "known_low", "known_high"]
    x, share, low, high, left, right = rows[columns].to_numpy(dtype=np.float64).T
    axes.axhline(100 * nominal, color=style.GREEN, lw=1.5, label=f"promised, {100 * nominal:g} %")
    axes.hlines(100 * share, left, right, color=style.SKY, lw=5, alpha=0.5)
    bars = 100 * np.array([share - low, high - share])
    axes.errorbar(
        x, 100 * share, bars, fmt="s", ms=5, capsize=4, color=style.BLUE, label="level or fifth"
    )
    axes.axhline(100 * float(every["share"]), color=style.BLUE, lw=1, ls="--", label="all samples")
    for at, top, number in zip(x, 100 * high, rows["samples"], strict=True):
        axes.annotate(
            f"n = {number}",
            (at, top),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size=style.SMALL,
            color=style.GREY,
        )
    if quantity.scale == "log10":
        axes.set_xscale("log")
        style.plain_numbers(axes, y=False)
    lowest = min(60.0, float(100 * low.min()) - 5)
    axes.set(xlabel=quantity.label("known"), ylabel="inside (%)", ylim=(max(-3, lowest), 108))
    axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= 100])
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.99), ncols=3, handlelength=1.2)
    return figure
