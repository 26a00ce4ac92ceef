"""From the models' own numbers to values on the scale: adjusted, and inside the range."""

from __future__ import annotations

import numpy as np

from assay.method.description import Adjustment
from assay.metrics import Floats
from assay.quantity import Quantity

LEAST = 1e-9  # concentration whose logarithm stands for those of zero and below


def on_scale(concentrations: Floats, quantity: Quantity) -> Floats:
    """Concentrations on the scale of the errors: as they are, or their log10."""
    if quantity.scale == "linear":
        return concentrations
    return np.log10(np.maximum(concentrations, LEAST))


def off_scale(values: Floats, quantity: Quantity) -> Floats:
    """Values on the scale as concentrations."""
    return 10**values if quantity.scale == "log10" else values


def by_fold(raw: np.ndarray, quantity: Quantity, adjustment: Adjustment) -> tuple[Floats, Floats]:
    """Values on the scale, (folds, N), free and held inside the range, of raw (N, folds).

    Without an adjustment these are the operations of the scoring of the test set, in their order:
    the same bits. With one, values are held inside the range after it.
    """
    ends = np.array([quantity.low, quantity.high], raw.dtype)
    free = on_scale(raw.astype(np.float64).T.copy(), quantity)
    if adjustment.method == "none":
        return free, on_scale(np.clip(raw, *ends).astype(np.float64).T.copy(), quantity)
    free = adjustment.offset + adjustment.slope * free
    return free, np.clip(free, *on_scale(ends.astype(np.float64), quantity))
