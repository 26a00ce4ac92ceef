"""The plain loop at its best: every photograph is decoded once, and kept in memory.

The same loop, but for its data. Photographs that are not turned are shrunk and normalised once as
well, in a TensorDataset that the training process itself indexes, since workers would only copy
them. To turn them takes worker processes: there torch keeps to one thread.
"""

from __future__ import annotations

import pandas as pd
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset
from torchvision.transforms import v2

from bench.peers import task
from bench.peers.plain_loop import loader, train, transform
from bench.peers.task import Net, Task


class Turned(Dataset):
    """Photographs out of memory, turned anew each time, and standardised concentrations."""

    def __init__(self, pictures: list[Tensor], rows: pd.DataFrame, change: v2.Transform):
        self.pictures, self.rows, self.targets = pictures, list(rows.index), list(rows["target"])
        self.change = change

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[Tensor, float]:
        return self.change(self.pictures[self.rows[index]]), self.targets[index]


def decoded(path: str) -> Tensor:
    """A photograph in full size, uint8 (3, S, S)."""
    with Image.open(path) as picture:
        return v2.functional.to_image(picture.convert("RGB"))


def still(shrunk: Tensor, rows: pd.DataFrame) -> TensorDataset:
    """Photographs that are shown as they are."""
    picked = torch.tensor(rows.index.to_numpy())
    return TensorDataset(shrunk[picked], torch.tensor(rows["target"].to_numpy()))


def loaders(
    job: Task, net: Net, fold: int, pictures: list[Tensor], shrunk: Tensor
) -> tuple[DataLoader, DataLoader]:
    """Of the photographs seen, turned if they are to be, and of those held out."""
    seen, held_out = job.parts(fold)
    watched = loader(still(shrunk, held_out), net, 0, False)
    if net.turn == "none":
        return loader(still(shrunk, seen), net, 0, True), watched
    if net.turn == "right_angles":
        change = v2.Lambda(task.quarter_turn)
        return loader(Turned(list(shrunk), seen, change), net, 0, True), watched
    return loader(Turned(pictures, seen, transform(net, True)), net, job.workers, True), watched


def main() -> None:
    """Read all photographs once; train each network once a fold."""
    job = task.task()
    pictures = [decoded(path) for path in job.table["path"]]
    for net in job.nets:
        torch.set_num_threads(1 if net.turn == "any" else job.threads)
        as_it_is = transform(net, False)
        shrunk = torch.stack([as_it_is(picture) for picture in pictures])
        for fold in job.folds:
            found = train(job, net, *loaders(job, net, fold, pictures, shrunk))
            job.write(net, fold, found)


if __name__ == "__main__":
    main()
