"""Learning curves: error on the training photographs and on the fold held out, and their gap."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from assay.figures import style
from assay.intake.numerals import decimals, number, signed
from assay.quantity import Quantity

LINES = {
    "rmse_train": ("training photographs", style.BLUE, "o"),
    "rmse_held_out": ("fold held out", style.RED, "s"),
}


def looks(histories: list[pd.DataFrame]) -> pd.DataFrame:
    """The epochs at which errors were looked at: fold, epoch (stages in series), both errors."""
    parts = []
    for fold, history in enumerate(histories):
        part = history.assign(fold=fold, epoch=np.arange(1, len(history) + 1))
        parts.append(part[["fold", "epoch", *LINES]])
    table = pd.concat(parts, ignore_index=True).dropna(subset=list(LINES))
    return table.astype(dict.fromkeys(LINES, float))


def last(table: pd.DataFrame) -> pd.DataFrame:
    """Both errors at each fold's last look, by fold."""
    return table.groupby("fold")[list(LINES)].last()


def draw_curves(axes: Axes, table: pd.DataFrame) -> None:
    """A thin line per fold, a thick one for their mean; the gap between the means is shaded."""
    means = table.groupby("epoch")[list(LINES)].mean()
    low, high = (means[key] for key in LINES)
    axes.fill_between(means.index, low, high, color=style.GREY, alpha=0.16, lw=0, label="gap")
    for key, (label, colour, marker) in LINES.items():
        for _, one in table.groupby("fold"):
            axes.plot(one["epoch"], one[key], color=colour, lw=0.8, alpha=0.55)
        axes.plot(means.index, means[key], color=colour, marker=marker, ms=4.5, label=label)


def mark_stages(axes: Axes, history: pd.DataFrame) -> None:
    """A line where a second model in series begins."""
    starts = np.flatnonzero(np.diff(history["stage"])) + 1
    for start in starts:
        axes.axvline(start + 0.5, color=style.GREY, lw=1, ls="--")
        axes.text(
            start + 0.7,
            0.98,
            "second model",
            transform=axes.get_xaxis_transform(),
            va="top",
            size=style.SMALL,
        )


def list_gaps(axes: Axes, ends: pd.DataFrame) -> None:
    """The errors after the last epoch, fold by fold."""
    axes.text(0, 0.985, "After the last epoch", weight="bold", size=9, va="top")
    places = decimals(*ends.to_numpy().ravel())
    rows = [("fold", "train", "held out", "gap")]
    for fold, train, held_out in ends.itertuples():
        values = number(train, places), number(held_out, places)
        rows.append((str(fold), *values, signed(held_out - train, places)))
    for line, row in enumerate(rows[:13]):
        for cell, right in zip(row, (0.13, 0.4, 0.73, 1.0), strict=True):
            colour = style.GREY if line == 0 else "#202124"
            axes.text(
                right,
                0.9 - 0.068 * line,
                cell,
                ha="right",
                va="top",
                size=style.SMALL,
                color=colour,
            )


def learning(
    histories: list[pd.DataFrame], quantity: Quantity, name: str, facts: style.Facts
) -> Figure:
    """Learning curves of experiment `name`, one history (stage, epoch, rmse_...) per fold."""
    table = looks(histories)
    if table.empty:
        return style.sentence(f"{name}: learning curves", "No epoch was finished.", str(facts))
    unit = f" ({quantity.unit})" if quantity.unit else ""
    subtitle = "thin: each fold; thick: their mean; no copies, and of the photographs seen a part"
    figure = style.blank(f"{name}: learning curves", subtitle, str(facts))
    axes, text = style.beside(figure)
    draw_curves(axes, table)
    mark_stages(axes, histories[0])
    values = table[list(LINES)].to_numpy()
    if values.min() > 0 and values.max() / values.min() > 8:
        axes.set_yscale("log")
        style.plain_numbers(axes)
    else:
        axes.set_ylim(bottom=0)
    # training looks at errors of the value itself, whatever the scale of the scores
    scale = ", linear scale" if quantity.scale == "log10" else ""
    axes.set(xlabel="epoch", ylabel=f"RMSE{unit}{scale}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(
        loc="upper left", ncols=3, bbox_to_anchor=(-0.02, 1.11), handlelength=1.4, columnspacing=1.2
    )
    list_gaps(text, last(table))
    return figure
