"""Found against known concentration, with the line on which both agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay import metrics
from assay.figures import style
from assay.figures.residuals import points
from assay.intake.numerals import ends, number, places_of, signed
from assay.metrics import Floats
from assay.quantity import Quantity
from assay.statistics import bootstrap

NAMES = {"rmse": "RMSE", "mae": "MAE", "bias": "bias", "r2": "R²"}


def limits(quantity: Quantity, *values: Floats) -> tuple[float, float]:
    """Common ends of both axes: the range of the method and every value, with a margin."""
    data = metrics.on_scale(
        np.concatenate([[quantity.low, quantity.high], *values]), quantity.scale
    )
    margin = 0.04 * np.ptp(data)
    both = data.min() - margin, data.max() + margin
    low, high = (10**end if quantity.scale == "log10" else end for end in both)
    return float(low), float(high)


def list_scores(axes: Axes, table: pd.DataFrame, quantity: Quantity) -> None:
    """The scores beside the drawing, each with its 95 % interval by sample."""
    known, found = table["label"].to_numpy(float), table["found"].to_numpy(float)
    scores = bootstrap.score_intervals(known, found, table["sample"], scale=quantity.scale)
    percent = metrics.percent_of_range(
        scores["rmse"].estimate, quantity.low, quantity.high, quantity.scale
    )
    axes.text(0, 0.985, "Scores (95 % interval)", weight="bold", size=9, va="top")
    for place, (key, name) in enumerate(NAMES.items()):
        score, top = scores[key], 0.88 - 0.17 * place
        sign = signed if key == "bias" else number
        places = places_of(score.estimate, score.low, score.high)
        unit = "" if key == "r2" else quantity.of_error
        axes.text(0, top, name, va="top", weight="bold", size=9)
        axes.text(0.26, top, f"{sign(score.estimate, places)}{unit}", va="top", size=9)
        between = ends(score.low, score.high, places)
        axes.text(0.26, top - 0.068, between, va="top", size=style.SMALL, color=style.GREY)
    if percent is not None:
        text = f"RMSE is {number(percent)} % of the range"
        axes.text(0, 0.15, text, va="top", size=style.SMALL, color=style.GREY)


def found_known(
    table: pd.DataFrame, quantity: Quantity, name: str, facts: style.Facts, what: str
) -> Figure:
    """Found against known; table: label, found, sample; `what` says which photographs."""
    known, found = (table[key].to_numpy(dtype=np.float64) for key in ("label", "found"))
    figure = style.blank(f"{name}: found against known", what, str(facts))
    axes, text = style.beside(figure, 0.34)
    both = limits(quantity, known, found)
    axes.axline((both[0],) * 2, (both[1],) * 2, color=style.BLACK, lw=1, label="found = known")
    points(axes, known, found)
    if quantity.scale == "log10":
        axes.set(xscale="log", yscale="log")
        style.plain_numbers(axes)
    axes.set(xlim=both, ylim=both, xlabel=quantity.label("known"), ylabel=quantity.label("found"))
    axes.set_box_aspect(1)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.03, 0.99), ncols=2, handlelength=1.2)
    list_scores(text, table, quantity)
    return figure
