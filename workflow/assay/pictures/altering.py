"""What an altered copy underwent, and how: one resampling from the full size, one rounding."""

from __future__ import annotations

import cmath
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
    source = torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]
    grid = torch.from_numpy(places(size * points, drawn))[None]
    sampled = functional.grid_sample(
        source, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
    rows = sampled.numpy()[0].reshape(3, size, points, size * points).sum(axis=2)
    parts = rows.reshape(3, size, size, points)
    pooled = sum(parts[..., k] for k in range(points))  # over a short axis quicker than np.sum
    return pooled.transpose(1, 2, 0) / np.float32(255 * points**2)


def places(side: int, drawn: Draw) -> np.ndarray:
    """Where in the source the points of a picture lie: (side, side, 2) float32, x and y.

    Both pictures reach from -1 to 1. The source is turned against the clock, as by np.rot90, then
    mirrored, then shifted. With a place as the complex number x + iy a turn is a product.
    """
    centres = (2 * np.arange(side) + 1) / side - 1
    right = cmath.rect(1, math.radians(drawn.angle))  # a step to the right in the picture
    down = 1j * right
    if drawn.mirror:
        right, down = -right.conjugate(), -down.conjugate()
    columns = (centres * right).astype(np.complex64)
    rows = (centres * down - 2 * complex(drawn.shift_x, drawn.shift_y)).astype(np.complex64)
    return (rows[:, None] + columns).view(np.float32).reshape(side, side, 2)


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
