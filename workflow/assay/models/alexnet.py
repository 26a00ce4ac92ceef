"""AlexNet (Krizhevsky, Sutskever & Hinton 2012; this version: Krizhevsky 2014, arXiv:1404.5997).

torchvision's network, so that its ImageNet weights (as safetensors) can be declared; Fischer,
Dosovitskiy & Brox 2015 fine-tuned it for regression. It needs at least 63 px.

Parameters at 64 px and width 1: 57,007,937; multiply-adds: 94,063,808.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision.models import alexnet

from assay.faults import refuse
from assay.parts.layers import filters, initialise

SMALLEST = 63  # px; below, the last pool has nothing left
GRID = 6  # maps are pooled to 6 x 6, whatever the size


class Pool(nn.Module):
    """Adaptive average pooling: (N, C, H, W) -> (N, C, GRID, GRID), as two products of matrices.

    Each cell is the mean of its pixels, which neighbours may share; a map smaller than the grid is
    repeated. torch's own layer gives other bits each time on a GPU.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Mean over each cell."""
        down, across = (self.shares(side).to(maps) for side in maps.shape[2:])
        return down @ maps @ across.T

    @staticmethod
    def shares(side: int) -> Tensor:
        """The share (GRID, side) of each pixel in the mean of each cell of a row."""
        shares = torch.zeros(GRID, side)
        for cell in range(GRID):
            first, end = cell * side // GRID, -(-(cell + 1) * side // GRID)
            shares[cell, first:end] = 1 / (end - first)
        return shares


def build(
    channels: int, size: int, outputs: int, *, width: float = 1.0, dropout: float = 0.5
) -> nn.Module:
    """(N, channels, size, size) -> (N, outputs); no norm: the net came before them."""
    if size < SMALLEST:
        message = f"alexnet needs pictures of at least {SMALLEST} px, not {size}."
        raise refuse("E_SIZE", message, "Choose a larger size.")
    with torch.device("meta"):  # for its structure; every layer with weights is made anew
        network = alexnet(dropout=dropout)
    for number, layer in enumerate(network.features):
        if isinstance(layer, nn.Conv2d):
            after = filters(layer.out_channels, width)
            kernel, stride, padding = layer.kernel_size[0], layer.stride[0], layer.padding[0]
            network.features[number] = nn.Conv2d(channels, after, kernel, stride, int(padding))
            channels = after
    network.avgpool = Pool()
    features = channels * GRID**2  # (N, 256, 6, 6)
    last = len(network.classifier) - 1
    for number, layer in enumerate(network.classifier):
        if isinstance(layer, nn.Linear):
            after = outputs if number == last else filters(layer.out_features, width)
            network.classifier[number] = nn.Linear(features, after)
            features = after
    return initialise(network)
