"""Where the photographs of a training lie: in memory, or in files that are read batch by batch."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from assay.learning import demands
from assay.pictures.stack import Stack

SHARE = 0.5  # of a card's free memory that photographs may take


class Stored:
    """uint8 (N, S, S, 3) in files, as far as a training looks at it: like a tensor on `device`."""

    def __init__(self, pictures: Stack, device: torch.device):
        self.pictures, self.device = pictures, device

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, rows: Tensor) -> Tensor:
        return self._moved(torch.from_numpy(self.pictures[rows.cpu().numpy()]))

    def split(self, size: int) -> Iterator[Tensor]:
        """All of it in order, `size` photographs at a time."""
        for start in range(0, len(self), size):
            yield self._moved(torch.from_numpy(self.pictures[start : start + size]))

    def _moved(self, pictures: Tensor) -> Tensor:
        if self.device.type == "cpu":
            return pictures
        return pictures.pin_memory().to(self.device, non_blocking=True)


def placed(pictures: Stack, device: torch.device) -> Tensor | Stored:
    """All photographs on the device where they fit: a share of a card, HELD on the CPU.

    More are read batch by batch. A batch that lies in memory is chosen in a tenth of the time,
    which is 2 % of a step of a narrow network.
    """
    stored = Stored(pictures, device)
    card = device.type == "cuda"
    most = SHARE * torch.cuda.mem_get_info(device)[0] if card else demands.HELD * 10**6
    return torch.cat(list(stored.split(1024))) if pictures.nbytes <= most else stored
