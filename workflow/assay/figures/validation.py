"""The figures of a validation: agreement, recovery per level, and the line found against known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from assay.figures import found_known, style
from assay.figures.residuals import points
from assay.intake.numerals import number, signed
from assay.metrics import Floats, on_scale
from assay.quantity import Quantity


def agreement(samples: pd.DataFrame, table: pd.DataFrame, quantity: Quantity, foot: str) -> Figure:
    """Bland-Altman; samples: known, found, error; table: the agreement in units of the error."""
    limits = table.iloc[:3].set_index("what")
    known, found = (on_scale(samples[name], quantity.scale) for name in ("known", "found"))
    middle = (known + found) / 2
    figure = style.blank("Agreement of found and known", "each point is a sample", foot)
    axes = figure.subplots()
    axes.axhline(0, color=style.GREY, lw=1)
    x = 10**middle if quantity.scale == "log10" else middle
    points(axes, x, samples["error"].to_numpy(np.float64))
    colours = {"bias": style.RED, "lower limit": style.GREEN, "upper limit": style.GREEN}
    for name, row in limits.iterrows():
        colour = colours[str(name)]
        axes.axhline(row["value"], color=colour, ls="-" if name == "bias" else "--")
        if pd.notna(row["value_low"]):
            axes.axhspan(row["value_low"], row["value_high"], color=colour, alpha=0.12, lw=0)
        text = f"{name} {signed(row['value'])}"
        _beside(axes, row["value"], text, colour)
    _logarithmic(axes, quantity, y=False)
    axes.set(xlabel=quantity.label("mean of known and found"), ylabel=quantity.error_label)
    axes.margins(y=0.15)
    return figure


def _beside(axes: Axes, y: float, text: str, colour: str) -> None:
    axes.annotate(
        text,
        (1, y),
        xycoords=("axes fraction", "data"),
        xytext=(6, 0),
        textcoords="offset points",
        size=style.SMALL,
        color=colour,
        va="center",
        annotation_clip=False,
    )


def _logarithmic(axes: Axes, quantity: Quantity, *, y: bool) -> None:
    if quantity.scale == "log10":
        axes.set_xscale("log")
        if y:
            axes.set_yscale("log")
        style.plain_numbers(axes, y=y)


def recovery(levels: pd.DataFrame, quantity: Quantity, allowed: float, foot: str) -> Figure:
    """Recovery per level with its 95 % interval and, fainter, where the next sample will lie."""
    rows = levels[levels["recovery"].notna()]
    figure = style.blank("Recovery per level", "bars: 95 % interval of the mean", foot)
    axes = figure.subplots()
    low = 100 - allowed if quantity.scale == "linear" else 100 / (1 + allowed / 100)
    axes.axhspan(low, 100 + allowed, color=style.GREEN, alpha=0.13, lw=0)
    axes.axhline(100, color=style.GREY, lw=1)
    x, y = (rows[name].to_numpy(np.float64) for name in ("known", "recovery"))
    expected = 100 + rows[["expected_low", "expected_high"]].to_numpy(np.float64)
    axes.vlines(x, *expected.T, color=style.SKY, lw=5, alpha=0.5, label="next sample, 95 %")
    bars = np.abs(rows[["recovery_low", "recovery_high"]].to_numpy(np.float64).T - y)
    axes.errorbar(x, y, bars, fmt="s", ms=5, capsize=4, color=style.BLUE, label="recovery")
    axes.fill_between([], [], [], color=style.GREEN, alpha=0.13, label=f"allowed, {allowed:g} %")
    _logarithmic(axes, quantity, y=False)
    axes.set(xlabel=quantity.label("known"), ylabel="recovery (%)")
    axes.margins(y=0.1)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.99), ncols=3, handlelength=1.2)
    return figure


def band(known: Floats, found: Floats, at: Floats, confidence: float = 0.95) -> tuple[Floats, ...]:
    """The least-squares line at `at` and the ends of its pointwise confidence band.

    Source: Draper & Smith, Applied Regression Analysis (3rd ed. 1998), ch. 3.
    """
    centred = known - known.mean()
    sxx = float(np.sum(centred**2))
    slope = float(np.sum(centred * found) / sxx)
    line = found.mean() + slope * (at - known.mean())
    residual = found - found.mean() - slope * centred
    variance = float(np.sum(residual**2)) / (known.size - 2)
    half = stats.t.ppf((1 + confidence) / 2, known.size - 2) * np.sqrt(
        variance * (1 / known.size + (at - known.mean()) ** 2 / sxx)
    )
    return line, line - half, line + half


def line(samples: pd.DataFrame, table: pd.DataFrame, quantity: Quantity, foot: str) -> Figure:
    """Found against known with the line through the samples and its band; table: linearity."""
    slope = table.loc[table["what"].eq("slope b"), "value"].item()
    subtitle = f"each point is a sample; slope {number(slope)}"
    figure = style.blank("Linearity", subtitle, foot)
    axes = figure.subplots()
    known, found = (samples[name].to_numpy(np.float64) for name in ("known", "found"))
    ends = found_known.limits(quantity, known, found)
    axes.axline((ends[0],) * 2, (ends[1],) * 2, color=style.BLACK, lw=1, label="found = known")
    points(axes, known, found)
    axes.collections[-1].set_label("sample")
    x, y = (on_scale(values, quantity.scale) for values in (known, found))
    if known.size > 2 and np.ptp(x) > 0:
        at = np.linspace(x.min(), x.max(), 60)
        drawn = [10**part if quantity.scale == "log10" else part for part in (at, *band(x, y, at))]
        axes.fill_between(drawn[0], drawn[2], drawn[3], color=style.RED, alpha=0.2, lw=0)
        axes.plot(drawn[0], drawn[1], color=style.RED, label="line with 95 % band")
    _logarithmic(axes, quantity, y=True)
    axes.set(xlim=ends, ylim=ends, xlabel=quantity.label("known"), ylabel=quantity.label("found"))
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.99), ncols=3, handlelength=1.2)
    return figure
