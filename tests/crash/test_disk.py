"""A disk that fills up anywhere: nothing short counts, and with space the work ends the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
import torch
from study import Study, checkout
from test_writes import ALL, NETWORK, OUTPUTS, ended, start

from assay import (
    augment,
    cli,
    files,
    ingest,
    resize,
    seals,
    simulate,
    split,
    train,
)
from assay.experiment import Augmentation
from assay.learning import checkpoint

pytestmark = pytest.mark.slow

POINTS = 40 if ALL else 4
SIZE = 16_000_000  # bytes of the disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"no disk can be mounted: {error}")
    if done.returncode:
        pytest.skip(f"no disk can be mounted: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@dataclass
class Step:
    """A step with its words; what it makes is named in `outputs`, `more` lies in a folder."""

    function: Callable[..., None]
    words: dict[str, object]
    named: dict[str, Path]
    more: tuple[Path, ...] = ()

    @property
    def outputs(self) -> list[Path]:
        return [*self.named.values(), *self.more]

    def run(self, results: Path, said: Path) -> int:
        """Run it as a job in a process of its own; its exit code, what it said in a file."""
        pairs = self.words | self.named
        words = [f"--{name.replace('_', '-')}={value}" for name, value in pairs.items()]
        log = results / "logs" / f"{self.function.__name__}.log"

        def work() -> None:
            os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
            sys.stderr = os.fdopen(2, "w", 1, closefd=False)  # not the one that pytest keeps
            torch.set_num_threads(1)
            checkpoint.SECONDS, checkpoint.SHARE = 0.0, 1e9
            cli.run(self.function, [*words, f"--log={log}"])

        return ended(start(work))

    def done(self) -> bool:
        return all(path.exists() for path in self.outputs)

    def clear(self) -> None:
        """Remove what it makes, as a driver does when it failed."""
        for path in self.outputs:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def named(folder: Path, *names: str) -> dict[str, Path]:
    """Outputs by the name of their flag: that of the file, without its end."""
    return {name.split(".")[0]: folder / name for name in names}


def chain(results: Path) -> list[Step]:
    """A small run from the photographs to the leaderboard."""
    sim, got, job = results / "simulate", results / "ingest", results / "train" / "net"
    photos, labels, listing = sim / "photos", sim / "labels.csv", got / "photos.csv"
    array, dealt = results / "arrays" / "images.npy", results / "split.csv"
    copies = {"out": results / "augment" / "images.npy", "copies": results / "augment" / "c.csv"}
    small = {"samples": 8, "size": 64}
    drawn = named(sim, "photos", "labels.csv", "truth.csv")
    read = {"photos": photos, "table": labels, "sample_column": "sample", "workers": 1}
    preset = json.dumps(asdict(Augmentation(copies=3, turn="any")))
    given = {"images": array, "split": dealt}
    network = json.dumps(asdict(NETWORK) | {"size": 64})
    return [
        Step(simulate.simulate, small, drawn),
        Step(ingest.ingest, read, {"out": listing} | named(got, "summary.json", "warnings.csv")),
        Step(resize.resize, {"photos": photos, "table": listing, "size": 64}, {"out": array}),
        Step(split.split, {"table": listing, "test": 0, "folds": 2}, {"out": dealt}),
        Step(augment.augment, given | {"preset": preset, "size": 64, "seed": 1}, copies),
        Step(
            train.train,
            given
            | {"augmented": copies["out"], "copies": copies["copies"], "experiment": network}
            | {"folds": 1, "low": 80, "high": 350, "out": job, "resume": results / ".resume"},
            {},
            tuple(job / "fold1" / name for name in OUTPUTS),
        ),
    ]


def run(results: Path, said: Path) -> int:
    """Run what is not done yet up to the first step that fails; its exit code."""
    for step in chain(results):
        if not step.done():
            step.clear()
            code = step.run(results, said)
            if code:
                step.clear()
                return code
    return 0


def digests(results: Path) -> dict[str, str]:
    """SHA-256 of all that is made; each file is what its seal says, or the test fails."""
    found = {}
    for step in chain(results):
        for path in step.outputs:
            if path.is_dir():
                seals.check_folder(path)
            elif path.exists():
                found[str(path.relative_to(results))] = files.digest(files.check(path))
    return {name: digest for name, digest in found.items() if "speed" not in name}


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6, 0.8] if ALL else [0.5])
def test_a_run_on_a_full_disk_goes_on_when_there_is_space(
    disk: Path, tmp_path: Path, share: float
) -> None:
    """Snakemake's own notes are cut off as well: repeating the command is all the same enough."""
    study = Study(checkout(tmp_path / "checkout"), disk / "w")
    free = used(disk)
    study.finish()
    whole, need = study.digests(), used(disk) - free
    study.clear()
    ballast = disk / "ballast"
    ballast.write_bytes(b"\0" * int(shutil.disk_usage(disk).free - share * need))
    assert study.start().wait(600) != 0, "the disk was large enough"
    ballast.unlink()
    study.finish()
    assert study.digests() == whole


def used(disk: Path) -> int:
    return shutil.disk_usage(disk).used


def test_a_disk_that_fills_up_leaves_nothing_short(disk: Path, tmp_path: Path) -> None:
    results, said = disk / "results", tmp_path / "said.txt"
    assert run(results, said) == 0, said.read_text()
    whole, need = digests(results), used(disk)
    full = 0
    for point in range(POINTS):
        shutil.rmtree(results)
        said.unlink()
        ballast = disk / "ballast"
        ballast.write_bytes(b"\0" * (shutil.disk_usage(disk).free - need * point // POINTS))
        code = run(results, said)
        assert code in (0, 2), said.read_text()
        assert (code == 2) == ("E_DISK" in said.read_text())
        assert "Traceback" not in said.read_text()
        full += code == 2
        digests(results)
        ballast.unlink()
        assert run(results, said) == 0, said.read_text()
        assert digests(results) == whole, f"filled at {point} of {POINTS}"
    assert full >= POINTS // 2
    print(f"The disk was full at {full} of {POINTS} points, nothing short was left.")
