"""A new phone, session or lot reads off: do a few standards of it set the readings right?

Slope/bias adjustment of the found values, Osborne & Fearn (1983), J. Food Technol. 18, 453; Fearn
(2001), J. Near Infrared Spectrosc. 9, 229. The known values of the standards are regressed on their
found values, since it is the known ones that are predicted afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from assay.faults import refuse
from assay.metrics import Floats, Scale, on_scale, pair
from assay.statistics.comparison import Comparison, compare
from assay.statistics.samples import Samples, per_sample

Method = Literal["none", "bias", "slope and bias"]


@dataclass(frozen=True)
class Adjustment:
    """corrected = offset + slope found, on the scale."""

    method: Method
    standards: int
    offset: float
    slope: float
    scale: Scale

    def apply(self, found: ArrayLike) -> Floats:
        """Corrected values, (n,) concentration units."""
        corrected = self.offset + self.slope * on_scale(found, self.scale)
        return 10**corrected if self.scale == "log10" else corrected


@dataclass(frozen=True)
class Recalibration:
    """The adjustment, the samples it was learnt from, and what it did to all the other ones."""

    adjustment: Adjustment
    standards: tuple[str, ...]
    comparison: Comparison  # "after" against "before", standards left out


def adjust(known: ArrayLike, found: ArrayLike, scale: Scale = "linear") -> Adjustment:
    """From (n,) standards: slope and bias with 3 or more at 3 levels apart, else the bias alone.

    The slope is left at 1 where the standards don't rise, so that no fit through noise is applied.
    """
    x, y = pair(known, found, scale)
    if np.unique(x).size >= 3 and np.ptp(y) > 0:
        slope = float(np.sum((y - y.mean()) * (x - x.mean())) / np.sum((y - y.mean()) ** 2))
        if slope > 0:
            offset = float(x.mean() - slope * y.mean())
            return Adjustment("slope and bias", x.size, offset, slope, scale)
    return Adjustment("bias", x.size, float(np.mean(x - y)), 1.0, scale)


def choose(samples: Samples, count: int) -> list[int]:
    """Positions of `count` samples spread evenly over the range of known values, ends included."""
    if not 1 <= count < samples.known.size:
        raise refuse(
            "E_STANDARDS",
            f"{count} standards can't be taken from {samples.known.size} samples.",
            "Leave at least one sample to judge the result by.",
        )
    low, high = samples.known.min(), samples.known.max()
    wanted = np.linspace(low, high, count) if count > 1 else [(low + high) / 2]
    chosen: list[int] = []
    for level in wanted:
        order = np.argsort(np.abs(samples.known - level), kind="stable")
        chosen.append(next(int(i) for i in order if int(i) not in chosen))
    return sorted(chosen)


def recalibrate(
    known: ArrayLike,
    found: ArrayLike,
    sample: ArrayLike,
    *,
    count: int = 4,
    scale: Scale = "linear",
    seed: int = 0,
) -> Recalibration:
    """Adjust (N,) photographs of a new group by `count` of its samples; judge on the others."""
    samples = per_sample(sample, known, found, scale)
    chosen = choose(samples, count)
    adjustment = adjust(samples.known[chosen], samples.found[chosen], scale)
    names = np.asarray(sample).reshape(-1).astype(str)
    others = ~np.isin(names, samples.sample[chosen])
    before = np.asarray(found, dtype=np.float64).reshape(-1)[others]
    values = {"before": before, "after": adjustment.apply(before)}
    labels = np.asarray(known, dtype=np.float64).reshape(-1)[others]
    (result,) = compare(labels, values, names[others], "before", scale=scale, seed=seed)
    return Recalibration(adjustment, tuple(samples.sample[chosen]), result)
