"""One model, several processes: started by torch's launcher, as on several GPUs, but on the CPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import nn

from assay import files, train
from assay.experiment import Experiment
from assay.faults import BadInput
from assay.learning.together import ALONE, Team

NETWORK = Experiment(
    "net",
    options={"width": 0.25, "norm": "group", "dropout": 0.0},
    size=16,
    epochs=6,
    batch_size=7,  # which two processes can't share evenly
    poses=True,  # each process draws those of all
)


def team(tiny: Path, out: Path, experiment: Experiment, processes: int) -> str:
    """Train by torchrun; what was said."""
    launcher = ["torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    flags = {"images": tiny / "images.npy", "split": tiny / "split.csv", "folds": 1}
    flags |= {"low": 80, "high": 350, "experiment": json.dumps(asdict(experiment))}
    flags |= {"log": out / "logs" / "train.log", "out": out}
    words = [word for key, value in flags.items() for word in (f"--{key}", str(value))]
    command = [sys.executable, "-m", *launcher, "-m", "--", "assay.train", *words]
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env=dict(os.environ)
    )
    assert result.returncode == 0, result.stderr
    return result.stderr


@pytest.mark.slow
def test_two_processes_reach_the_loss_of_one(tiny: Path, tmp_path: Path) -> None:
    inputs = [tiny / "images.npy"], tiny / "split.csv"
    train.train(*inputs, NETWORK, [1], 80.0, 350.0, tmp_path / "one")
    team(tiny, tmp_path / "two", NETWORK, 2)
    places = [tmp_path / name / "fold1" for name in ("one", "two")]
    one, two = (files.read_table(place / "history.csv") for place in places)
    assert np.abs(one["loss"] - two["loss"]).max() < 1e-4
    assert one["loss"].iloc[-1] < 0.5 * one["loss"].iloc[0], "it learned something"
    weights = [load_file(place / "model.safetensors") for place in places]
    assert all(np.allclose(weights[0][name], weights[1][name], atol=1e-3) for name in weights[0])
    found = [files.read_table(place / "predictions.csv")["found"] for place in places]
    assert np.abs(found[0] - found[1]).max() < 0.1, "mg/L"
    log = (tmp_path / "two" / "logs" / "train.log").read_text()
    assert log.count("net: 6 epochs") == 1, "one process of the two speaks"


def test_shares_of_a_batch_weigh_as_much_as_the_batch() -> None:
    losses = torch.tensor([1.0, 2.0, 4.0, 8.0, 16.0])
    for size, number in [(1, 5), (2, 5), (2, 1), (3, 4), (4, 3)]:
        rows = torch.arange(number)
        shares = [Team(size, rank).share(rows) for rank in range(size)]
        mean = sum(losses[own].mean() * weight for own, weight in shares) / size
        assert mean == pytest.approx(losses[:number].mean())
        counted = [row for own, weight in shares if weight for row in own.tolist()]
        assert sorted(counted) == list(range(number))


def test_batch_norm_is_refused_where_it_can_not_be_shared() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    assert ALONE.prepared(network, torch.device("cpu")) is network
    with pytest.raises(BadInput, match=r"E_OPTION: .*batch norm"):
        Team(2, 0).prepared(network, torch.device("cpu"))
    shared = Team(2, 0).prepared(network, torch.device("cuda"))
    assert isinstance(shared[1], nn.SyncBatchNorm)
    assert shared.state_dict().keys() == network.state_dict().keys()
