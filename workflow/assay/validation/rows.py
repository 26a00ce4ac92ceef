"""Samples and their levels: the rows on which every number of a validation rests."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from assay.metrics import Scale, errors, on_scale
from assay.statistics.analytical.outliers import robust_z
from assay.statistics.levels import Levels, levels
from assay.statistics.samples import per_sample

MOST_LEVELS = 15  # more distinct known values than these are no levels
PARTS = 5  # of the range, where the known values do not repeat


def samples(photographs: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """One row per sample of photographs with sample, group, label, found.

    known and found in concentration units, error on the scale; level counts from 1 upwards; group
    is empty where a sample's photographs lie in several.
    """
    one = per_sample(photographs["sample"], photographs["label"], photographs["found"], scale)
    names = list(one.sample)
    kinds = photographs.groupby("sample")["group"].agg(["first", "nunique"])
    group = kinds["first"].where(kinds["nunique"].eq(1), "").loc[names]
    labels = photographs.groupby("sample")["label"].agg(["first", "nunique"]).loc[names]
    known = np.where(labels["nunique"].eq(1), labels["first"], one.known)  # no rounding by a mean
    error = errors(known, one.found, scale)
    return pd.DataFrame(
        {
            "sample": one.sample,
            "group": group.to_numpy(),
            "photographs": one.photographs,
            "level": levels_of(known, scale).index + 1,
            "known": known,
            "found": one.found,
            "error": error,
            "robust_z": robust_z(error),
        }
    )


def levels_of(known: ArrayLike, scale: Scale) -> Levels:
    """The levels of (n,) samples, on the scale: repeated values, or the fifths of their range.

    A fifth without a sample is left out.
    """
    values = on_scale(known, scale, "known")
    distinct = np.unique(values).size
    if 2 * distinct <= values.size and distinct <= MOST_LEVELS:
        return levels(values, most=MOST_LEVELS)
    edges = np.linspace(values.min(), values.max(), PARTS + 1)[1:-1]
    _, index = np.unique(np.searchsorted(edges, values, side="right"), return_inverse=True)
    parts = [values[index == k] for k in range(int(index.max()) + 1)]
    return Levels(
        index=index,
        known=np.array([part.mean() for part in parts]),
        low=np.array([part.min() for part in parts]),
        high=np.array([part.max() for part in parts]),
        count=np.bincount(index),
        repeated=False,
    )
