"""Small weights side by side in one tensor, so that a step of the optimiser is few kernels.

A narrow network has dozens of small tensors of weights: on a processor an optimiser and the norm
of the gradient take each on its own, which was a twentieth of a step.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

LARGE = 2**15  # numbers: to write a gradient of so many once more costs what joining it would save


def grouped(weights: Sequence[nn.Parameter], **options: float) -> list[dict]:
    """Groups for an optimiser, with its options: small weights as one tensor, large ones as such.

    Between steps gradients must be cleared by `clear`.
    """
    small = [weight for weight in weights if weight.numel() < LARGE]
    large = [weight for weight in weights if weight.numel() >= LARGE]
    groups = [{"params": [joined(small)], "joined": True}] if small else []
    groups += [{"params": large, "joined": False}] if large else []
    return [group | options for group in groups]


def stepped(optimiser: torch.optim.Optimizer) -> list[Tensor]:
    """All that an optimiser steps, in order."""
    return [weight for group in optimiser.param_groups for weight in group["params"]]


def clear(optimiser: torch.optim.Optimizer) -> None:
    """Forget the gradients of an optimiser of `grouped`: zero where backward adds to them."""
    for group in optimiser.param_groups:
        for weight in group["params"]:
            if group["joined"]:
                weight.grad.zero_()
            else:
                weight.grad = None


@torch.no_grad()
def joined(weights: Sequence[nn.Parameter]) -> nn.Parameter:
    """One vector (n,) of which all the weights become views, as do their gradients of its own.

    Each keeps its shape, its values and its order in memory; gradients are added up in place, so
    that they are set to zero between steps, never to None. What holds a weight's former tensor
    (a state dict taken before) no longer follows it.
    """
    total = sum(weight.numel() for weight in weights)
    flat = nn.Parameter(weights[0].new_empty(total))
    flat.grad = torch.zeros_like(flat)
    start = 0
    for weight in weights:
        part = slice(start, start := start + weight.numel())
        weight.data = _as(weight, flat.data[part]).copy_(weight)
        weight.grad = _as(weight, flat.grad[part])
    return flat


def _as(weight: Tensor, part: Tensor) -> Tensor:
    """A part of a vector, in the weight's shape and order in memory (channels last, say)."""
    return part.as_strided(weight.shape, torch.empty_like(weight).stride())
