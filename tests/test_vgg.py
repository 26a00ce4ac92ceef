"""The network of the question, and each number that was ever said of it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from assay import models
from assay.learning import footprint

BUILD = models.load("vgg").build


def test_weights_and_parameters_at_64_px() -> None:
    assert footprint.weights(BUILD(3, 64, 1)) == 502_624
    assert footprint.parameters(BUILD(3, 64, 1)) == 504_289  # batch norm, convolutions without bias
    assert footprint.parameters(BUILD(3, 64, 1, norm="none")) == 503_457  # biases, no norm
    assert footprint.parameters(BUILD(3, 64, 1, pooling="average")) == 502_273


def test_the_question_counts_a_picture_of_256_px() -> None:
    assert footprint.weights(BUILD(3, 256, 1)) == 533_344


@pytest.mark.parametrize(("size", "millions"), [(64, 269), (250, 4083)])
def test_multiply_adds(size: int, millions: int) -> None:
    with torch.device("meta"):
        network, picture = BUILD(3, size, 1).eval(), torch.empty(1, 3, size, size)
    assert round(footprint.multiply_adds(network, picture) / 1e6) == millions


def test_its_layers_are_those_of_the_question() -> None:
    kinds = [
        type(layer)
        for layer in BUILD(3, 64, 1).modules()
        if not list(layer.children()) and not isinstance(layer, nn.Flatten)
    ]
    step = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU]
    block = [*step, *step, *step[:2], nn.MaxPool2d, nn.ReLU]
    end = [nn.Dropout, *step, nn.Dropout, *step, nn.Linear]
    assert kinds == block + block + block + end


class Pooled(nn.Module):
    """A block's end as the question has it: ReLU, then the pool."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return nn.functional.max_pool2d(maps.relu(), 2)


def test_a_pool_before_the_relu_is_the_same_to_the_bit() -> None:
    torch.manual_seed(0)
    found = []
    for asked in (False, True):
        torch.manual_seed(1)
        network = BUILD(3, 16, 1, width=0.25, dropout=0.0)
        if asked:
            for number, layer in enumerate(network):
                if isinstance(layer, nn.Sequential) and isinstance(layer[-1], nn.MaxPool2d):
                    layer[-1], network[number + 1] = Pooled(), nn.Identity()
        answer = network(torch.randn(4, 3, 16, 16))
        answer.square().sum().backward()
        found.append([answer.detach(), *(weight.grad for weight in network.parameters())])
    assert all(map(torch.equal, *found))
