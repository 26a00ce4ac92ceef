"""`make report` after a crash: a stale lock goes, a living run is left alone."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest


def recover(root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(root / "workflow" / "recover.py")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    folder = tmp_path / ".snakemake" / "locks"
    folder.mkdir(parents=True)
    (folder / "0.output.lock").write_text("results/report.html\n")
    return folder


def test_without_a_lock_nothing_is_done_and_nothing_said(root: Path, tmp_path: Path) -> None:
    done = recover(root, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())


def test_a_stale_lock_goes_and_that_is_said(root: Path, locks: Path) -> None:
    done = recover(root, locks.parents[1])
    assert done.returncode == 0
    assert "killed or crashed" in done.stderr
    assert not locks.exists()


def test_a_living_run_is_left_alone(root: Path, locks: Path) -> None:
    with (locks.parent / "assay.lock").open("a") as alive:
        fcntl.flock(alive, fcntl.LOCK_SH)
        done = recover(root, locks.parents[1])
    assert done.returncode == 2
    assert "Another run is at work in this folder" in done.stderr
    assert locks.exists()
    assert recover(root, locks.parents[1]).returncode == 0
