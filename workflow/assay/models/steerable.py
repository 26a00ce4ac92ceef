"""Steerable network (Weiler, Hamprecht & Storath 2018, arXiv:1711.07289): nearly any angle.

Filters are sums of circular harmonics, exp(-(r - r_j)^2 / 2 s^2) exp(i k phi), which turn by any
angle without interpolation. 8 or 16 turns of each filter, and those of its mirror image, are pooled
at the end. What would prefer an angle is kept out: harmonics that a 5 x 5 grid cannot hold,
halvings that alias, and the corners of the picture (a soft disc is cut out).

Parameters at 64 px and width 1: 42,695; multiply-adds: 458,450,528.
"""

from __future__ import annotations

import math
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
)

MULTIPLE = 8
INVARIANT = "dihedral"
BLOCKS = (32, 64, 128)
LAST = 128
RINGS = ((0.0, 0), (1.0, 2), (2.0, 3))  # radius in pixels, highest angular frequency it can hold
SPREAD = 0.6  # of a ring, in pixels
KERNEL = 5


def harmonics(rotations: int, mirror: bool) -> Tensor:
    """The basis (G, B, 5, 5) in each pose: the turns, then those of the mirror image."""
    place = torch.arange(KERNEL) - KERNEL // 2
    y, x = torch.meshgrid(place, place, indexing="ij")
    radius, angle = torch.hypot(x.double(), y.double()), torch.atan2(y.double(), x.double())
    turned = []
    for sign in (1, -1) if mirror else (1,):
        for turn in range(rotations):
            phi = sign * (angle - 2 * math.pi * turn / rotations)
            turned.append(
                torch.stack([wave for ring in RINGS for wave in waves(radius, phi, *ring)])
            )
    basis = torch.stack(turned)
    return (basis / basis[0].flatten(1).norm(dim=1)[:, None, None]).float()


def waves(radius: Tensor, phi: Tensor, ring: float, highest: int) -> list[Tensor]:
    """Cosines and sines of the angle, on a Gaussian ring; at its middle there is no angle."""
    profile = torch.exp(-0.5 * ((radius - ring) / SPREAD) ** 2)
    turning = profile * (radius > 0)
    cosines = [turning * torch.cos(k * phi) for k in range(1, highest + 1)]
    return [profile, *cosines, *(turning * torch.sin(k * phi) for k in range(1, highest + 1))]


class SteerableConv(nn.Module):
    """Convolution over pictures (N, C, H, W), or over maps (N, G C, H, W), group element first."""

    table: Tensor
    basis: Tensor

    def __init__(
        self, inputs: int, outputs: int, basis: Tensor, table: Tensor, lifting: bool, bias: bool
    ):
        super().__init__()
        self.elements = len(table)
        before = 1 if lifting else self.elements
        self.register_buffer("table", table[:, :1] * 0 if lifting else table, persistent=False)
        self.register_buffer("basis", basis, persistent=False)
        weight = torch.randn(outputs, before, inputs, basis.shape[1])
        # each wave has norm 1: variances of the waves add up to those of the filter's pixels
        self.weight = nn.Parameter(weight * math.sqrt(2 / (before * inputs * basis.shape[1])))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def filters(self) -> Tensor:
        """(G outputs, before inputs, 5, 5): filters turned by g, their group axis permuted by g."""
        weight = self.weight[:, self.table]  # (outputs, G, before, inputs, B)
        turned = torch.einsum("ogfib,gbyx->gofiyx", weight, self.basis)
        return turned.flatten(2, 3).flatten(0, 1)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, before inputs, H, W) -> (N, G outputs, H, W)."""
        bias = None if self.bias is None else self.bias.repeat(self.elements)
        return F.conv2d(maps.contiguous(), self.filters(), bias, padding=KERNEL // 2)


class Halve(nn.Module):
    """Blur by a Gaussian of one pixel, keep every second pixel (Zhang 2019, arXiv:1904.11486)."""

    kernel: Tensor

    def __init__(self, channels: int):
        super().__init__()
        weight = torch.exp(-0.5 * (torch.arange(6) - 2.5) ** 2)
        kernel = torch.outer(weight, weight) / weight.sum() ** 2
        self.register_buffer("kernel", kernel.repeat(channels, 1, 1, 1), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H / 2, W / 2)."""
        return F.conv2d(maps, self.kernel, stride=2, padding=2, groups=len(self.kernel))


class Disc(nn.Module):
    """Fade to zero outside the largest disc: corners do not survive a turn."""

    mask: Tensor

    def __init__(self, size: int):
        super().__init__()
        place = torch.arange(size) + 0.5 - size / 2
        inside = (size / 2 - torch.hypot(place[:, None], place)) / 2  # fades over two pixels
        self.register_buffer("mask", inside.clamp(0, 1), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, C, size, size), masked."""
        return maps * self.mask


def build(
    channels: int,
    size: int,
    outputs: int,
    *,
    rotations: Literal[8, 16] = 8,
    mirror: bool = True,
    width: float = 1.0,
    depth: int = 2,
    norm: Literal["batch", "group", "none"] = "batch",
    dropout: float = 0.1,
) -> nn.Module:
    """(N, channels, size, size) -> (N, outputs); depth is the number of convolutions in a block."""
    table, basis = group_table(rotations, mirror), harmonics(rotations, mirror)
    elements = len(table)
    layers: list[nn.Module] = [Disc(size)]
    for number, base in enumerate(BLOCKS):
        after = fields(base, width, elements)
        for layer in range(depth):
            lifting = number == layer == 0
            layers.append(SteerableConv(channels, after, basis, table, lifting, norm == "none"))
            layers.append(GroupNormalised(norm, after, elements))
            layers.append(nn.ReLU(inplace=True))
            channels = after
        size //= 2
        layers += [Halve(elements * channels), Disc(size)]
    after = filters(LAST, width)  # of which only the mean over poses and picture is left
    layers.append(nn.Dropout(dropout))
    layers.append(GroupPointwise(channels, after, table, norm == "none"))
    layers.append(GroupNormalised(norm, after, elements))
    layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers, GroupAverage(elements), nn.Linear(after, outputs))
