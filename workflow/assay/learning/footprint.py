"""What a predictor costs and sees, measured on it: counts, receptive field, memory, speed."""

from __future__ import annotations

import copy
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from assay.learning.predictor import Predictor, Stage


def parameters(network: nn.Module) -> int:
    """All that is trained."""
    return sum(parameter.numel() for parameter in network.parameters())


def weights(network: nn.Module) -> int:
    """Parameters that multiply something: no biases, no norms."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.ndim > 1)


def multiply_adds(network: nn.Module, images: Tensor) -> int:
    """Multiply-adds of all convolutions and dense layers that answering these pictures takes."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(images)
    return counter.get_total_flops() // 2


def receptive_field(network: nn.Module, picture: Tensor) -> int:
    """Side in px of the square that the middle of the last maps depends on, by its gradient.

    The last maps are the last output (N, C, H, W) of a layer with more than one pixel. Pools and
    ReLUs pass the gradient to some pixels only, so the largest extent over noise pictures (N, C,
    S, S) counts; it cannot exceed the picture.
    """
    outputs: list[Tensor] = []

    def keep(layer: nn.Module, inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.dim() == 4 and output.shape[-1] > 1:
            outputs.append(output)

    hooks = [layer.register_forward_hook(keep) for layer in network.modules()]
    network(picture.requires_grad_())
    for hook in hooks:
        hook.remove()
    middle = outputs[-1].shape[-1] // 2
    (gradient,) = torch.autograd.grad(outputs[-1][:, :, middle, middle].sum(), picture)
    touched = gradient.abs().sum((0, 1)).nonzero()
    if not len(touched):
        return 0
    return int((touched.max(0).values - touched.min(0).values).max()) + 1


def activation_bytes(predictor: Predictor, images: Tensor) -> float:
    """Bytes per picture that a forward pass keeps for the gradient, weights apart.

    Stages are trained one after the other: the largest counts. The predictor is left as it was.
    """
    stages = copy.deepcopy(predictor).stages()
    return max(_kept(stage, images, predictor.low) for stage in stages) / len(images)


def _kept(stage: Stage, images: Tensor, label: float) -> int:
    fixed = {parameter.untyped_storage().data_ptr() for parameter in stage.module.parameters()}
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in fixed:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    stage.module.train()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = stage.loss(images, torch.full((len(images),), label))
    del loss  # alive until here, so that no storage is reused and counted once for two
    return sum(kept.values())


@torch.no_grad()
def images_per_second(network: nn.Module, images: Tensor, seconds: float) -> float:
    """Pictures answered per second in batches like `images`, measured for about `seconds`."""
    network(images)  # the first pass prepares kernels
    start, count = time.perf_counter(), 0
    while count == 0 or time.perf_counter() - start < seconds:
        network(images)
        count += len(images)
    return count / (time.perf_counter() - start)
