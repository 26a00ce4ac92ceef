"""A whole run as the report sees it, and the figures that it has drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from assay.pictures.stack import Stack
from assay.quantity import Quantity
from assay.reporting.render import chart


@dataclass(frozen=True)
class Run:
    """Everything a run has made, as tables."""

    board: pd.DataFrame
    comparison: pd.DataFrame
    pooled: pd.DataFrame  # experiment, photo, image, sample, fold, label, found
    split: pd.DataFrame
    test: pd.DataFrame
    scores: Mapping[str, Any]
    photos: pd.DataFrame
    summary: Mapping[str, Any]
    warnings: pd.DataFrame
    descriptions: Sequence[Mapping[str, Any]]  # one a model: experiment by experiment
    histories: Sequence[pd.DataFrame]  # in the same order
    speeds: Sequence[Mapping[str, Any]]  # in the same order
    quantity: Quantity
    settings: Mapping[str, Any]
    figures: Path
    tables: Mapping[str, pd.DataFrame]  # what not every run has, by the name of its file
    validity: Mapping[str, Any] | None = None  # facts of the validation
    images: Stack | None = None  # (N, S, S, 3) uint8
    record: Mapping[str, Any] | None = None  # run.json

    def table(self, name: str) -> pd.DataFrame | None:
        """A table that not every run has: answers, prices, summary, suspects ...; None without."""
        return self.tables.get(name)

    def has(self, name: str) -> bool:
        """Whether there is such a table, or validity."""
        return name in self.tables or (name == "validity" and self.validity is not None)

    @property
    def reference(self) -> str:
        """The experiment that the others are compared with."""
        return self.settings["reference"]

    @property
    def best(self) -> str:
        """The experiment with the lowest error."""
        return str(self.board["experiment"].iloc[0])


@dataclass(frozen=True)
class Figure:
    """A picture in the page: its data address, its text alternative and its caption."""

    source: str
    alt: str
    caption: str
    kind: str = "chart"


def figure(run: Run, name: str, alt: str, caption: str) -> Figure:
    """The chart `name` (its path below the figures' folder, without suffix)."""
    return Figure(chart(run.figures / name), alt, caption)
