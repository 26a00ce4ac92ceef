"""Pictures of wells, drawn in a few lines: colour tells the concentration."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

torch.set_num_threads(1)  # the same bits each time, and no waiting for a second core


def wells(number: int, size: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Pictures uint8 (N, S, S, 3) of a disc on white card, and concentrations (N,), 95 to 335."""
    generator = np.random.default_rng(seed)
    concentration = np.linspace(95, 335, number)
    liquid = np.stack(
        [230 - 0.5 * concentration, 200 - 0.3 * concentration, 120 + 0.1 * concentration], axis=1
    )
    place = (np.arange(size) + 0.5) / size - 0.5
    centre = generator.uniform(-0.03, 0.03, (number, 2, 1, 1))
    inside = np.hypot(place[:, None] - centre[:, 0], place - centre[:, 1])[..., None] < 0.36
    pictures = np.where(inside, liquid[:, None, None, :], 225.0)
    pictures = pictures + generator.normal(0, 2, pictures.shape)
    images = torch.from_numpy(np.clip(pictures, 0, 255).astype(np.uint8))
    return images, torch.from_numpy(concentration).float()
