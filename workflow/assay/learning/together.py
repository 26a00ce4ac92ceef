"""One model trained by several processes: torch's launcher starts them, torch averages gradients.

Each process takes its share of every batch (data parallelism; Li et al. 2020, arXiv:2006.15704), so
that the steps, and but for rounding the losses, are those of a training by one process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm as BatchNorm

from assay.faults import refuse

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Team:
    """The processes that train one model: how many there are, and which is this one (from 0)."""

    size: int = 1
    rank: int = 0

    def share(self, rows: Tensor) -> tuple[Tensor, float]:
        """This process's rows of a batch (B,), and the weight of their mean loss.

        DDP takes the plain mean over processes: weights make it the mean over the batch. Where
        there are fewer rows than processes, one gets a row that doesn't count.
        """
        own = rows[self.rank :: self.size]
        return (own, len(own) * self.size / len(rows)) if len(own) else (rows[:1], 0.0)

    def mean(self, value: Tensor) -> Tensor:
        """The mean of a value over the processes."""
        if self.size == 1:
            return value
        torch.distributed.all_reduce(value)
        return value / self.size

    def prepared(self, network: nn.Module, device: torch.device) -> nn.Module:
        """The network with batch norms that take their statistics from the whole batch.

        BadInput E_OPTION on the CPU, for which torch has none.
        """
        normed = any(isinstance(layer, BatchNorm) for layer in network.modules())
        if self.size == 1 or not normed:
            return network
        if device.type == "cpu":
            message = "batch norm can't be shared by several processes without GPUs."
            raise refuse("E_OPTION", message, "Set norm: group or none, or processes: 1.")
        return nn.SyncBatchNorm.convert_sync_batchnorm(network)

    def averaging(self, module: nn.Module, loss: Loss) -> Loss:
        """The loss of `module`, whose gradients are then averaged over the processes."""
        if self.size == 1:
            return loss
        from torch.nn.parallel import DistributedDataParallel  # slow to import

        return DistributedDataParallel(_Called(module, loss), broadcast_buffers=False)


ALONE = Team()


class _Called(nn.Module):
    """A loss as the forward pass of the module that it trains, which is what DDP listens to."""

    def __init__(self, module: nn.Module, loss: Loss):
        super().__init__()
        self.module, self.loss = module, loss

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        return self.loss(images, labels)


@contextmanager
def joined(device: torch.device) -> Iterator[Team]:
    """The team that torch's launcher (torchrun) started this process for; else a team of one.

    Gradients travel by NCCL between GPUs, by Gloo between CPUs.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield ALONE
        return
    torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Team(size, torch.distributed.get_rank())
    finally:
        torch.distributed.destroy_process_group()
