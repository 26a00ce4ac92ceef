"""The loop that people write in PyTorch: Dataset, DataLoader, PIL, torchvision's transforms v2.

The settings are those that the guides recommend: decode, resize antialiased as uint8, then convert
and normalise (torchvision's "Performance considerations"); worker processes that persist
(DataLoader); AdamW and OneCycleLR. With --tuned, what PyTorch's documentation offers for speed on
a processor: weights in channels-last memory, the fused optimiser, numbers near zero flushed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from bench.peers import task
from bench.peers.task import Net, Task


def transform(net: Net, turned: bool) -> v2.Transform:
    """From a picture in full size to what the network takes; turned before it is shrunk."""
    turns = [
        v2.RandomRotation(180, v2.InterpolationMode.BILINEAR, fill=task.CARD),
        v2.RandomHorizontalFlip(),
    ]
    shrunk = [
        v2.ToImage(),
        v2.Resize((net.size, net.size), antialias=True),
        v2.ToDtype(torch.float32, scale=True),
    ]
    densities = [v2.Lambda(task.density)] if net.color == "optical_density" else []
    scaled = v2.Normalize(*task.SCALES[net.color])
    return v2.Compose([*(turns if turned else []), *shrunk, *densities, scaled])


class Photographs(Dataset):
    """Photographs and standardised concentrations, read from their files each time."""

    def __init__(self, rows: pd.DataFrame, change: v2.Transform):
        self.paths, self.targets = list(rows["path"]), list(rows["target"])
        self.change = change

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, np.float32]:
        with Image.open(self.paths[index]) as picture:
            return self.change(picture.convert("RGB")), self.targets[index]


def loader(photographs: Dataset, net: Net, workers: int, shuffle: bool) -> DataLoader:
    """A DataLoader with so many worker processes."""
    return DataLoader(
        photographs,
        batch_size=net.batch_size,
        shuffle=shuffle,
        num_workers=workers,
        persistent_workers=workers > 0,
    )


def loaders(job: Task, net: Net, fold: int) -> tuple[DataLoader, DataLoader]:
    """Of the photographs seen, turned if they are to be, and of those held out."""
    seen, held_out = job.parts(fold)
    return (
        loader(Photographs(seen, transform(net, net.turned)), net, job.workers, True),
        loader(Photographs(held_out, transform(net, False)), net, job.workers, False),
    )


def train(job: Task, net: Net, seen: DataLoader, held_out: DataLoader) -> Tensor:
    """Train a network; return its answers for the held-out photographs."""
    network = job.network(net)
    optimiser = job.optimiser(net, network)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, net.learning_rate, total_steps=net.passes * len(seen), pct_start=task.RISE
    )
    loss_function = nn.MSELoss()
    for passed in range(1, net.passes + 1):
        network.train()
        for images, targets in seen:
            loss = loss_function(network(images).squeeze(1), targets)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), net.gradient_clip)
            optimiser.step()
            schedule.step()
        if net.looks_after(passed):
            found = answers(network, held_out)
    return found


@torch.no_grad()
def answers(network: nn.Module, photographs: DataLoader) -> Tensor:
    """Standardised concentrations of all photographs of a loader, in order."""
    network.eval()
    return torch.cat([network(images).squeeze(1) for images, _ in photographs])


def main() -> None:
    """Train each network once a fold."""
    job = task.task()
    for net in job.nets:
        for fold in job.folds:
            job.write(net, fold, train(job, net, *loaders(job, net, fold)))


if __name__ == "__main__":
    main()
