"""The 8 poses of a square picture: turns by right angles, and their mirrors."""

from __future__ import annotations

import torch
from torch import Tensor

TURNS = tuple((quarters, mirrored) for quarters in range(4) for mirrored in (False, True))


def orbit(images: Tensor) -> list[Tensor]:
    """Square pictures (N, S, S, C) in each of the 8 poses."""
    return [
        torch.rot90(images.flip(2) if mirrored else images, quarters, (1, 2))
        for quarters, mirrored in TURNS
    ]


def posed(images: Tensor, poses: Tensor) -> Tensor:
    """Square pictures (N, S, S, C), each in a pose of its own: int64 (N,), 0 to 7; 0 is as it is.

    Each pose is a transposition or none, then a mirror or none along either axis.
    """
    one, two, four = (poses.view(-1, 1, 1, 1) & bit != 0 for bit in (1, 2, 4))
    images = torch.where(one, images.transpose(1, 2), images)
    images = torch.where(two, images.flip(1), images)
    return torch.where(four, images.flip(2), images)
