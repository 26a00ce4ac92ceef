"""The network of the question, after VGG (Simonyan & Zisserman 2015, arXiv:1409.1556).

Three blocks of three [3x3 convolution, norm, ReLU] with 32, 64 and 128 filters, each followed by
a max pool; dropout, 1x1 convolution to 128; dropout, 1x1 convolution to 32 (both with norm and
ReLU); dense.

Parameters at 64 px and width 1: 504,289; multiply-adds: 269,092,864.
Of the parameters 502,624 are weights of convolutions and of the dense layer, which sees 8 x 8 x 32.
"""

from __future__ import annotations

from typing import Literal

from torch import nn

from assay.parts.layers import conv_block, filters, initialise, pooled

BLOCKS = (32, 64, 128)


def build(
    channels: int,
    size: int,
    outputs: int,
    *,
    width: float = 1.0,
    depth: int = 3,
    norm: Literal["batch", "group", "none"] = "batch",
    dropout: float = 0.1,
    pooling: Literal["flatten", "average"] = "flatten",
) -> nn.Module:
    """(N, channels, size, size) -> (N, outputs); depth is the number of convolutions in a block.

    The question does not give its rate of dropout. The last ReLU of a block stands behind the
    pool instead of before it: the largest of four is the same, and there is less to do.
    """
    layers: list[nn.Module] = []
    for base in BLOCKS:
        for number in range(depth):
            block = conv_block(channels, channels := filters(base, width), 3, norm)
            if number == depth - 1:
                block[-1] = nn.MaxPool2d(2)
            layers.append(block)
        layers.append(nn.ReLU(inplace=True))
        size //= 2  # (N, 32, 32, 32), (N, 64, 16, 16), (N, 128, 8, 8) at 64 px
    for base in (128, 32):
        layers.append(nn.Dropout(dropout))
        layers.append(conv_block(channels, channels := filters(base, width), 1, norm))
    pool, features = pooled(pooling, channels, size)  # (N, 2048) at 64 px
    return initialise(nn.Sequential(*layers, pool, nn.Linear(features, outputs)))
