"""A small Inception network (Szegedy et al. 2015, arXiv:1409.4842) from torchvision's blocks.

Three blocks as in vgg, of 64, 128 and 128 filters: a stem of one 3x3 convolution with 32, then two
Inception modules after each max pool; a module joins 1x1, 3x3, double 3x3 and pooled branches with
1/4, 1/2, 1/8 and 1/8 of the filters (torchvision's branch named 5x5 is a 3x3, as in TensorFlow).

Parameters at 64 px and width 1: 184,081; multiply-adds: 48,644,224.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from torch import nn
from torchvision.models.googlenet import Inception

from assay.parts.layers import conv_block, filters, initialise, pooled

STEM = 32
BLOCKS = (64, 128, 128)


def build(
    channels: int,
    size: int,
    outputs: int,
    *,
    width: float = 1.0,
    depth: int = 2,
    norm: Literal["batch", "group", "none"] = "batch",
    dropout: float = 0.1,
    pooling: Literal["flatten", "average"] = "average",
) -> nn.Module:
    """(N, channels, size, size) -> (N, outputs); depth is the number of modules in a block."""
    layers: list[nn.Module] = [conv_block(channels, channels := filters(STEM, width), 3, norm)]
    block = partial(conv_block, norm=norm)
    for base in BLOCKS:
        layers.append(nn.MaxPool2d(2))
        size //= 2  # (N, 64, 32, 32), (N, 128, 16, 16), (N, 128, 8, 8) at 64 px
        for _ in range(depth):
            one, three, reduced, rest = (
                filters(base, width * s) for s in (1 / 4, 1 / 2, 3 / 8, 1 / 8)
            )
            few = filters(base, width / 16)
            layers.append(Inception(channels, one, reduced, three, few, rest, rest, block))
            channels = one + three + 2 * rest
    pool, features = pooled(pooling, channels, size)
    layers += [pool, nn.Dropout(dropout), nn.Linear(features, outputs)]
    return initialise(nn.Sequential(*layers))
