"""The concentration levels of a data set: its repeated known values, or equally filled classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.metrics import Floats, finite
from assay.statistics.samples import Integers


@dataclass(frozen=True)
class Levels:
    """Levels in ascending order; index says to which each value belongs."""

    index: Integers  # (n,)
    known: Floats  # (k,) mean known value of the level
    low: Floats  # (k,) least known value
    high: Floats  # (k,) greatest known value
    count: Integers  # (k,)
    repeated: bool  # True: each level is one known value; False: a class of neighbouring values


def levels(known: ArrayLike, most: int = 12, classes: int = 9) -> Levels:
    """Each known value a level where there are at most `most`, else so many classes of equal n."""
    values = finite(known, "known")
    distinct, index = np.unique(values, return_inverse=True)
    repeated = distinct.size <= most
    if not repeated:
        edges = np.quantile(values, np.linspace(0, 1, classes + 1)[1:-1])
        _, index = np.unique(np.searchsorted(edges, values, side="right"), return_inverse=True)
    count = np.bincount(index)
    groups = [values[index == k] for k in range(count.size)]
    return Levels(
        index=index,
        known=np.array([group.mean() for group in groups]),
        low=np.array([group.min() for group in groups]),
        high=np.array([group.max() for group in groups]),
        count=count,
        repeated=repeated,
    )
