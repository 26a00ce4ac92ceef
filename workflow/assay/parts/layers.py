"""Building blocks shared by the architectures: convolution, norm, pooling, poses, starts."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assay.faults import refuse

GROUP = 8  # channels that share their statistics in group norm, at least


def filters(base: int, width: float) -> int:
    """The number of filters of a layer that has `base` at width 1."""
    return max(1, round(base * width))


def fields(base: int, width: float, elements: int) -> int:
    """Filters of a layer of which each takes `elements` poses: as costly as `base` ordinary ones.

    At least two: the poses of a single filter die together, at the first ReLU.
    """
    return max(2, round(base * width / elements))


def norm_layer(kind: str, channels: int) -> nn.Module:
    """Batch norm (Ioffe & Szegedy 2015), group norm (Wu & He 2018) or nothing."""
    check("norm", kind, ("batch", "group", "none"))
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    return nn.GroupNorm(groups(channels), channels) if kind == "group" else nn.Identity()


def groups(channels: int) -> int:
    """The most groups that divide `channels` evenly into groups of GROUP channels or more.

    A group of one channel would erase each channel's mean, which is where the colour is.
    """
    possible = [n for n in range(1, channels // GROUP + 1) if channels % n == 0]
    return max(possible, default=1)


def conv_block(
    inputs: int, outputs: int, kernel_size: int = 3, norm: str = "batch", padding: int | None = None
) -> nn.Sequential:
    """Convolution, norm, ReLU; the convolution has a bias only where the norm has none."""
    convolution = nn.Conv2d(
        inputs,
        outputs,
        kernel_size,
        padding=kernel_size // 2 if padding is None else padding,
        bias=norm == "none",
    )
    return nn.Sequential(convolution, norm_layer(norm, outputs), nn.ReLU(inplace=True))


class Average(nn.Module):
    """Global average pooling: (N, C, H, W) -> (N, C)."""

    def forward(self, maps: Tensor) -> Tensor:
        """Mean over the picture."""
        return maps.mean((2, 3))


def pooled(kind: str, channels: int, size: int) -> tuple[nn.Module, int]:
    """The layer from maps (N, channels, size, size) to features, and how many features it gives."""
    check("pooling", kind, ("flatten", "average"))
    if kind == "average":
        return Average(), channels
    return nn.Flatten(), channels * size * size


@torch.no_grad()
def initialise(network: nn.Module) -> nn.Module:
    """Start convolutions as He et al. 2015 do, so that nets without norm train as well."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network


def he_deviation(fan_in: int) -> float:
    """The standard deviation of weights that keeps the variance through a ReLU (He et al. 2015)."""
    return math.sqrt(2 / fan_in)


def check(option: str, value: object, allowed: tuple[object, ...]) -> None:
    """BadInput E_OPTION unless `value` is one of `allowed`."""
    if value not in allowed:
        message = f"{option}: {value!r} is not one of {', '.join(map(repr, allowed))}."
        raise refuse("E_OPTION", message, "Correct the experiment's options.")


def group_table(turns: int, mirror: bool) -> Tensor:
    """int64 (G, G): the number of g^-1 h, for the group of `turns` rotations and their mirrors.

    Element m turns + r stands for a mirror, where m is 1, and then r turns.
    """
    elements = [(m, r) for m in range(2 if mirror else 1) for r in range(turns)]
    table = [
        [(m ^ n) * turns + ((r - s) if m else (s - r)) % turns for n, s in elements]
        for m, r in elements
    ]
    return torch.tensor(table)


class GroupNormalised(nn.Module):
    """A norm whose statistics and scale all poses of a filter share: (N, G C, H, W), G first."""

    def __init__(self, norm: str, channels: int, elements: int):
        super().__init__()
        self.norm = norm_layer(norm, channels)
        self.elements = elements

    def forward(self, maps: Tensor) -> Tensor:
        """Same shape; the poses take part as if they were photographs."""
        poses = maps.unflatten(1, (self.elements, -1))
        return self.norm(poses.flatten(0, 1)).reshape(poses.shape).flatten(1, 2)


class GroupAverage(nn.Module):
    """Mean over the picture and over the poses: (N, G C, H, W), G first -> (N, C)."""

    def __init__(self, elements: int):
        super().__init__()
        self.elements = elements

    def forward(self, maps: Tensor) -> Tensor:
        """Invariant where the maps were equivariant."""
        return maps.unflatten(1, (self.elements, -1)).mean((1, 3, 4))


class GroupPointwise(nn.Module):
    """1x1 convolution over the maps of a group: (N, G inputs, H, W) -> (N, G outputs, H, W)."""

    table: Tensor

    def __init__(self, inputs: int, outputs: int, table: Tensor, bias: bool):
        super().__init__()
        self.elements = len(table)
        self.register_buffer("table", table, persistent=False)
        weight = torch.randn(outputs, self.elements, inputs)
        self.weight = nn.Parameter(weight * he_deviation(self.elements * inputs))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def forward(self, maps: Tensor) -> Tensor:
        """Each pose of a filter is its weights permuted along the group axis."""
        weight = self.weight[:, self.table].transpose(0, 1)  # (G, outputs, G, inputs)
        weight = weight.flatten(2, 3).flatten(0, 1)[:, :, None, None]
        bias = None if self.bias is None else self.bias.repeat(self.elements)
        return F.conv2d(maps, weight, bias)
