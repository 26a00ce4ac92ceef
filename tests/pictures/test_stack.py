"""Pictures in several files, read as if they were one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from assay import files
from assay.learning import demands
from assay.learning.fitting import Photographs
from assay.learning.stored import Stored, placed
from assay.pictures.stack import Stack

WHOLE = np.random.default_rng(1).integers(0, 256, (23, 4, 4, 3), dtype=np.uint8)


@pytest.fixture(params=[[23], [10, 10, 3], [10, 0, 13, 0], [1] * 23], ids=str)
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Stack:
    paths, first = [], 0
    for number, length in enumerate(request.param):
        part = WHOLE[first : (first := first + length)]
        paths.append(tmp_path / f"shard{number}.npy")
        files.save_array(paths[-1], part.shape, lambda target, part=part: np.copyto(target, part))
    return Stack(files.load_shards(paths, "resize"))


@pytest.mark.parametrize(
    "key",
    [
        slice(None),
        slice(8, 12),
        slice(20, 99),
        slice(0),
        np.array([22, 0, 10, 9, 9, 20]),
        np.arange(23) % 3 == 0,
        np.zeros(0, dtype=int),
        0,
        10,
        -1,
    ],
    ids=str,
)
def test_rows_are_those_of_the_whole(stack: Stack, key: slice | np.ndarray | int) -> None:
    assert np.array_equal(stack[key], WHOLE[key])
    assert type(stack[key]) is np.ndarray, "in memory, not in the file"
    assert stack[key].shape == WHOLE[key].shape


def test_choosing_and_laying_behind_one_another_read_nothing_and_mean_the_same(
    stack: Stack,
) -> None:
    order = np.array([5, 17, 3])
    chosen = stack.rows(order) + stack.rows(slice(20, 23)).rows(np.array([True, False, True]))
    wanted = np.concatenate([WHOLE[order], WHOLE[[20, 22]]])
    assert chosen.shape == wanted.shape
    assert chosen.nbytes == wanted.nbytes
    assert np.array_equal(chosen[:], wanted)
    assert np.array_equal(np.stack(list(chosen)), wanted)
    assert np.array_equal(chosen[np.array([4, 0])], wanted[[4, 0]])
    with pytest.raises(IndexError):
        chosen[5]


@pytest.mark.parametrize("held", [0, 1])
def test_a_training_reads_the_same_batches_from_files_and_from_memory(
    stack: Stack, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demands, "HELD", held)
    images = placed(stack, torch.device("cpu"))
    assert isinstance(images, torch.Tensor if held else Stored)
    memory = torch.from_numpy(WHOLE)
    rows = torch.tensor([3, 22, 11, 3])
    labels = torch.arange(len(WHOLE)).float()
    batch, known = Photographs(images, labels).at(rows)
    assert torch.equal(batch, memory[rows])
    assert torch.equal(known, labels[rows])
    parts = zip(images.split(5), memory.split(5), strict=True)
    assert all(torch.equal(one, two) for one, two in parts)
