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
    block = [*step, *step, *step, nn.MaxPool2d]
    end = [nn.Dropout, *step, nn.Dropout, *step, nn.Linear]
    assert kinds == block + block + block + end
