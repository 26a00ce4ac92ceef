"""What an altered copy underwent, and how: one resampling from the full size, one rounding."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from assay.experiment import Augmentation
from assay.pictures import area


@dataclass(frozen=True)
class Draw:
    """What one copy underwent: degrees, mirror, shift (shares of the width), colour, noise."""

    angle: float
    mirror: bool
    shift_x: float
    shift_y: float
    brightness: float
    gamma: float
    noise: float


def draw(preset: Augmentation, photo: int, copy: int, seed: int) -> Draw:
    """Draw the changes of one copy; (seed, photo, copy) alone decide, whatever ran before.

    With right angles alone the copies of a photograph run through the turns and mirrors, so that
    none repeats and none is the photograph itself before all others have been used.
    """
    generator = np.random.default_rng([seed, photo, copy])
    symmetries = [(a, m) for m in (False, True) for a in (0.0, 90.0, 180.0, 270.0)]
    if preset.turn == "right_angles":
        possible = [s for s in symmetries if s != (0.0, False) and (preset.mirror or not s[1])]
        order = np.random.default_rng([seed, photo]).permutation(len(possible))
        angle, mirror = possible[order[copy % len(possible)]]
    else:
        angle = float(generator.uniform(0, 360)) if preset.turn == "any" else 0.0
        mirror = bool(preset.mirror and generator.random() < 0.5)
    shift_x, shift_y = generator.uniform(-preset.shift, preset.shift, 2)
    colour = (generator.uniform(*limits) for limits in (preset.brightness, preset.gamma))
    brightness, gamma = (float(value) for value in colour)
    noise = float(generator.uniform(*preset.noise))
    return Draw(angle, mirror, float(shift_x), float(shift_y), brightness, gamma, noise)


def move(pixels: np.ndarray, size: int, drawn: Draw) -> np.ndarray:
    """Turn, mirror, shift and shrink (S, S, 3) uint8 to (size, size, 3) float32 in [0, 1].

    A right angle without shift is exact. Otherwise the picture is sampled once, bilinearly with
    reflected borders, on a grid of k x k points in each new pixel, whose mean is the pixel.
    """
    if drawn.angle % 90 == 0 and drawn.shift_x == drawn.shift_y == 0:
        turned = np.rot90(pixels[:, ::-1] if drawn.mirror else pixels, round(drawn.angle / 90))
        return area.resize(np.ascontiguousarray(turned), size).astype(np.float32) / 255
    points = max(2, math.ceil(pixels.shape[0] / size))
    cosine, sine = math.cos(math.radians(drawn.angle)), math.sin(math.radians(drawn.angle))
    flip = -1.0 if drawn.mirror else 1.0
    # output (x, y) -> source, in [-1, 1]: a turn against the clock as np.rot90, then the mirror
    matrix = [
        [flip * cosine, -flip * sine, -2 * drawn.shift_x],
        [sine, cosine, -2 * drawn.shift_y],
    ]
    source = torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]
    shape = [1, 3, size * points, size * points]
    grid = functional.affine_grid(torch.tensor([matrix]), shape, align_corners=False)
    sampled = functional.grid_sample(
        source, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
    pooled = functional.avg_pool2d(sampled, points)[0].permute(1, 2, 0)
    return pooled.numpy() / np.float32(255)


def recolour(values: np.ndarray, drawn: Draw, generator: np.random.Generator) -> np.ndarray:
    """Brightness, gamma (exponent 2**gamma), pixel noise on [0, 1]; then uint8, rounded once."""
    if drawn.brightness or drawn.gamma:
        values = np.clip(values + np.float32(drawn.brightness), 0, 1) ** np.float32(2**drawn.gamma)
    if drawn.noise:
        noise = generator.standard_normal(values.shape, dtype=np.float32)
        values = values + np.float32(drawn.noise) * noise
    return (np.clip(values, 0, 1) * 255 + np.float32(0.5)).astype(np.uint8)


def altered(pixels: np.ndarray, size: int, drawn: Draw, seed: list[int]) -> np.ndarray:
    """One copy, (size, size, 3) uint8, of the full-size picture (S, S, 3) uint8."""
    return recolour(move(pixels, size, drawn), drawn, np.random.default_rng(seed))
