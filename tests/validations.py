"""Out-of-fold predictions with a planted truth, and their validation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assay import files, validate
from assay.quantity import Quantity
from assay.validation.goals import Goals

QUANTITY = Quantity("lead <b>", "mg/L", 80.0, 350.0)
GOALS = Goals()


def photographs(
    samples: int = 60,
    photos: int = 2,
    levels: int = 6,
    groups: int = 6,
    noise: float = 2.0,
    session: float = 0.0,
    low: float = 80.0,
    high: float = 350.0,
    seed: int = 0,
) -> pd.DataFrame:
    """Pooled predictions of the experiment `vgg`, in the order of the label table.

    levels 0: known values anywhere; noise and session: SDs in units.
    """
    rng = np.random.default_rng(seed)
    known = (
        np.linspace(low, high, levels)[np.arange(samples) % levels]
        if levels
        else rng.uniform(low, high, samples)
    )
    group = np.arange(samples) * groups // samples
    found = known + rng.normal(0, noise, samples) + session * rng.standard_normal(groups)[group]
    index = np.repeat(np.arange(samples), photos)
    drawn = found[index] + rng.normal(0, 1, index.size)
    return pd.DataFrame(
        {
            "experiment": "vgg",
            "photo": np.arange(index.size),
            "image": [f"{place}.png" for place in range(index.size)],
            "sample": [f"s{place:03d}" for place in index],
            "group": [f"day {place}" for place in group[index]],
            "fold": index % 3,
            "label": known[index],
            "found": drawn,
            "found_seen": drawn,
        }
    )


def make(folder: Path, table: pd.DataFrame, quantity: Quantity = QUANTITY) -> Path:
    """Run the step on these predictions; the folder then holds validation/."""
    test = table.iloc[:0][["photo", "image", "sample", "group", "label", "found"]]
    photos = table[["photo"]].assign(row=table["photo"] + 2)
    paths = {"predictions": table, "photos": photos, "test": test}
    paths["leaderboard"] = pd.DataFrame({"experiment": ["vgg"], "rmse": [1.0]})
    for name, content in paths.items():
        files.write_table(folder / f"{name}.csv", content)
    validate.validate(
        **{name: folder / f"{name}.csv" for name in paths},
        quantity=quantity,
        goals=GOALS,
        out=folder / "validation",
        summary=folder / "validation" / "summary.json",
    )
    return folder / "validation"


def row(folder: Path, table: str, what: str, key: str = "what") -> dict[str, Any]:
    """The first row of a table that starts so."""
    content = files.read_table(folder / f"{table}.csv")
    return content[content[key].str.startswith(what)].iloc[0].to_dict()


def holds(one: dict[str, Any], truth: float, name: str = "value") -> bool:
    """Whether the interval of the row holds the truth."""
    return bool(one[f"{name}_low"] <= truth <= one[f"{name}_high"])
