"""What a predictor costs and sees, on nets small enough to count by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from assay.experiment import Experiment
from assay.learning import footprint
from assay.learning.predictor import Predictor


def test_counts_of_a_convolution_and_a_dense_layer() -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1), nn.BatchNorm2d(5), nn.Flatten(), nn.Linear(5 * 16, 2)
    ).eval()
    assert footprint.weights(network) == 3 * 5 * 9 + 5 * 16 * 2
    assert footprint.parameters(network) == 3 * 5 * 9 + 5 + 10 + 5 * 16 * 2 + 2
    assert footprint.multiply_adds(network, torch.zeros(1, 3, 4, 4)) == 16 * 135 + 160


@pytest.mark.parametrize(("layers", "expected"), [(1, 3), (2, 5), (5, 11)])
def test_each_3x3_convolution_adds_two_pixels(layers: int, expected: int) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1))
    for _ in range(layers - 1):
        network += nn.Sequential(nn.Conv2d(4, 4, 3, padding=1))
    assert footprint.receptive_field(network, torch.randn(2, 3, 20, 20)) == expected


def test_the_receptive_field_of_vgg() -> None:
    torch.manual_seed(0)
    network = Predictor(Experiment("x", options={"width": 0.25}), 80, 350).eval().net
    # 7 after a block of three, then pools and blocks at steps of 2 and 4 pixels: 8, 20, 22, 46, 50
    assert footprint.receptive_field(network, torch.randn(4, 3, 64, 64)) == 50


def test_activations_are_kept_once_each_and_the_predictor_is_left_alone() -> None:
    predictor = Predictor(Experiment("x", options={"width": 0.125}, size=32), 80, 350).eval()
    before = {name: value.clone() for name, value in predictor.state_dict().items()}
    images = torch.randint(0, 256, (2, 32, 32, 3), dtype=torch.uint8)
    found = footprint.activation_bytes(predictor, images)
    maps = 4 * 4 * 32 * 32  # bytes of the 4 maps of the first block's first layer
    assert 6 * maps < found < 20 * maps
    assert not predictor.training
    for name, value in predictor.state_dict().items():
        assert torch.equal(value, before[name])


def test_joining_maps_anew_keeps_msd_small() -> None:
    def kept(depth: int) -> float:
        options = {"depth": depth, "width": 0.5}
        predictor = Predictor(Experiment("x", "msd", options=options, size=32), 80, 350)
        return footprint.activation_bytes(predictor, torch.zeros(2, 32, 32, 3, dtype=torch.uint8))

    assert kept(16) < 2.5 * kept(8)  # joined maps, if kept, would grow fourfold


def test_speed_is_pictures_over_time() -> None:
    images = torch.zeros(4, 8, 8, 3)
    assert footprint.images_per_second(nn.Flatten(), images, 0.01) > 1000
