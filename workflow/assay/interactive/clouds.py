"""Clouds of points, one a photograph, which show the photograph where one points at them.

Drawn by Bokeh, whose script a page holds: nothing is asked of the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import (
    BasicTickFormatter,
    ColumnDataSource,
    HoverTool,
    PlainText,
    Range1d,
)
from bokeh.models.annotations import LabelSet, Legend, Span
from bokeh.plotting import figure

from assay.figures import found_known, style
from assay.figures.residuals import running
from assay.metrics import Floats
from assay.quantity import Quantity

TIP = """
<div style="display: flex; gap: 0.6rem; max-width: 20rem; color: #1d2024; font-size: 13px">
<div style="flex: none; width: 80px; height: 80px; background-image: var(--sheet);
 background-size: var(--sheet-size); background-position: @left @top"></div>
<div style="overflow-wrap: anywhere"><b>@image</b><br>sample @sample@group<br>
known @shown_known<br>found @shown_found<br>residual @shown_residual</div></div>
"""
SHOWN = 80  # CSS pixels of a thumbnail, in the tip and beside the list


@dataclass(frozen=True)
class Cloud:
    """What both figures show; table: known, found, residual, and texts for each photograph."""

    table: Mapping[str, Any]
    worst: pd.DataFrame  # label, found, residual; the largest first
    half_width: float | None  # of the interval, on the scale
    interval: str  # its words
    quantity: Quantity


def plots(cloud: Cloud) -> dict[str, figure]:
    """Residuals against known, and found against known; what is chosen in one is in the other."""
    source = ColumnDataSource(data=dict(cloud.table), name="photographs")
    return {"residuals": residuals(cloud, source), "found_known": found(cloud, source)}


def residuals(cloud: Cloud, source: ColumnDataSource) -> figure:
    """Residuals with running mean and SD, interval band and the worst photographs numbered."""
    quantity = cloud.quantity
    plot = _blank(quantity.label("known"), quantity.error_label, quantity, "residuals")
    known, residual = (np.asarray(cloud.table[name]) for name in ("known", "residual"))
    ends = [known.min(), known.max()]
    if cloud.half_width is not None:
        low, high = -cloud.half_width, cloud.half_width
        plot.varea(ends, low, high, color=style.SKY, alpha=0.22, legend_label=cloud.interval)
    plot.add_layout(Span(location=0, dimension="width", line_color=style.GREY, name="zero"))
    _points(plot, source, "residual")
    _running(plot, known, residual)
    _number(plot, cloud.worst, "residual")
    return plot


def found(cloud: Cloud, source: ColumnDataSource) -> figure:
    """Found against known with the line on which both agree."""
    quantity = cloud.quantity
    plot = _blank(quantity.label("known"), quantity.label("found"), quantity, "found_known", True)
    known, other = (np.asarray(cloud.table[name], dtype=float) for name in ("known", "found"))
    ends = found_known.limits(quantity, known, other)
    plot.x_range, plot.y_range = (Range1d(start=ends[0], end=ends[1]) for _ in "xy")
    plot.line(ends, ends, color=style.GREY, line_width=1.5, legend_label="found = known")
    if cloud.half_width is not None and quantity.scale == "linear":
        low, high = (np.array(ends) + side * cloud.half_width for side in (-1, 1))
        plot.varea(ends, low, high, color=style.SKY, alpha=0.22, legend_label=cloud.interval)
    _points(plot, source, "found")
    _number(plot, cloud.worst, "found")
    return plot


def _blank(x: str, y: str, quantity: Quantity, name: str, both: bool = False) -> figure:
    """An empty plot; a finger or a wheel scrolls the page, not the plot, until a tool is chosen."""
    logarithmic = quantity.scale == "log10"
    plot = figure(
        x_axis_type="log" if logarithmic else "linear",
        y_axis_type="log" if logarithmic and both else "linear",
        name=name,
        height=440,
        sizing_mode="stretch_width",
        tools="pan,box_zoom,wheel_zoom,reset,tap",
        active_drag=None,
        active_scroll=None,
        toolbar_location="above",
        background_fill_color=None,
        border_fill_color=None,
    )
    assert plot.toolbar is not None
    plot.toolbar.logo = None
    plot.xaxis.axis_label, plot.yaxis.axis_label = PlainText(text=x), PlainText(text=y)
    for axis in (plot.xaxis, plot.yaxis):
        axis.axis_label_text_font_style = "normal"
        axis.formatter = BasicTickFormatter()
    legend = Legend(ncols=2, label_width=130, click_policy="hide", border_line_color=None)
    plot.add_layout(legend, "below")
    return plot


def _running(plot: figure, known: Floats, residual: Floats) -> None:
    line = running(known, residual)
    if line.empty:
        return
    x, mean, sd = (line[name].to_numpy() for name in ("known", "mean", "sd"))
    plot.varea(x, mean - sd, mean + sd, color=style.RED, alpha=0.22, legend_label="mean ± SD")
    plot.line(x, mean, color=style.RED, line_width=2, legend_label="running mean")


def _points(plot: figure, source: ColumnDataSource, y: str) -> None:
    """The photographs, the paler and smaller the more there are; the chosen one stands out."""
    number = len(source.data["known"])
    crowd = float(np.clip((number / 100) ** -0.35, 0.2, 1))
    alpha = 0.3 + 0.5 * crowd
    cloud = plot.scatter(
        "known",
        y,
        source=source,
        size=5 + 4 * crowd,
        color=style.BLUE,
        alpha=alpha,
        line_color=None,
        hover_fill_color=style.ORANGE,
        hover_fill_alpha=1,
        selection_fill_color=style.ORANGE,
        selection_fill_alpha=1,
        selection_line_color=style.BLACK,
        nonselection_fill_color=style.BLUE,
        nonselection_fill_alpha=alpha,
        legend_label="photograph",
        name="cloud",
    )
    tip = HoverTool(tooltips=TIP, renderers=[cloud], point_policy="snap_to_data", limit=3)
    plot.add_tools(tip)


def _number(plot: figure, worst: pd.DataFrame, y: str) -> None:
    """Ring and number the worst photographs, as in the table."""
    ranks = [str(rank) for rank in range(1, len(worst) + 1)]
    places = {"known": worst["label"].to_numpy(), y: worst[y].to_numpy(), "rank": ranks}
    source = ColumnDataSource(data=places)
    plot.scatter("known", y, source=source, size=13, fill_color=None, line_color=style.RED)
    plot.add_layout(
        LabelSet(
            x="known",
            y=y,
            text="rank",
            source=source,
            x_offset=7,
            y_offset=4,
            text_font_size="12px",
            text_font_style="bold",
            text_color=style.RED,
            name="ranks",
        )
    )
