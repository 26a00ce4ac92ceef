"""How far found values lie from known ones: RMSE, MSE, MAE, bias, R2, % of range.

Every function takes (N,) arrays in concentration units. On the "log10" scale both are turned into
log10 first, so that an error of 0.1 is a factor of 1.26 wherever it happens on the range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assay.faults import refuse

Scale = Literal["linear", "log10"]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """Scores of n values in units of the scale; None where a score has no meaning."""

    n: int
    rmse: float
    mse: float
    mae: float
    bias: float  # mean of found - known: above zero, the model reads too high
    r2: float | None  # None where the known values do not vary
    percent_of_range: float | None  # RMSE; None where the range is a point


def finite(values: ArrayLike, name: str) -> Floats:
    """The values as float64 (N,); refused where one is NaN or infinite, or where there is none."""
    array = np.asarray(values, dtype=np.float64).reshape(-1)
    if array.size == 0:
        raise refuse("E_NO_VALUES", f"there is no {name} value to score.", "Check the selection.")
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise refuse(
            "E_NOT_FINITE",
            f"{bad.size} of {array.size} {name} values are not finite, the first at {bad[0]}.",
            "Mark the model that gave them as failed; a score over the others would flatter it.",
            value=str(array[bad[0]]),
        )
    return array


def on_scale(values: ArrayLike, scale: Scale = "linear", name: str = "found") -> Floats:
    """The values on the scale, (N,) float64; refused where they are not finite, or have no log."""
    array = finite(values, name)
    if scale == "linear":
        return array
    if scale != "log10":
        raise refuse("E_SCALE", f"{scale!r} is not a scale.", 'Use "linear" or "log10".')
    if array.min() <= 0:
        raise refuse(
            "E_NOT_POSITIVE",
            f"a {name} value of {array.min():g} has no logarithm.",
            "Score on the linear scale, or keep the model's outputs above zero.",
            value=f"{array.min():g}",
        )
    return np.log10(array)


def pair(known: ArrayLike, found: ArrayLike, scale: Scale = "linear") -> tuple[Floats, Floats]:
    """Known and found on the scale; refused where the two differ in length."""
    one, other = on_scale(known, scale, "known"), on_scale(found, scale, "found")
    if one.size != other.size:
        raise refuse(
            "E_LENGTHS",
            f"{one.size} known values meet {other.size} found values.",
            "Each photograph needs one of each.",
        )
    return one, other


def errors(known: ArrayLike, found: ArrayLike, scale: Scale = "linear") -> Floats:
    """Found minus known on the scale, (N,)."""
    one, other = pair(known, found, scale)
    return other - one


def mse(known: ArrayLike, found: ArrayLike, scale: Scale = "linear") -> float:
    """Mean squared error, units of the scale squared."""
    return float(np.mean(errors(known, found, scale) ** 2))


def rmse(known: ArrayLike, found: ArrayLike, scale: Scale = "linear") -> float:
    """Root of the mean squared error, units of the scale."""
    return float(np.sqrt(mse(known, found, scale)))


def mae(known: ArrayLike, found: ArrayLike, scale: Scale = "linear") -> float:
    """Mean absolute error, units of the scale."""
    return float(np.mean(np.abs(errors(known, found, scale))))


def bias(known: ArrayLike, found: ArrayLike, scale: Scale = "linear") -> float:
    """Mean of found minus known, units of the scale."""
    return float(np.mean(errors(known, found, scale)))


def r2(known: ArrayLike, found: ArrayLike, scale: Scale = "linear") -> float | None:
    """1 - SSE / SST about the mean of the known values given; None where these do not vary.

    Pool all out-of-fold values in one call: a mean of R2 over folds or batches is another, wrong
    number. Below zero, the model is worse than the mean.
    """
    one, other = pair(known, found, scale)
    total = float(np.sum((one - one.mean()) ** 2))
    return 1 - float(np.sum((other - one) ** 2)) / total if np.ptp(one) > 0 else None


def percent_of_range(
    value: float, low: float, high: float, scale: Scale = "linear"
) -> float | None:
    """A value in units of the scale, as % of the range [low, high] (concentration units)."""
    ends = on_scale([low, high], scale, "range")
    width = float(ends[1] - ends[0])
    return 100 * value / width if width > 0 else None


def scores(
    known: ArrayLike,
    found: ArrayLike,
    *,
    scale: Scale = "linear",
    low: float | None = None,
    high: float | None = None,
) -> Scores:
    """All scores at once; low and high: the calibrated range, by default that of the known."""
    values = finite(known, "known")
    ends = values.min() if low is None else low, values.max() if high is None else high
    root = rmse(known, found, scale)
    return Scores(
        n=values.size,
        rmse=root,
        mse=mse(known, found, scale),
        mae=mae(known, found, scale),
        bias=bias(known, found, scale),
        r2=r2(known, found, scale),
        percent_of_range=percent_of_range(root, *ends, scale=scale),
    )
