"""When a step is done, recorded and played; what a card makes of it: tests/test_gpu.py."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from torch import Tensor

from assay.learning.replay import WARM, Replay, once

played: list[object] = []


class Graph:
    """Stands for a CUDA graph: it notes that it is played."""

    def pool(self) -> int:
        return 1

    def replay(self) -> None:
        played.append(self)


@pytest.fixture(autouse=True)
def _no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    played.clear()
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Graph)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda: None)
    monkeypatch.setattr(torch.cuda, "graph", lambda *_, **__: nullcontext())


def test_a_step_is_done_then_recorded_once_for_each_size_then_played() -> None:
    called: list[int] = []

    def step(images: Tensor, labels: Tensor, weight: float) -> Tensor:
        called.append(len(images))
        return labels.sum() * weight

    replay = Replay()
    for turn in range(WARM + 3):
        for size in (4, 3):
            replay(step, torch.full((size, 2, 2, 3), turn), torch.full((size,), float(turn)), 1.0)
    assert called == [4, 3] * (WARM + 1)  # the last of them are recorded
    assert len(played) == 2 * 3
    assert len(set(played)) == 2
    for (size, _), record in replay._recorded.items():
        assert torch.equal(record.labels, torch.full((size,), WARM + 2.0))
        assert torch.equal(record.images, torch.full((size, 2, 2, 3), WARM + 2))


def test_without_a_card_a_step_is_done_as_it_is() -> None:
    found = once(
        lambda images, labels, weight: labels.sum() * weight, *map(torch.ones, (1, 2)), 0.5
    )
    assert float(found) == 1.0
    assert not played
