"""Group-equivariant network (Cohen & Welling 2016, arXiv:1602.07576): the vgg page on p4 or p4m.

Filters are turned by right angles (p4) and mirrored (p4m); turning the picture turns and permutes
the maps. Poses are pooled at the very end, so that the answer is exactly the same for all 8.
No stride and no padding prefers a corner: halvings are max pools, and the size is a multiple of 8.
All poses of all filters together are as many as the filters of vgg: the cost is the same.

Parameters at 64 px and width 1: 76,949; multiply-adds: 276,168,832.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assay.parts.layers import (
    GroupAverage,
    GroupNormalised,
    GroupPointwise,
    fields,
    filters,
    group_table,
    he_deviation,
)

MULTIPLE = 8
INVARIANT = "dihedral"
BLOCKS = (32, 64, 128)
LAST = 128
KERNEL = 3


class GroupConv(nn.Module):
    """Convolution over pictures (N, C, H, W), elements = 1, or over maps (N, G C, H, W).

    A map's channels are ordered by group element first.
    """

    table: Tensor

    def __init__(self, inputs: int, outputs: int, table: Tensor, lifting: bool, bias: bool):
        super().__init__()
        self.elements = len(table)
        before = 1 if lifting else self.elements
        self.register_buffer("table", table[:, :1] * 0 if lifting else table, persistent=False)
        weight = torch.randn(outputs, before, inputs, KERNEL * KERNEL)
        self.weight = nn.Parameter(weight * he_deviation(before * inputs * KERNEL * KERNEL))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def filters(self) -> Tensor:
        """The filter of each group element g: turned by g, its group axis permuted by g."""
        weight = self.weight[:, self.table]  # (outputs, G, before, inputs, 9)
        weight = weight.unflatten(-1, (KERNEL, KERNEL))
        turned = []
        for element, part in enumerate(weight.unbind(1)):
            mirrored, quarters = divmod(element, 4)
            turned.append(torch.rot90(part.flip(-1) if mirrored else part, quarters, (-2, -1)))
        return torch.stack(turned).flatten(2, 3).flatten(0, 1)  # (G outputs, before inputs, k, k)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, before inputs, H, W) -> (N, G outputs, H, W)."""
        bias = None if self.bias is None else self.bias.repeat(self.elements)
        return F.conv2d(maps.contiguous(), self.filters(), bias, padding=KERNEL // 2)


def build(
    channels: int,
    size: int,
    outputs: int,
    *,
    group: Literal["p4", "p4m"] = "p4m",
    width: float = 1.0,
    depth: int = 3,
    norm: Literal["batch", "group", "none"] = "batch",
    dropout: float = 0.1,
) -> nn.Module:
    """(N, channels, size, size) -> (N, outputs); depth is the number of convolutions in a block."""
    table = group_table(4, group == "p4m")
    elements = len(table)
    layers: list[nn.Module] = []

    for base in BLOCKS:
        after = fields(base, width, elements)
        for _ in range(depth):
            layers.append(GroupConv(channels, after, table, not layers, norm == "none"))
            layers.append(GroupNormalised(norm, after, elements))
            layers.append(nn.ReLU(inplace=True))
            channels = after
        layers.append(nn.MaxPool2d(2))
    after = filters(LAST, width)  # of which only the mean over poses and picture is left
    layers.append(nn.Dropout(dropout))
    layers.append(GroupPointwise(channels, after, table, norm == "none"))
    layers.append(GroupNormalised(norm, after, elements))
    layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers, GroupAverage(elements), nn.Linear(after, outputs))
