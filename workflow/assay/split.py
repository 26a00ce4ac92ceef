"""Deal photographs to the test set and the folds: by block, balanced over the concentrations."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from assay import cli, files
from assay.dealing import deal, joined
from assay.faults import refuse

logger = logging.getLogger("assay")

Block = Literal["sample", "group", "level"]


def assign(photos: pd.DataFrame, test: float, folds: int, block: Block, seed: int) -> pd.DataFrame:
    """The photographs with their block, set (train, test, excluded) and fold (-1 outside train).

    An official split column decides the sets; a training photograph that is the twin of a test
    photograph is then excluded, never trained on. BadInput E_TOO_FEW: fewer blocks than folds.
    """
    unit = photos["label"] if block == "level" else photos[block]
    result = photos[["photo", "image", "label", "sample", "group"]].copy()
    # whatever the unit, a sample and its duplicates are never torn apart
    result["block"] = joined(unit, photos["sample"], photos["twin"])
    if photos["split"].ne("").any():
        result["set"] = photos["split"].where(photos["split"].eq("test"), "train")
        leaks = photos["twin"].isin(photos.loc[result["set"].eq("test"), "twin"])
        result.loc[leaks & result["set"].eq("train"), "set"] = "excluded"
    else:
        parts = [1 - test, test] if test else [1.0]
        dealt = deal(result["block"].to_numpy(), photos["label"].to_numpy(), parts, seed)
        result["set"] = np.where(dealt == 1, "test", "train")
    result["fold"] = -1
    train = result["set"].eq("train").to_numpy()
    names, blocks = np.unique(result.loc[train, "block"], return_inverse=True)
    if len(names) < folds:
        message = f"{len(names)} {block}s are left for training, but there are {folds} folds."
        raise refuse("E_TOO_FEW", message, f"Set split.folds to at most {len(names)}.")
    labels = photos["label"].to_numpy()[train]
    result.loc[train, "fold"] = deal(blocks, labels, [1.0] * folds, seed + 1)
    return result


def split(
    table: Path,
    out: Path,
    test: float = 0.2,
    folds: int = 5,
    block: Block = "sample",
    seed: int = 1,
) -> None:
    """Write the set and fold of each photograph to OUT.

    Samples (or groups, or levels) stay whole, duplicates stay together, each part mirrors the
    range of concentrations; an official split column is honoured.
    """
    needed = ["photo", "image", "label", "sample", "group", "split", "twin"]
    result = assign(files.read_table(table, only=needed), test, folds, block, seed)
    files.write_table(out, result)
    counts = result.groupby("set")["photo"].count().to_dict()
    logger.info("%d blocks dealt by %s: %s", result["block"].nunique(), block, counts)


if __name__ == "__main__":
    cli.run(split)
