"""What one training job may see: photographs of the other folds and their copies, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from assay import files
from assay.pictures.stack import Pictures, Stack

FEWEST = 100
Predict = Callable[[Pictures], np.ndarray]


@dataclass(frozen=True)
class Material:
    """What one job trains on and predicts: pictures uint8 (N, S, S, 3), labels float64 (N,).

    Pictures stay in their files until they are indexed: a million of them take no memory.
    seen and held_out are rows of the training photographs and of the held-out fold; altered are
    copies of the seen ones, parents the rows that these were made of.
    """

    images: Stack
    table: pd.DataFrame
    seen: np.ndarray
    held_out: np.ndarray
    altered: Stack
    parents: np.ndarray

    def training(self) -> tuple[Stack, np.ndarray, np.ndarray]:
        """Pictures, labels and blocks of the seen photographs and of their copies."""
        rows = np.concatenate([self.seen, self.parents])
        pictures = self.images.rows(self.seen) + self.altered
        labels = self.table["label"].to_numpy(dtype=np.float64)
        return pictures, labels[rows], self.table["block"].to_numpy()[rows]

    def watched(self) -> np.ndarray:
        """Places in `seen` of the photographs that a learning curve looks at, evenly spread.

        As many as are held out, but at least FEWEST: more would cost time, and say little more.
        """
        number = min(len(self.seen), max(len(self.held_out), FEWEST))
        return np.linspace(0, len(self.seen) - 1, number).round().astype(np.int64)

    def found(self, predict: Predict, rows: np.ndarray) -> np.ndarray:
        """What `predict` finds on these rows (n,), in concentration units."""
        return predict(self.images.rows(rows))

    def rmse(self, found: np.ndarray, rows: np.ndarray) -> float:
        """Root mean squared error of what was found on these rows (n,), in concentration units."""
        known = self.table["label"].to_numpy(dtype=np.float64)[rows]
        return float(np.sqrt(np.mean((found - known) ** 2)))


def gather(
    images: list[Path],
    split: Path,
    fold: int,
    augmented: list[Path] | None,
    copies: list[Path] | None,
) -> Material:
    """Gather what the job of `fold` may see: only copies whose parent is seen are ever loaded."""
    table = files.read_table(split)
    pictures = Stack(files.load_shards(images, "resize"))
    train = table["set"].eq("train")
    seen = np.flatnonzero(train & table["fold"].ne(fold))
    held_out = np.flatnonzero(train & table["fold"].eq(fold))
    altered, parents = pictures.rows(slice(0)), np.empty(0, dtype=np.int64)
    if augmented and copies:
        drawn = pd.concat([files.read_table(path) for path in copies], ignore_index=True)
        allowed = drawn[drawn["photo"].isin(table.loc[seen, "photo"])]
        altered = Stack(files.load_shards(augmented, "augment")).rows(allowed.index.to_numpy())
        parents = pd.Index(table["photo"]).get_indexer(allowed["photo"])
    return Material(pictures, table, seen, held_out, altered, parents)
