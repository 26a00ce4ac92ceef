"""The loop that people write in PyTorch: Dataset, DataLoader, PIL, torchvision's transforms v2.

The settings are those that the guides recommend: decode to uint8 tensors, resize them antialiased
as uint8, then convert and normalise (torchvision's "Performance considerations"); worker processes
that persist (DataLoader); AdamW and OneCycleLR.
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
from bench.peers.task import Task

TRANSFORM = v2.Compose(
    [
        v2.ToImage(),
        v2.Resize((task.SIZE, task.SIZE), antialias=True),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(task.MEAN, task.DEVIATION),
    ]
)


class Photographs(Dataset):
    """Photographs and standardised concentrations, read from their files each time."""

    def __init__(self, rows: pd.DataFrame):
        self.paths, self.targets = list(rows["path"]), list(rows["target"])

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, np.float32]:
        with Image.open(self.paths[index]) as picture:
            return TRANSFORM(picture.convert("RGB")), self.targets[index]


def loader(rows: pd.DataFrame, workers: int, shuffle: bool) -> DataLoader:
    """A DataLoader with so many worker processes."""
    return DataLoader(
        Photographs(rows),
        batch_size=task.BATCH,
        shuffle=shuffle,
        num_workers=workers,
        persistent_workers=workers > 0,
    )


def train(network: nn.Module, seen: DataLoader, held_out: DataLoader, job: Task) -> Tensor:
    """Train a network; return its answers for the held-out photographs."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=task.PEAK_RATE, weight_decay=task.DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, task.PEAK_RATE, total_steps=job.epochs * len(seen), pct_start=task.RISE
    )
    loss_function = nn.MSELoss()
    for epoch in range(1, job.epochs + 1):
        network.train()
        for images, targets in seen:
            loss = loss_function(network(images).squeeze(1), targets)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), task.CLIP)
            optimiser.step()
            schedule.step()
        if epoch % job.look == 0 or epoch == job.epochs:
            found = answers(network, held_out)
    return found


@torch.no_grad()
def answers(network: nn.Module, photographs: DataLoader) -> Tensor:
    """Standardised concentrations of all photographs of a loader, in order."""
    network.eval()
    return torch.cat([network(images).squeeze(1) for images, _ in photographs])


def main() -> None:
    """Train a model a fold."""
    job = task.task()
    for fold in job.folds:
        seen, held_out = job.parts(fold)
        loaders = loader(seen, job.workers, True), loader(held_out, job.workers, False)
        job.write(fold, train(job.network(), *loaders, job).numpy())


if __name__ == "__main__":
    main()
