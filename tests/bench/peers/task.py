"""The work that is done side by side: photographs to out-of-fold concentrations, by three networks.

Same photographs (250 px PNG files), same folds, same networks (the modules that Assay trains) from
the same weights, and the default run's own settings: passes over the photographs, photographs per
step, AdamW, peak learning rate, weight decay, clipping. Each program reads labels, folds and
networks, trains each network once a fold, and writes what it found on the fold held out.

What each does by itself stays its own: how it reads and shrinks pictures, how it turns them, its
order of photographs, its cycle of the learning rate (all: one that rises over the first 15 %),
where it computes. Where Assay shows a photograph and its turned copies, the others turn a
photograph anew each time they show it, as people do, in as many passes as Assay shows pictures.
The held-out fold is looked at ten times in a training, the last time for the answers; Assay looks
at the seen photographs as well.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from assay import models
from assay.pictures import colour

LOOKS = 10  # at the held-out fold, in a training
RISE = 0.15  # of the steps, until the learning rate is at its peak
# ImageNet's means and deviations, as people take them. Of densities there are none to take, nor of
# what fills the corners of a turned picture: these are those of such photographs.
SCALES = {
    "rgb": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "optical_density": ((0.28, 0.42, 0.49), (0.16, 0.31, 0.35)),
}
CARD = (214, 211, 203)


@dataclass(frozen=True)
class Net:
    """One network and its training, as the settings of the run have it.

    turned: each photograph is turned by any angle, and mirrored or not, whenever it is shown.
    passes are over the photographs; size is in pixels.
    """

    name: str
    architecture: str
    options: dict[str, Any]
    color: str
    turned: bool
    passes: int
    size: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    gradient_clip: float
    seed: int

    @property
    def look(self) -> int:
        """Passes between two looks at the held-out fold."""
        return -(-self.passes // LOOKS)

    def looks_after(self, passed: int) -> bool:
        """Is the held-out fold looked at after so many passes? After the last it is."""
        return passed % self.look == 0 or passed == self.passes


@dataclass(frozen=True)
class Task:
    """Photographs with path, concentration and fold; the networks; and what each program may use.

    low and high are the range in concentration units. tuned: weights in channels-last memory and
    a fused optimiser, as Assay trains.
    """

    table: pd.DataFrame
    nets: list[Net]
    low: float
    high: float
    out: Path
    workers: int
    threads: int
    tuned: bool

    @property
    def folds(self) -> list[int]:
        """The folds, in order."""
        return sorted(self.table["fold"].unique())

    def parts(self, fold: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Seen and held-out photographs; `target` is standardised by those seen."""
        seen = self.table["fold"].ne(fold)
        label = self.table["label"]
        scaled = (label - label[seen].mean()) / label[seen].std(ddof=0)
        table = self.table.assign(target=scaled.astype(np.float32))
        return table[seen], table[~seen]

    def network(self, net: Net) -> nn.Module:
        """The network of the default run, with the same weights to start from each time."""
        torch.manual_seed(net.seed)
        network = models.load(net.architecture).build(3, net.size, 1, **net.options)
        return network.to(memory_format=torch.channels_last) if self.tuned else network

    def optimiser(self, net: Net, network: nn.Module) -> torch.optim.Optimizer:
        """AdamW: torch's default, or the one whose step is a single kernel."""
        return torch.optim.AdamW(
            network.parameters(),
            lr=net.learning_rate,
            weight_decay=net.weight_decay,
            fused=self.tuned or None,
        )

    def write(self, net: Net, fold: int, found: Tensor) -> None:
        """Add standardised answers for a held-out fold to the file of answers."""
        seen, held_out = self.parts(fold)
        label = seen["label"]
        answers = found.double().numpy() * label.std(ddof=0) + label.mean()
        answers = answers.clip(self.low, self.high)
        rows = pd.DataFrame({"experiment": net.name, "photo": held_out["photo"], "found": answers})
        rows.to_csv(self.out, mode="a", header=not self.out.exists(), index=False)


def density(pictures: Tensor) -> Tensor:
    """-log10 of linear light, of float pictures in 0 to 1: the formula of assay.pictures.colour."""
    light = torch.where(
        pictures <= 0.04045, pictures / 12.92, ((pictures + 0.055) / 1.055).pow(2.4)
    )
    return -light.clamp_min(colour.FLOOR).log10()


def task() -> Task:
    """The task that the command line names; torch computes on so many threads."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="of the photographs and split.csv")
    parser.add_argument("nets", type=Path, help="the networks and the range, JSON")
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2, help="processes that read photographs")
    parser.add_argument("--threads", type=int, default=1, help="of torch")
    parser.add_argument("--tuned", action="store_true", help="as fast as PyTorch offers")
    chosen = parser.parse_args()
    table = pd.read_csv(chosen.folder / "split.csv")
    table = table[table["set"].eq("train")].reset_index(drop=True)
    table["path"] = [str(chosen.folder / "photos" / image) for image in table["image"]]
    told = json.loads(chosen.nets.read_text())
    nets = [Net(**net) for net in told["nets"]]
    torch.set_num_threads(chosen.threads)
    torch.set_flush_denormal(chosen.tuned)
    used = chosen.workers, chosen.threads, chosen.tuned
    return Task(table, nets, told["low"], told["high"], chosen.out, *used)
