"""What a network learns instead of the concentration itself, and the way back."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from assay.faults import refuse


class Target(nn.Module):
    """Concentrations (N,) -> what the network learns (N,), and the inverse.

    none: the concentration; range: its place in [low, high] as 0 to 1; standardize: mean 0 and
    standard deviation 1 over the training labels; log: the same of the natural logarithm.
    Before `fit` the last two assume labels spread evenly over the range.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, kind: str, low: float, high: float):
        super().__init__()
        self.log = kind == "log"
        self.learned = kind in ("standardize", "log")
        if self.log and low <= 0:
            raise refuse(
                "E_LOG",
                f"a logarithm needs a range above 0, not {low:g}.",
                "Choose another target.",
            )
        if self.log:
            low, high = math.log(low), math.log(high)
        even = ((low + high) / 2, (high - low) / math.sqrt(12))  # of a uniform distribution
        shift, scale = {"none": (0.0, 1.0), "range": (low, high - low)}.get(kind, even)
        self.register_buffer("shift", torch.tensor(shift))
        self.register_buffer("scale", torch.tensor(scale))

    def fit(self, labels: Tensor) -> None:
        """Learn mean and standard deviation of the training labels, where they are asked for."""
        if not self.learned:
            return
        if self.log and bool((labels <= 0).any()):
            message = f"a logarithm needs labels above 0; the lowest is {float(labels.min()):g}."
            raise refuse("E_LOG", message, "Choose another target.")
        values = labels.double().log() if self.log else labels.double()
        deviation = values.std(unbiased=False)
        self.shift.copy_(values.mean())
        if deviation > 0:
            self.scale.copy_(deviation)

    def forward(self, labels: Tensor) -> Tensor:
        """Concentrations -> targets."""
        return ((labels.log() if self.log else labels) - self.shift) / self.scale

    def inverse(self, targets: Tensor) -> Tensor:
        """Targets -> concentrations."""
        values = targets * self.scale + self.shift
        return values.exp() if self.log else values
