"""The work that is done side by side: photographs to out-of-fold concentrations.

Same photographs (250 px PNG files), same folds, same network (the module that Assay trains), same
epochs, photographs per step, peak learning rate, weight decay, clipping and cores. Each program
reads labels and folds, trains one model a fold, and writes what it found on the fold held out.

What each does by itself stays its own: how it reads and shrinks pictures, its schedule of the
learning rate (all: one cycle that rises over the first 15 %), its order of photographs, where it
computes. None uses augmentation. The held-out fold is looked at ten times in a training by all;
Assay looks at the seen photographs as well.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from assay.models import vgg

LOOKS = 10  # at the held-out fold, in a training
SIZE, BATCH = 64, 16
PEAK_RATE, DECAY, RISE, CLIP = 0.002, 1e-4, 0.15, 1.0
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, as people take them


@dataclass(frozen=True)
class Task:
    """Photographs with path, concentration and fold; and what decides the training."""

    table: pd.DataFrame
    out: Path
    epochs: int
    width: float
    workers: int

    @property
    def folds(self) -> list[int]:
        """The folds, in order."""
        return sorted(self.table["fold"].unique())

    @property
    def look(self) -> int:
        """Epochs between two looks at the held-out fold."""
        return -(-self.epochs // LOOKS)

    def parts(self, fold: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Seen and held-out photographs; `target` is standardised by those seen."""
        seen = self.table["fold"].ne(fold)
        label = self.table["label"]
        scaled = (label - label[seen].mean()) / label[seen].std(ddof=0)
        table = self.table.assign(target=scaled.astype(np.float32))
        return table[seen], table[~seen]

    def network(self) -> nn.Module:
        """The network of the default run, with the same weights to start from each time."""
        torch.manual_seed(1)
        return vgg.build(3, SIZE, 1, width=self.width)

    def write(self, fold: int, found: np.ndarray) -> None:
        """Add standardised answers for a held-out fold to the file of answers."""
        seen, held_out = self.parts(fold)
        label = seen["label"]
        answers = found.astype(np.float64) * label.std(ddof=0) + label.mean()
        rows = pd.DataFrame({"photo": held_out["photo"], "found": answers.clip(80, 350)})
        rows.to_csv(self.out, mode="a", header=not self.out.exists(), index=False)


def task() -> Task:
    """The task that the command line names; torch computes on so many threads."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--workers", type=int, default=2, help="processes that read photographs")
    parser.add_argument("--threads", type=int, default=1, help="of torch")
    chosen = parser.parse_args()
    table = pd.read_csv(chosen.folder / "split.csv")
    table = table[table["set"].eq("train")].reset_index(drop=True)
    table["path"] = [str(chosen.folder / "photos" / image) for image in table["image"]]
    torch.set_num_threads(chosen.threads)
    return Task(table, chosen.out, chosen.epochs, chosen.width, chosen.workers)
