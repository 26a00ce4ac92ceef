"""Kill a training job at each of its write calls: the next one ends with the same bits."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from assay import cli, job, train
from assay.experiment import Experiment
from assay.learning import checkpoint

pytestmark = pytest.mark.slow

ALL = int(os.environ.get("ASSAY_KILLS", "20")) >= 200
NETWORK = Experiment(
    "net", options={"width": 0.0625, "dropout": 0.3}, size=16, epochs=2, batch_size=8, ema=0.9
)
BASELINE = Experiment("colour", architecture="mean_colour", size=16)
OUTPUTS = ("model.safetensors", "model.json", "history.csv", "predictions.csv", "speed.json")
# what Python tells its audit hooks of before it changes a folder or opens a file
CHANGES = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate")


def words(folder: Path, experiment: Experiment) -> list[str]:
    results = folder / "results"
    return [
        *("--images", str(folder / "images.npy"), "--split", str(folder / "split.csv")),
        *("--experiment", json.dumps(asdict(experiment)), "--folds", "1"),
        *("--low", "80", "--high", "350", "--out", str(results / "train"), "--quiet"),
        *("--resume", str(results / ".resume"), "--log", str(results / "logs" / "train.log")),
    ]


def counting(act: Callable[[int], None]) -> None:
    """Call act(n) before the n-th call that writes, from now on in this process."""
    count = itertools.count(1)

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event in CHANGES and not (event == "open" and arguments[1] in ("r", "rb", None)):
            act(next(count))

    sys.addaudithook(hear)
    for name in ("fsync", "ftruncate", "pwrite", "fdatasync"):
        call = getattr(os, name)
        setattr(os, name, lambda *a, call=call: [act(next(count)), call(*a)][1])


def start(work: Callable[[], None]) -> int:
    """Begin the work in a forked process; its id."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            work()
        except SystemExit as left:
            code = int(left.code or 0)
        finally:
            os._exit(code)
    return child


def ended(child: int) -> int:
    """The exit code of a process when it ends, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def training(folder: Path, experiment: Experiment, kill_at: int = 0) -> int:
    """Begin the job in a process of its own, killed before its write call of that number."""

    def die(number: int) -> None:
        if number == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        torch.set_num_threads(1)
        checkpoint.SECONDS, checkpoint.SHARE = 0.0, 1e9
        if kill_at:
            counting(die)
        cli.run(train.train, words(folder, experiment))

    return start(work)


def trained(folder: Path, experiment: Experiment, kill_at: int = 0) -> int:
    """Run the job to its end, whatever that is; its exit code."""
    return ended(training(folder, experiment, kill_at))


def cleared(folder: Path) -> Path:
    """Without the outputs, as a driver leaves it before it repeats a job; seals stay."""
    for name in OUTPUTS:
        (folder / "results" / "train" / "fold1" / name).unlink(missing_ok=True)
    return folder


def made(folder: Path) -> dict[str, bytes]:
    """What the job made, its seals included; how long it took may differ."""
    paths = (folder / "results" / "train" / "fold1").iterdir()
    return {path.name: path.read_bytes() for path in paths if "speed" not in path.name}


@pytest.fixture(autouse=True)
def _warm(tiny: Path, tmp_path: Path) -> None:
    """Train once in this process: torch imports much at the first step, each child would anew."""
    torch.set_num_threads(1)
    inputs = [tiny / "images.npy"], tiny / "split.csv"
    train.train(*inputs, NETWORK, [1], 80.0, 350.0, tmp_path / "warm")


@pytest.mark.parametrize("experiment", [NETWORK, BASELINE], ids=["network", "baseline"])
def test_killed_at_any_write_call(tiny: Path, experiment: Experiment) -> None:
    assert trained(tiny, experiment) == 0
    whole = made(tiny)
    kills = 0
    for number in itertools.count(1, 1 if ALL else 25):
        code = trained(cleared(tiny), experiment, kill_at=number)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        kills += 1
        assert trained(cleared(tiny), experiment) == 0, f"after a kill at call {number}"
        assert made(tiny) == whole, f"after a kill at call {number}"
    assert kills >= (50 if ALL else 2)
    assert not list((tiny / "results" / ".resume").glob("*")), "no state is left"
    print(f"{experiment.name}: killed at {kills} write calls, each time the same bits.")


def test_an_orphan_and_its_successor_are_never_mixed(tiny: Path) -> None:
    """Two writers of one job with other settings, the second begun while the first is at work."""
    wanted = {}
    for seed in (1, 2):
        assert trained(tiny, replace(NETWORK, seed=seed)) == 0
        wanted[seed] = made(tiny)
    assert wanted[1] != wanted[2]
    lock = tiny / "results" / job.LOCKS / "train.log.lock"
    chance = random.Random(5)
    for _ in range(20 if ALL else 4):
        orphan = training(cleared(tiny), NETWORK)
        while f"process {orphan}\n" not in lock.read_text():
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.5))
        successor = training(cleared(tiny), replace(NETWORK, seed=2))
        assert [ended(orphan), ended(successor)] == [0, 0]
        assert made(tiny) == wanted[2], "every file is of the second writer"
