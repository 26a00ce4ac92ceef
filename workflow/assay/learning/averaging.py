"""Averaged weights: what a training with `ema` delivers in place of its last weights."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """Exponential moving average of weights and buffers (Polyak averaging), decay per step.

    The decay grows to its value over the first steps, so that the random start is forgotten.
    """

    def __init__(self, module: nn.Module, decay: float):
        self.module, self.decay, self.steps = copy.deepcopy(module), decay, 0
        live, own = module.state_dict(), self.module.state_dict()
        real = [name for name, value in own.items() if value.is_floating_point()]
        self.means, self.values = [own[name] for name in real], [live[name] for name in real]
        self.counts = [(own[name], live[name]) for name in own.keys() - set(real)]

    def state(self) -> dict[str, Tensor]:
        """The tensors that hold the average, by name; `steps` is the rest of its state."""
        return {f"average.{name}": mean for name, mean in self.module.state_dict().items()}

    @torch.no_grad()
    def update(self) -> None:
        """Take one step of the average towards the module."""
        self.steps += 1
        weight = 1 - min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.means, self.values, weight)  # as torch.optim.swa_utils does
        for own, live in self.counts:
            own.copy_(live)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the average for what the module holds, in place; once more, and all is back."""
        own = [value.clone() for value in self.values]
        torch._foreach_copy_(self.values, self.means)
        torch._foreach_copy_(self.means, own)


@contextmanager
def swapped(average: Average | None) -> Iterator[None]:
    """Hold the averaged weights in the module they are the average of, where there are any."""
    if not average:
        yield
        return
    average.swap()
    try:
        yield
    finally:
        average.swap()
