"""Residual networks (He et al. 2016, arXiv:1512.03385) from torchvision's blocks.

Depth 20, 32, 44 or 56: the paper's small nets for CIFAR-10 (stem 3x3; 16, 32 and 64 filters).
Depth 18, 34 or 50: the nets for ImageNet; torchvision's weights, as safetensors, can be declared.

Parameters at 64 px and width 1: 271,889; multiply-adds: 163,250,240.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck

from assay.parts.layers import Average, filters, initialise, norm_layer

IMAGENET = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}


class Shortcut(nn.Conv2d):
    """A 1x1 convolution of every `step`-th pixel.

    oneDNN's own stride writes past its memory where maps are fewer than 16 and in channels-last
    order (oneDNN issue 6035); picking the pixels first gives the same maps.
    """

    def __init__(self, inputs: int, outputs: int, step: int):
        super().__init__(inputs, outputs, 1, bias=False)
        self.step = step

    def forward(self, maps: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / step, W / step), rounded up."""
        return super().forward(maps[:, :, :: self.step, :: self.step])


class ResNet(nn.Module):
    """torchvision's ResNet, its names of layers included, with any width and a choice of stem."""

    def __init__(
        self, channels: int, outputs: int, depth: int, width: float, norm: str, dropout: float
    ):
        super().__init__()
        blocks = IMAGENET.get(depth, 3 * ((depth - 2) // 6,))
        small = depth not in IMAGENET
        base = 16 if small else 64
        self.norm = partial(norm_layer, norm)
        self.block = Bottleneck if depth == 50 else BasicBlock
        self.channels = filters(base, width)
        kernel = 3 if small else 7
        stride = 1 if small else 2
        self.conv1 = nn.Conv2d(channels, self.channels, kernel, stride, kernel // 2, bias=False)
        self.bn1 = self.norm(self.channels)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.Identity() if small else nn.MaxPool2d(3, 2, 1)
        self.stages = [f"layer{number + 1}" for number in range(len(blocks))]
        for number, count in enumerate(blocks):
            planes = filters(base * 2**number, width)
            setattr(self, self.stages[number], self._stage(planes, count, 2 if number else 1))
        self.avgpool = Average()
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(self.channels, outputs)

    def _stage(self, planes: int, count: int, stride: int) -> nn.Sequential:
        """`count` blocks; the first halves the maps (stride 2) or changes their number."""
        blocks = []
        for number in range(count):
            step = stride if number == 0 else 1
            after = planes * self.block.expansion
            shortcut = None
            if step != 1 or after != self.channels:
                convolution = Shortcut(self.channels, after, step)
                shortcut = nn.Sequential(convolution, self.norm(after))
            blocks.append(self.block(self.channels, planes, step, shortcut, norm_layer=self.norm))
            self.channels = after
        return nn.Sequential(*blocks)

    def forward(self, picture: Tensor) -> Tensor:
        """(N, channels, S, S) -> (N, outputs)."""
        maps = self.maxpool(self.relu(self.bn1(self.conv1(picture))))
        for stage in self.stages:
            maps = self.get_submodule(stage)(maps)
        return self.fc(self.dropout(self.avgpool(maps)))


def build(
    channels: int,
    size: int,
    outputs: int,
    *,
    depth: Literal[18, 20, 32, 34, 44, 50, 56] = 20,
    width: float = 1.0,
    norm: Literal["batch", "group"] = "batch",
    dropout: float = 0.0,
) -> nn.Module:
    """(N, channels, size, size) -> (N, outputs)."""
    return initialise(ResNet(channels, outputs, depth, width, norm, dropout))
