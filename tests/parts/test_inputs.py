"""From pixels to a network's input."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from assay.parts.inputs import CHUNK, Input


def pictures(number: int = 5, size: int = 6, seed: int = 0) -> torch.Tensor:
    generator = np.random.default_rng(seed)
    return torch.from_numpy(generator.integers(0, 256, (number, size, size, 3), dtype=np.uint8))


@pytest.mark.parametrize("color", ["rgb", "gray", "optical_density"])
def test_standardised_channels_have_mean_0_and_deviation_1(color: str) -> None:
    images = pictures(CHUNK + 3)  # more than are read at a time
    layer = Input(color, "standardize")
    layer.fit(images)
    values = layer(images).double()
    assert values.shape == (CHUNK + 3, layer.channels, 6, 6)
    torch.testing.assert_close(
        values.mean((0, 2, 3)), torch.zeros(layer.channels).double(), atol=1e-5, rtol=0
    )
    torch.testing.assert_close(
        values.std((0, 2, 3), unbiased=False),
        torch.ones(layer.channels).double(),
        atol=1e-4,
        rtol=0,
    )


def test_scales_are_those_of_the_photographs_they_were_learned_from() -> None:
    layer = Input("rgb", "standardize")
    layer.fit(pictures())
    before = layer.shift.clone()
    layer(pictures(seed=1))
    assert torch.equal(layer.shift, before)


@pytest.mark.parametrize(
    ("color", "code", "expected"),
    [
        ("rgb", 0, -1.0),
        ("rgb", 255, 1.0),
        ("gray", 255, 1.0),
        ("optical_density", 255, -1.0),
        ("optical_density", 0, 1.0),
    ],
)
def test_minus_one_one_spans_the_codes(color: str, code: int, expected: float) -> None:
    layer = Input(color, "minus_one_one")
    layer.fit(pictures())  # learns nothing
    image = torch.full((1, 2, 2, 3), code, dtype=torch.uint8)
    torch.testing.assert_close(layer(image), torch.full((1, layer.channels, 2, 2), expected))


def test_optical_density_is_that_of_linear_light() -> None:
    image = torch.full((1, 1, 1, 3), 188, dtype=torch.uint8)  # sRGB's code for half the light
    found = Input("optical_density", "minus_one_one").colours(image)
    torch.testing.assert_close(found.flatten(), torch.full((3,), 0.3010), atol=3e-3, rtol=0)


def test_grey_weighs_green_most() -> None:
    layer = Input("gray", "minus_one_one")
    image = torch.zeros(3, 1, 1, 3, dtype=torch.uint8)
    for channel in range(3):
        image[channel, 0, 0, channel] = 255
    torch.testing.assert_close(layer.colours(image).flatten(), torch.tensor([0.299, 0.587, 0.114]))


def test_a_channel_that_never_varies_gives_no_infinity() -> None:
    layer = Input("rgb", "standardize")
    images = torch.full((3, 2, 2, 3), 7, dtype=torch.uint8)
    layer.fit(images)
    assert layer(images).abs().max() < 1e-6
