"""Mixed-scale dense network (Pelt & Sethian 2018, PNAS 115:254), for small data sets.

Every layer sees all maps before it, the picture included, at full resolution; scales are mixed by
dilations 1 to 10 in turn, not by pooling. All maps are averaged over the picture and combined
linearly, which is the paper's last 1x1 convolution and then the mean. While training, the stack of
maps is joined anew for the gradient instead of being kept: memory grows with depth, not its square.

Parameters at 64 px and width 1: 72,836; multiply-adds: 297,271,427.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from assay.parts.layers import Average, filters, initialise, norm_layer

DILATIONS = 10
MAPS = 8  # of a layer at width 1; the paper uses 1 and many more layers


class Layer(nn.Module):
    """One dilated convolution over the joined maps, norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, dilation: int, norm: str):
        super().__init__()
        self.convolution = nn.Conv2d(
            inputs, outputs, 3, padding=dilation, dilation=dilation, bias=norm == "none"
        )
        self.norm = norm_layer(norm, outputs)

    def joined(self, *maps: Tensor) -> Tensor:
        """The convolution of maps (N, C_i, H, W) joined along C."""
        return self.convolution(torch.cat(maps, 1))

    def forward(self, maps: list[Tensor]) -> Tensor:
        """(N, outputs, H, W)."""
        if self.training and torch.is_grad_enabled():
            return F.relu(self.norm(checkpoint(self.joined, *maps, use_reentrant=False)))
        return F.relu(self.norm(self.joined(*maps)))


class Dense(nn.Module):
    """The layers in turn; gives all maps, the picture included, averaged: (N, C + depth maps)."""

    def __init__(self, layers: list[Layer]):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.average = Average()

    def forward(self, picture: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C + depth maps)."""
        maps = [picture]
        for layer in self.layers:
            maps.append(layer(maps))
        return torch.cat([self.average(part) for part in maps], 1)


def build(
    channels: int,
    size: int,
    outputs: int,
    *,
    width: float = 1.0,
    depth: int = 16,
    norm: Literal["batch", "group", "none"] = "none",
    dropout: float = 0.0,
) -> nn.Module:
    """(N, channels, size, size) -> (N, outputs); depth is the number of layers of 8 width maps."""
    maps = filters(MAPS, width)
    layers = [
        Layer(channels + number * maps, maps, 1 + number % DILATIONS, norm)
        for number in range(depth)
    ]
    features = channels + depth * maps
    return initialise(
        nn.Sequential(Dense(layers), nn.Dropout(dropout), nn.Linear(features, outputs))
    )
