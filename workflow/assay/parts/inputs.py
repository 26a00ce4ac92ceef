"""From pixels to a network's input: colour, then a scale learned from training photographs only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import torch
from torch import Tensor, nn

from assay.pictures import colour

CHUNK = 32  # photographs at a time where all training photographs are read
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow's and MATLAB's conversions to grey
DENSEST = 3.0  # the optical density of colour.FLOOR


class Split(Protocol):
    """Photographs that are read in parts, as a tensor is split."""

    def split(self, size: int) -> Iterable[Tensor]:
        """Parts of `size` photographs, uint8 (size, S, S, 3)."""


class Input(nn.Module):
    """Pictures uint8 (N, S, S, 3) -> float32 (N, channels, S, S).

    color: rgb and gray lie in 0 to 1, optical_density (-log10 of linear light) in 0 to 3.
    scale: minus_one_one maps that interval to -1 to 1; standardize subtracts the mean of each
    channel over the training photographs and divides by its standard deviation.
    """

    shift: Tensor
    scale: Tensor
    densities: Tensor
    luma: Tensor

    def __init__(self, color: str, scale: str):
        super().__init__()
        self.color = color
        self.standardize = scale == "standardize"
        self.channels = 1 if color == "gray" else 3
        half = DENSEST / 2 if color == "optical_density" else 0.5
        self.register_buffer("shift", torch.full((1, self.channels, 1, 1), half))
        self.register_buffer("scale", torch.full((1, self.channels, 1, 1), half))
        densities = torch.from_numpy(colour.density_of_codes()).float()
        self.register_buffer("densities", densities, persistent=False)
        self.register_buffer("luma", torch.tensor(LUMA), persistent=False)

    def colours(self, images: Tensor) -> Tensor:
        """Pictures uint8 (N, S, S, 3) -> float32 (N, channels, S, S), in channels-last memory."""
        if self.color == "optical_density":
            values = self.densities.index_select(0, images.flatten().int()).view(images.shape)
        else:
            values = images.float() / 255
        if self.color == "gray":
            values = (values @ self.luma).unsqueeze(-1)
        return values.permute(0, 3, 1, 2)

    def fit(self, images: Tensor | Split) -> None:
        """Learn mean and standard deviation of each channel, where they are asked for.

        Whole rows are added up, and few photographs at a time, as `forward` explains.
        """
        if not self.standardize:
            return
        total = torch.zeros(2, self.channels, dtype=torch.float64, device=self.shift.device)
        pixels = 0
        for chunk in images.split(CHUNK):
            rows = self.colours(chunk).permute(0, 2, 3, 1).flatten(2).flatten(0, 1).double()
            sums = torch.stack([rows.sum(0), rows.square().sum(0)])
            total += sums.view(2, -1, self.channels).sum(1)
            pixels += chunk[..., 0].numel()
        mean, square = total / pixels
        deviation = (square - mean.square()).clamp_min(0).sqrt()
        # a channel that never varies says nothing: leave its scale alone
        deviation = torch.where(deviation > 0, deviation, torch.ones_like(deviation))
        self.shift.copy_(mean.view_as(self.shift))
        self.scale.copy_(deviation.view_as(self.scale))

    def forward(self, images: Tensor) -> Tensor:
        """The scaled colours.

        Whole rows of the picture at a time: three channels are too few for a processor's vectors.
        """
        colours = self.colours(images).permute(0, 2, 3, 1)
        wide = colours.shape[2]
        rows = colours.flatten(2) - self.shift.flatten().repeat(wide)
        rows = rows / self.scale.flatten().repeat(wide)
        return rows.view(colours.shape).permute(0, 3, 1, 2)
