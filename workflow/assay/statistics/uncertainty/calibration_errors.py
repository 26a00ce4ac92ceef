"""The errors of a multivariate calibration by their usual names: RMSEC, RMSECV, RMSEP, SEP, RPD.

Sources: Naes, Isaksson, Fearn & Davies, A User-Friendly Guide to Multivariate Calibration and
Classification (2002), ch. 13; RPD, Williams (2001), in Near-Infrared Technology, 2nd ed. (SD of
the known values over SEP).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.metrics import pair
from assay.statistics.analytical.accuracy import mean_interval
from assay.statistics.interval import Interval


@dataclass(frozen=True)
class SetErrors:
    """Errors on one set of n samples, concentration units."""

    n: int
    rmse: float  # RMSEC, RMSECV or RMSEP, by the set
    bias: Interval
    sep: float | None  # SD of the errors about the bias
    rpd: float | None  # SD of the known values / SEP


@dataclass(frozen=True)
class CalibrationErrors:
    """By set; None where the set was not given.

    No degrees of freedom are taken off in RMSEC: for a network their number has no meaning.
    """

    calibration: SetErrors | None  # rmse: RMSEC, samples seen in training
    cross_validation: SetErrors | None  # rmse: RMSECV, out of fold
    prediction: SetErrors | None  # rmse: RMSEP, test set


Pair = tuple[ArrayLike, ArrayLike]  # known and found, (n,) samples each


def set_errors(known: ArrayLike, found: ArrayLike, confidence: float = 0.95) -> SetErrors:
    """RMSE, bias, SEP and RPD of (n,) samples."""
    x, y = pair(known, found)
    error = y - x
    sep = float(error.std(ddof=1)) if error.size > 1 else None
    return SetErrors(
        n=error.size,
        rmse=float(np.sqrt(np.mean(error**2))),
        bias=mean_interval(error, confidence),
        sep=sep,
        rpd=float(x.std(ddof=1)) / sep if sep else None,
    )


def calibration_errors(
    calibration: Pair | None = None,
    cross_validation: Pair | None = None,
    prediction: Pair | None = None,
    confidence: float = 0.95,
) -> CalibrationErrors:
    """The errors of each (known, found) given."""
    sets = (calibration, cross_validation, prediction)
    return CalibrationErrors(*(set_errors(*one, confidence) if one else None for one in sets))
