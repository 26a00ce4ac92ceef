"""Building blocks of the networks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from assay.faults import BadInput
from assay.parts import layers


@pytest.mark.parametrize(
    ("channels", "expected"), [(4, 1), (8, 1), (12, 1), (32, 4), (64, 8), (90, 10)]
)
def test_group_norm_keeps_at_least_eight_channels_together(channels: int, expected: int) -> None:
    assert layers.groups(channels) == expected


def test_a_bias_stands_where_no_norm_brings_one() -> None:
    for norm, bias in (("batch", False), ("group", False), ("none", True)):
        convolution = layers.conv_block(3, 8, norm=norm)[0]
        assert isinstance(convolution, nn.Conv2d)
        assert (convolution.bias is not None) == bias


def test_he_start_keeps_the_signal_through_many_layers_without_norm() -> None:
    torch.manual_seed(0)
    deep = [layers.conv_block(64, 64, norm="none") for _ in range(20)]
    network = layers.initialise(nn.Sequential(*deep))
    with torch.no_grad():
        out = network(torch.randn(4, 64, 16, 16))
    assert 0.05 < out.square().mean() < 20


def test_unknown_words_are_refused() -> None:
    with pytest.raises(BadInput, match="norm: 'layer' is not one of 'batch', 'group', 'none'"):
        layers.norm_layer("layer", 8)
    with pytest.raises(BadInput, match="pooling: 'max'"):
        layers.pooled("max", 8, 4)


def matrix(element: int, turns: int) -> np.ndarray:
    """The 2 x 2 matrix of a group element: mirrored first, then turned."""
    mirrored, turn = divmod(element, turns)
    angle = 2 * np.pi * turn / turns
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return rotation @ np.diag([-1.0 if mirrored else 1.0, 1.0])


@pytest.mark.parametrize(("turns", "mirror"), [(4, False), (4, True), (8, True), (16, False)])
def test_the_table_is_that_of_the_matrices(turns: int, mirror: bool) -> None:
    table = layers.group_table(turns, mirror)
    elements = [matrix(number, turns) for number in range(len(table))]
    for g, h in np.ndindex(len(table), len(table)):
        product = np.linalg.inv(elements[g]) @ elements[h]
        np.testing.assert_allclose(elements[int(table[g, h])], product, atol=1e-12)


def test_poses_of_a_narrow_network_are_never_of_one_filter_alone() -> None:
    assert layers.fields(32, 0.25, 16) == 2
    assert layers.fields(128, 1.0, 8) == 16
