"""What an altered colour costs: the shift that each operation of augmentation causes in the answer.

A network that is trained on brighter copies learns to overlook brightness. Where the colour is the
signal, that has a price, which the best baseline tells in concentration units.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from assay import cli, files, models
from assay.experiment import Augmentation
from assay.faults import refuse
from assay.learning import trained
from assay.metrics import Scale
from assay.pictures.altering import Draw, altered
from assay.pictures.stack import Stack
from assay.progress import progress

logger = logging.getLogger("assay")
STILL = Draw(0.0, False, 0.0, 0.0, 0.0, 0.0, 0.0)
HEADER = ["augmentation", "operation", "value", "shift", "spread", "samples", "photographs", "by"]


def operations(preset: Augmentation) -> list[tuple[str, float, Draw]]:
    """Each operation of a preset at the ends of its range: name, value, and what it does."""
    found = [("turn", 45.0, replace(STILL, angle=45.0))] if preset.turn == "any" else []
    if preset.shift:
        found.append(("shift", preset.shift, replace(STILL, shift_x=preset.shift)))
    for name in ("brightness", "gamma", "noise"):
        for value in sorted(set(getattr(preset, name)) - {0.0}):
            found.append((name, value, replace(STILL, **{name: value})))
    return found


def best_baseline(board: pd.DataFrame) -> str:
    """The baseline with the smallest out-of-fold RMSE; BadInput E_BASELINE if there is none."""
    colour = [models.kind(a) == "estimator" and a != "constant" for a in board["architecture"]]
    rows = board[np.array(colour, dtype=bool) & board["rmse"].notna()]
    if rows.empty:
        remedy = "Add an experiment like {name: mean_colour, architecture: mean_colour}."
        raise refuse("E_BASELINE", "no colour baseline is among the experiments.", remedy)
    return str(rows.sort_values("rmse")["experiment"].iloc[0])


def shifts(
    predict: trained.Predict, pictures: np.ndarray, size: int, drawn: Draw, scale: Scale
) -> np.ndarray:
    """(N,) change of the answer to full-size pictures (N, S, S, 3) when they are altered."""
    both = [
        np.stack(
            [altered(picture, size, change, [1, number]) for number, picture in enumerate(pictures)]
        )
        for change in (STILL, drawn)
    ]
    still, moved = (predict(images) for images in both)
    return np.log10(moved) - np.log10(still) if scale == "log10" else moved - still


def price(
    images: list[Path],
    split: Path,
    leaderboard: Path,
    baselines: list[Path],
    presets: dict[str, Any],
    out: Path,
    scale: Literal["linear", "log10"] = "linear",
    photographs: int = 200,
) -> None:
    """Write the shift that each operation of PRESETS causes in the best baseline's answer to OUT.

    Each photograph is answered by the model that never saw it. IMAGES is the full-size array;
    at most PHOTOGRAPHS, drawn at random, are altered. shift is the mean, spread the SD.
    """
    name = best_baseline(files.read_table(leaderboard))
    array, table = Stack(files.load_shards(images, "resize")), files.read_table(split)
    table = table[table["set"].eq("train")]
    table = table.sample(min(photographs, len(table)), random_state=1)
    chosen = [trained.load(path) for path in baselines if path.parent.parent.name == name]
    rows = []
    listed = [
        (key, *one) for key, preset in presets.items() for one in operations(Augmentation(**preset))
    ]
    for key, operation, value, drawn in progress(listed, "price", unit="operations"):
        found = []
        for description, predict in chosen:
            pictures = array[table.loc[table["fold"].eq(description["fold"]), "photo"].to_numpy()]
            if len(pictures):
                size = description["experiment"]["size"]
                found.append(shifts(predict, pictures, size, drawn, scale))
        change = np.concatenate(found)
        counts = (table["sample"].nunique(), len(change), name)
        rows.append((key, operation, value, change.mean(), change.std(ddof=1), *counts))
    files.write_table(out, pd.DataFrame(rows, columns=HEADER))
    logger.info("%d operations priced by %s", len(rows), name)


if __name__ == "__main__":
    cli.run(price)
