"""Fixtures: a tiny assay, drawn once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import files, split

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


def photographs(number: int = 30, size: int = 16, seed: int = 0) -> tuple[np.ndarray, pd.DataFrame]:
    """Pictures whose colour tells the concentration, (N, S, S, 3) uint8, and their table.

    Two photographs a sample, concentrations from 80 to 350.
    """
    generator = np.random.default_rng(seed)
    label = np.repeat(generator.uniform(80, 350, number // 2), 2)
    colour = np.stack([230 - 0.5 * label, 200 - 0.3 * label, 120 + 0.1 * label], axis=1)
    noise = generator.normal(0, 2, (number, size, size, 3))
    images = np.clip(colour[:, None, None, :] + noise, 0, 255).astype(np.uint8)
    names = [f"s{sample:02d}" for sample in np.arange(number) // 2]
    table = pd.DataFrame(
        {
            "photo": np.arange(number),
            "image": [f"{photo}.png" for photo in range(number)],
            "label": label,
            "sample": names,
            "group": [f"g{int(name[1:]) % 5}" for name in names],
            "split": "",
            "twin": [str(photo) for photo in range(number)],
        }
    )
    return images, table


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A folder with images.npy (sealed), photos.csv and split.csv of 30 tiny photographs."""
    images, table = photographs()
    files.save_array(
        tmp_path / "images.npy", images.shape, lambda target: np.copyto(target, images)
    )
    files.write_table(tmp_path / "photos.csv", table)
    split.split(tmp_path / "photos.csv", tmp_path / "split.csv", folds=3)
    return tmp_path
