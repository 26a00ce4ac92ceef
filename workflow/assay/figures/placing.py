"""Short labels beside points, where they cover neither one another nor the labelled points."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from assay.figures import style
from assay.metrics import Floats

# directions in which a label may stand, the best first; distance in points
DIRECTIONS = np.array(
    [(1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1.4), (0, -1.4), (1.4, 0), (-1.4, 0)]
)
DISTANCE = 8.0
LABEL: dict[str, Any] = {
    "textcoords": "offset points",
    "ha": "center",
    "va": "center",
    "size": 8.5,
    "weight": "bold",
    "zorder": 6,
}


def offsets(
    points: Floats, others: Floats, room: tuple[float, float, float, float], scale: float
) -> Floats:
    """Offset of each label from its point, (n, 2), in units of `points` (n, 2).

    others (N, 2) are all points drawn; room: the edges left, bottom, right, top that a label
    should stay within; scale: units per typographic point.
    """
    reach = DISTANCE * scale
    half = reach / 2  # of a label
    edges = np.asarray(room) + np.array([half, half, -half, -half])
    labels: list[Floats] = []
    for point in points:
        places = point + DIRECTIONS * reach
        outside = ((places < edges[:2]) | (places > edges[2:])).any(axis=1)
        cost = 10 * outside + 0.01 * np.arange(len(places))
        cost += _crowding(places, others, reach) + _crowding(places, points, 1.5 * reach)
        if labels:
            cost += 3 * _crowding(places, np.array(labels), 1.5 * reach)
        labels.append(places[int(np.argmin(cost))])
    return np.array(labels).reshape(-1, 2) - points


def _crowding(places: Floats, others: Floats, reach: float) -> Floats:
    """How much of `others` lies within reach of each place, the nearer the more."""
    gaps = np.linalg.norm(places[:, None] - others[None], axis=2)
    return np.clip(1 - gaps / reach, 0, None).sum(axis=1)


def number_points(axes: Axes, chosen: Floats, everything: Floats, colour: str) -> None:
    """Ring the chosen points (n, 2), numbered from 1; everything (N, 2) is what else is drawn."""
    x, y = chosen.T
    axes.scatter(x, y, s=60, facecolors="none", edgecolors=colour, linewidths=1.3, zorder=5)
    figure = cast(Figure, axes.get_figure(root=True))
    style.settle(figure)  # only then is it known where a point lies
    figure.draw_without_rendering()
    scale = figure.dpi / 72
    moves = offsets(
        axes.transData.transform(chosen),
        axes.transData.transform(everything),
        axes.get_window_extent().extents,
        scale,
    )
    for rank, (place, move) in enumerate(zip(chosen, moves / scale, strict=True), start=1):
        text = axes.annotate(str(rank), tuple(place), xytext=tuple(move), **LABEL, color=colour)
        text.set_path_effects([withStroke(linewidth=2, foreground="white")])
