"""A whole run as the report sees it, and the figures that it has drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

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
    answers: pd.DataFrame | None = None  # of the study's questions
    prices: pd.DataFrame | None = None  # of the colour operations of augmentation
    costs: pd.DataFrame | None = None  # size, cost and invariance of each network
    validity: Mapping[str, Any] | None = None  # facts of the validation
    suspects: pd.DataFrame | None = None  # suspicious labels
    careless: pd.DataFrame | None = None  # what a random split would have claimed
    appearance: pd.DataFrame | None = None  # exposure, sharpness and border of each photograph
    images: np.ndarray | None = None  # (N, S, S, 3) uint8

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
