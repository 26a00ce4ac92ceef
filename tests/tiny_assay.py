"""A tiny assay for tests: pictures whose mean colour tells the concentration."""

from __future__ import annotations

import numpy as np
import pandas as pd


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
