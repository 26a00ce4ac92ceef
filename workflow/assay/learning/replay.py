"""Steps of a training recorded on a GPU and played again, as a CUDA graph.

A step of a narrow network is hundreds of small kernels, which a GPU ends sooner than Python can
start them. Recorded, they start at once (https://pytorch.org/blog/accelerating-pytorch-with-cuda-graphs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

WARM = 3  # steps of each size that are done as they are: libraries choose and allocate meanwhile
Step = Callable[[Tensor, Tensor, float], Tensor]


@dataclass(frozen=True)
class Record:
    """A recorded step, and the tensors that it reads and writes whenever it is played."""

    graph: torch.cuda.CUDAGraph
    images: Tensor
    labels: Tensor
    loss: Tensor


def once(step: Step, images: Tensor, labels: Tensor, weight: float) -> Tensor:
    """Do the step as it is."""
    return step(images, labels, weight)


class Replay:
    """Does a step of a training as well, but records it once for each size of a batch and plays it.

    step takes pictures uint8 (B, S, S, 3) and concentrations (B,) on a GPU, and the weight of their
    loss, and gives the loss, without its gradient; that holds until the next step. What else
    changes from step to step must lie in tensors. Random numbers are drawn anew, after torch's
    seed. All must happen on one stream: `alongside`.
    """

    def __init__(self) -> None:
        self._done: dict[tuple[int, float], int] = {}
        self._recorded: dict[tuple[int, float], Record] = {}

    def __call__(self, step: Step, images: Tensor, labels: Tensor, weight: float) -> Tensor:
        """Do the step, which is always the same, on these pictures; the loss."""
        key = len(images), weight
        if self._done.setdefault(key, 0) < WARM:
            self._done[key] += 1
            return step(images, labels, weight)
        if key not in self._recorded:
            self._recorded[key] = self._record(step, images.clone(), labels.clone(), weight)
        record = self._recorded[key]
        record.images.copy_(images)
        record.labels.copy_(labels)
        record.graph.replay()
        return record.loss

    def _record(self, step: Step, images: Tensor, labels: Tensor, weight: float) -> Record:
        """The step on tensors that stay where they are; nothing is computed yet."""
        graph = torch.cuda.CUDAGraph()
        pool = next((other.graph.pool() for other in self._recorded.values()), None)
        with torch.cuda.graph(graph, pool, stream=torch.cuda.current_stream()):
            loss = step(images, labels, weight)
        return Record(graph, images, labels, loss)


@contextmanager
def alongside(device: torch.device) -> Iterator[None]:
    """Inside, work for a GPU goes to a stream of its own: the common one can't be recorded."""
    if device.type != "cuda":
        yield
        return
    common, own = torch.cuda.current_stream(device), torch.cuda.Stream(device)
    own.wait_stream(common)
    try:
        with torch.cuda.stream(own):
            yield
    finally:
        common.wait_stream(own)
