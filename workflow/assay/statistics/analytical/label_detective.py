"""Which labels look like slips of the pen? Suggested, never applied.

A row whose out-of-fold prediction lies far from its label is checked against the ways labels go
wrong in a table: two labels swapped, a decimal point slipped (x10, x100), the label of the row
above or below. A suggestion must bring the residual back into the usual scatter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from assay.metrics import Floats, Scale, on_scale, pair

Kind = Literal["swapped", "decimal point", "neighbouring row", "unexplained"]
FACTORS = (10.0, 0.1, 100.0, 0.01)
WINDOW = 101  # values of similar concentration from which the usual scatter is taken


@dataclass(frozen=True)
class Suggestion:
    """A suspect row; positions count from 0 in table order, values in concentration units."""

    position: int
    known: float
    found: float
    score: float  # residual over the usual scatter there
    kind: Kind
    suggested: float | None  # the label that would fit
    partner: int | None  # the row whose label that is
    chance: float  # share of the table's labels that would fit as well: high means weak evidence
    text: str


@dataclass(frozen=True)
class _Table:
    known: Floats
    found: Floats  # both on the scale
    labels: Floats  # in concentration units
    spread: Floats
    match: float
    suspects: list[int]
    scale: Scale

    def fits(self, label: float, row: int) -> bool:
        """Whether the label, on the scale, would leave a usual residual."""
        return abs(self.found[row] - label) <= self.match * self.spread[row]


def suggestions(
    known: ArrayLike,
    found: ArrayLike,
    *,
    scale: Scale = "linear",
    threshold: float = 5.0,
    match: float = 3.0,
) -> list[Suggestion]:
    """Suspect rows of (n,) labels and out-of-fold predictions in table order, the worst first.

    threshold: residual, in usual scatters (robust SDs), from which a row is suspect; match: the
    residual a suggestion may leave.
    """
    x, y = pair(known, found, scale)
    error = y - x
    spread = _spread(error, y)
    score = (error - np.median(error)) / spread
    suspects = [int(i) for i in np.argsort(-np.abs(score)) if abs(score[i]) > threshold]
    labels = on_scale(known, name="known")
    table = _Table(x, y, labels, spread, match, suspects, scale)
    values = on_scale(found)
    return [_explain(table, row, float(score[row]), float(values[row])) for row in suspects]


def _spread(error: Floats, found: Floats) -> Floats:
    """Robust SD of the errors, among those of similar found value where there are enough, (n,).

    By the found value, since the known one is under suspicion; at least half the overall one.
    """
    deviation = np.abs(error - np.median(error))
    overall = 1.4826 * float(np.median(deviation)) or float(deviation.mean()) or 1.0
    if error.size < 2 * WINDOW:
        return np.full(error.size, overall)
    order = np.argsort(found, kind="stable")
    padded = np.pad(deviation[order], WINDOW // 2, mode="reflect")
    local = 1.4826 * np.median(np.lib.stride_tricks.sliding_window_view(padded, WINDOW), axis=1)
    spread = np.empty(error.size)
    spread[order] = np.maximum(local, overall / 2)
    return spread


def _explain(table: _Table, row: int, score: float, found: float) -> Suggestion:
    """The first explanation that fits, the likeliest kinds being tried first."""
    candidates = [*_neighbour_swap(table, row), *_decimal(table, row), *_far_swap(table, row)]
    candidates += _neighbour(table, row)
    label = float(table.labels[row])
    reach = table.match * table.spread[row]
    chance = float(np.mean(np.abs(table.known - table.found[row]) <= reach))
    kind, suggested, partner, text = next(
        iter(candidates),
        ("unexplained", None, None, "no simple slip explains it: look at the photograph"),
    )
    return Suggestion(row, label, found, score, kind, suggested, partner, chance, text)


_Candidate = tuple[Kind, float | None, int | None, str]


def _neighbours(table: _Table, row: int) -> Iterator[int]:
    """The nearest rows above and below that carry another label."""
    other = np.flatnonzero(table.known != table.known[row])
    yield from (int(i) for i in other[other < row][-1:])
    yield from (int(i) for i in other[other > row][:1])


def _mutual(table: _Table, row: int, other: int) -> bool:
    return table.fits(table.known[other], row) and table.fits(table.known[row], other)


def _neighbour_swap(table: _Table, row: int) -> Iterator[_Candidate]:
    for other in _neighbours(table, row):
        if _mutual(table, row, other):
            label = float(table.labels[other])
            yield "swapped", label, other, f"swapped with its neighbour, {label:g}"


def _far_swap(table: _Table, row: int) -> Iterator[_Candidate]:
    for other in table.suspects:
        if other != row and _mutual(table, row, other):
            label = float(table.labels[other])
            yield "swapped", label, other, f"swapped with another suspect row, {label:g}"


def _decimal(table: _Table, row: int) -> Iterator[_Candidate]:
    for factor in FACTORS:
        label = float(table.labels[row] * factor)
        if label > 0 and table.fits(float(on_scale([label], table.scale)[0]), row):
            text = f"decimal point slipped: {label:g} instead of {table.labels[row]:g}"
            yield "decimal point", label, None, text


def _neighbour(table: _Table, row: int) -> Iterator[_Candidate]:
    for other in _neighbours(table, row):
        if table.fits(table.known[other], row):
            label = float(table.labels[other])
            yield "neighbouring row", label, other, f"label of the neighbouring row, {label:g}"
