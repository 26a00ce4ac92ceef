"""From a network's raw outputs to one number in target space, and the loss that trains it.

`bounds` (2,) are the targets of the lowest and highest calibrated concentration. Before the
raw outputs come the network, after the number comes the inverse of the target's transform.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.experiment import SUITED
from assay.faults import refuse
from assay.parts import losses

MARGIN = math.ceil(3 * losses.SPREAD)  # bins beyond each bound: an expectation must reach it


@dataclass(frozen=True)
class Value:
    """One number: `linear` as it comes, `bounded` through a sigmoid that spans the range.

    With beta_nll a second output is the raw variance.
    """

    loss_name: str
    bounded: bool

    @property
    def outputs(self) -> int:
        """How many numbers the network must give."""
        return 2 if self.loss_name == "beta_nll" else 1

    def value(self, raw: Tensor, bounds: Tensor) -> Tensor:
        """Raw outputs (N, outputs) -> (N,)."""
        first = raw[:, 0]
        return torch.lerp(bounds[0], bounds[1], first.sigmoid()) if self.bounded else first

    def loss(self, raw: Tensor, target: Tensor, bounds: Tensor) -> Tensor:
        """Mean loss over the batch; target (N,)."""
        found = self.value(raw, bounds)
        if self.loss_name == "beta_nll":
            return losses.beta_nll(found, raw[:, 1], target)
        return losses.regression(self.loss_name, found, target)


@dataclass(frozen=True)
class Binned:
    """The expectation of a softmax over bins of equal width, some of them beyond the bounds.

    hard_bins has a floor of a bin's width / sqrt(12); hl_gauss and the regression losses have none.
    """

    loss_name: str
    bins: int

    @property
    def outputs(self) -> int:
        """How many numbers the network must give."""
        return self.bins + 2 * MARGIN

    def value(self, raw: Tensor, bounds: Tensor) -> Tensor:
        """Logits (N, outputs) -> (N,)."""
        edges = edges_of(bounds, self.bins, MARGIN)
        return raw.softmax(1) @ ((edges[1:] + edges[:-1]) / 2)

    def loss(self, raw: Tensor, target: Tensor, bounds: Tensor) -> Tensor:
        """Mean loss over the batch; target (N,)."""
        if self.loss_name in ("mse", "huber"):
            return losses.regression(self.loss_name, self.value(raw, bounds), target)
        edges = edges_of(bounds, self.bins, MARGIN)
        return getattr(losses, self.loss_name)(raw, target, edges)


@dataclass(frozen=True)
class Correction:
    """The second of two nets in series: the place within the bin that the first one picked.

    The advice's scheme: 10 bins of width 27 and a correction of 0 to 27. While training, the bin is
    the true one; the first net is trained alone, by cross entropy.
    """

    loss_name: str
    bins: int
    outputs: int = 1

    def value(self, raw: Tensor, picked: Tensor, bounds: Tensor) -> Tensor:
        """Raw outputs (N, 1) and bins int (N,) -> (N,), never outside the bin."""
        edges = edges_of(bounds, self.bins)
        return torch.lerp(edges[picked], edges[picked + 1], (raw[:, 0] + 1).clamp(0, 2) / 2)

    def loss(self, raw: Tensor, target: Tensor, picked: Tensor, bounds: Tensor) -> Tensor:
        """Mean loss over the batch, in half widths of a bin; target (N,)."""
        edges = edges_of(bounds, self.bins)
        centre = (edges[picked] + edges[picked + 1]) / 2
        half = (edges[1] - edges[0]) / 2
        return losses.regression(self.loss_name, raw[:, 0], (target - centre) / half)


def check(head: str, loss: str) -> None:
    """BadInput E_LOSS where this loss cannot train this head."""
    if loss not in SUITED[head]:
        message = f"the loss {loss} does not train the head {head}."
        raise refuse("E_LOSS", message, f"Take one of {', '.join(SUITED[head])}.")


def edges_of(bounds: Tensor, bins: int, margin: int = 0) -> Tensor:
    """Edges (bins + 2 margin + 1,) of equal bins between the bounds; `margin` more beyond each."""
    place = (
        torch.arange(-margin, bins + margin + 1, device=bounds.device, dtype=bounds.dtype) / bins
    )
    return bounds[0] + (bounds[1] - bounds[0]) * place


def with_bin(picture: Tensor, picked: Tensor, bins: int) -> Tensor:
    """The picture (N, C, H, W) and `bins` constant planes, that of the picked bin 1, others 0.

    Constant planes turn into themselves, so that an invariant network stays invariant.
    """
    planes = F.one_hot(picked, bins).to(picture.dtype)[:, :, None, None]
    return torch.cat([picture, planes.expand(-1, -1, *picture.shape[2:])], 1)
