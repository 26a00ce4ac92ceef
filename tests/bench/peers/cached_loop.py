"""The plain loop at its best: every photograph is decoded and shrunk once and kept in memory.

The same loop, but for its data: tensors of 64 px, normalised beforehand, in a TensorDataset that
the training process itself indexes, since workers would only copy them.
"""

from __future__ import annotations

import torch
from torch.utils.data import DataLoader, TensorDataset

from bench.peers import task
from bench.peers.plain_loop import Photographs, train


def main() -> None:
    """Read all photographs once, train a model a fold."""
    job = task.task()
    everything = job.table.assign(target=0.0)
    pictures = torch.stack([picture for picture, _ in Photographs(everything)])
    for fold in job.folds:
        loaders = []
        for rows, shuffle in zip(job.parts(fold), (True, False), strict=True):
            targets = torch.tensor(rows["target"].to_numpy())
            data = TensorDataset(pictures[torch.tensor(rows.index.to_numpy())], targets)
            loaders.append(DataLoader(data, batch_size=task.BATCH, shuffle=shuffle))
        job.write(fold, train(job.network(), *loaders, job).numpy())


if __name__ == "__main__":
    main()
