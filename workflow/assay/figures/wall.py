"""A wall of the photographs with the largest residuals, each with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.figures import style
from assay.intake.numerals import decimals, number, signed
from assay.intake.records import records
from assay.quantity import Quantity

COLUMNS, ROWS = 6, 2
PLACES = COLUMNS * ROWS
SIDE, LEFT, TOP = 0.90, 0.09, 0.73  # inches: a picture, the first one's left and top edge
STEP_RIGHT, STEP_DOWN = 0.984, 1.58


def room(figure: Figure, place: int) -> Axes:
    """Axes for the picture at a place of the wall, counted from 0 at the top left."""
    row, column = divmod(place, COLUMNS)
    left, top = LEFT + column * STEP_RIGHT, TOP + row * STEP_DOWN
    width, height = style.WIDTH, style.HEIGHT
    axes = figure.add_axes((left / width, 1 - (top + SIDE) / height, SIDE / width, SIDE / height))
    axes.axis("off")
    return axes


def draw(axes: Axes, picture: np.ndarray, rank: int, lines: Sequence[str]) -> None:
    """One photograph (S, S, 3) uint8, its rank above and three lines below it."""
    axes.imshow(picture, interpolation="antialiased" if len(picture) > 150 else "bicubic")
    texts: list[tuple[str, int, int, dict[str, Any]]] = [
        (str(rank), 1, 3, {"size": 8, "weight": "bold", "color": style.RED, "va": "bottom"}),
        (lines[0], 0, -3, {"size": 8.5, "weight": "bold", "va": "top"}),
        (lines[1], 0, -15, {"size": 7.5, "va": "top"}),
        (lines[2], 0, -26, {"size": 6.5, "color": style.GREY, "va": "top"}),
    ]
    for text, edge, down, look in texts:
        axes.annotate(
            text,
            (0, edge),
            xycoords="axes fraction",
            xytext=(0, down),
            textcoords="offset points",
            **look,
        )


def wall(
    rows: pd.DataFrame, pictures: np.ndarray, quantity: Quantity, name: str, facts: style.Facts
) -> Figure:
    """The rows (image, label, found, residual), the worst first; pictures (n, S, S, 3) uint8."""
    unit = f" ({quantity.unit})" if quantity.unit else ""
    subtitle = f"residual, known → found{unit}, file; out of fold, shown at {pictures.shape[1]} px"
    figure = style.blank(f"{name}: the largest residuals", subtitle, str(facts), arranged=False)
    places = quantity.places(*rows["label"], *rows["found"])
    step = decimals(*rows["residual"])
    for place, (row, picture) in enumerate(zip(records(rows), pictures, strict=True)):
        values = f"{number(row['label'], places)} → {number(row['found'], places)}"
        lines = (signed(row["residual"], step), values, style.shown(str(row["image"]), 16))
        draw(room(figure, place), picture, place + 1, lines)
    return figure
