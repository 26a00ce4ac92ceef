"""What a job costs before it works: from the process's start to the first step of training."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

import numpy as np

import tiny_assay
from assay import files, split
from assay.experiment import Experiment
from bench import clock
from bench.clock import Cost, flags
from bench.reporting import Table

VGG = Experiment("vgg", "vgg", {"width": 0.25}, size=64, epochs=1, batch_size=16)
ORDINARY = ["-c", "from assay import cli, train; cli.run(train.train)"]  # see assay/program.py
RIDGE = Experiment("ridge", "colour_statistics", {"regressor": "ridge"}, size=64)


def material(folder: Path) -> Path:
    """Thirty photographs of 64 px, dealt to folds."""
    images, table = tiny_assay.photographs(size=64)
    files.save_array(folder / "tiny.npy", images.shape, lambda target: np.copyto(target, images))
    files.write_table(folder / "tiny.csv", table)
    split.split(folder / "tiny.csv", folder / "tiny_split.csv", folds=3)
    return folder


def words(folder: Path, experiment: Experiment, threads: int) -> list[str]:
    """The command line of one training job."""
    found = flags(images=folder / "tiny.npy", split=folder / "tiny_split.csv", folds=0)
    found += flags(experiment=json.dumps(asdict(experiment)), low=80, high=350, threads=threads)
    return found + flags(out=folder / "job")


def job(folder: Path, experiment: Experiment, threads: int) -> dict[str, Cost]:
    """One training job, and when it was where."""
    return clock.step("train", words(folder, experiment, threads), folder, threads)


def whole(start: list[str], folder: Path, threads: int) -> Cost:
    """A job of ridge regression from the process's start to its end, however it is started."""
    return clock.run([sys.executable, *start, *words(folder, RIDGE, threads), "--quiet"], threads)


def row(what: str, costs: list[Cost]) -> dict[str, str]:
    """A line of the table."""
    return {
        "from the process's start to": what,
        "n": str(len(costs)),
        "s": clock.spread([cost.wall for cost in costs]),
        "s of processor": clock.spread([cost.cpu for cost in costs]),
    }


def measure(folder: Path, chosen: Namespace) -> Table:
    """Start each kind of job in turn, as often as asked for."""
    material(folder)
    found: dict[str, list[Cost]] = {}
    for _ in range(chosen.repeats):
        threads = chosen.threads
        network = job(folder, VGG, threads)
        costs = {
            "import torch, nothing else": clock.run(
                [sys.executable, "-c", "import torch"], threads
            ),
            "a training job ready, all imported": network["start"],
            "the first step of a vgg taken": network["first_step"],
            "the end of a process that fits ridge regression to 16 photographs": whole(
                ["-m", "assay.train"], folder, threads
            ),
            "the same, as Python starts and ends by itself": whole(ORDINARY, folder, threads),
            "the end of a dry run of the whole workflow": clock.run(
                ["snakemake", "--cores", "1", "--dry-run", "--quiet"]
            ),
        }
        for what, cost in costs.items():
            found.setdefault(what, []).append(cost)
    raw = {what: [asdict(cost) for cost in costs] for what, costs in found.items()}
    return Table([row(what, costs) for what, costs in found.items()], raw)
