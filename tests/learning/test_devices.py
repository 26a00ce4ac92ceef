"""Leases on cards, by real processes; no card is needed, their number is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assay.faults import BadInput
from assay.learning import devices

JOB = """
import logging, sys, time
from pathlib import Path
from assay.learning import devices
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout, force=True)
devices.FOLDER, devices.PAUSE = Path(sys.argv[1]), 0.05
devices.lease(int(sys.argv[2]))
sys.stdout.flush()
time.sleep(60)
"""


class Jobs:
    """Processes that lease a card each, and say so line by line."""

    def __init__(self, folder: Path):
        self.folder, self.processes = folder, list[subprocess.Popen[str]]()

    def start(self, cards: int, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", JOB, str(self.folder), str(cards)],
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"]} | environment,
        )
        self.processes.append(process)
        return process


def said(process: subprocess.Popen[str]) -> str:
    """The next line of a job."""
    assert process.stdout
    return process.stdout.readline().strip()


@pytest.fixture
def jobs(tmp_path: Path):
    group = Jobs(tmp_path / "locks")
    yield group
    for process in group.processes:
        process.kill()
        process.communicate(timeout=10)


@pytest.fixture(autouse=True)
def _no_lease(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(devices, "held", {})
    monkeypatch.setattr(devices, "FOLDER", tmp_path / "locks")


def test_each_process_has_a_card_of_its_own_and_the_next_one_waits(jobs: Jobs) -> None:
    first, second = jobs.start(2), jobs.start(2)
    assert {said(first), said(second)} == {"Training on GPU 0.", "Training on GPU 1."}
    third = jobs.start(2)
    assert said(third) == "Waiting: other jobs hold all 2 GPUs (0, 1)."


def test_jobs_share_a_card_that_has_places_for_them_once_no_card_is_free(jobs: Jobs) -> None:
    shared = {devices.PLACES: "2"}
    lines = [said(jobs.start(2, **shared)) for _ in range(4)]
    assert sorted(lines[:2]) == ["Training on GPU 0.", "Training on GPU 1."]
    assert sorted(lines[2:]) == ["Training on GPU 0.", "Training on GPU 1."]
    assert said(jobs.start(2, **shared)) == "Waiting: other jobs hold all 2 GPUs (0, 1)."


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_lease_ends_with_the_process_however_it_ends(jobs: Jobs, end: signal.Signals) -> None:
    first = jobs.start(1)
    assert said(first) == "Training on GPU 0."
    second = jobs.start(1)
    assert said(second).startswith("Waiting")
    first.send_signal(end)
    assert said(second) == "Training on GPU 0."


def test_cards_are_known_by_what_cuda_visible_devices_says(jobs: Jobs) -> None:
    alone = jobs.start(1, CUDA_VISIBLE_DEVICES="3")
    assert said(alone) == "Training on GPU 3."
    both = jobs.start(2, CUDA_VISIBLE_DEVICES="3, GPU-8f6d")
    assert said(both) == "Training on GPU GPU-8f6d."
    assert said(jobs.start(1, CUDA_VISIBLE_DEVICES="GPU-8f6d")).startswith("Waiting")


def test_a_scheduler_s_jobs_may_count_their_own_cards_from_zero(jobs: Jobs) -> None:
    for job in ("17", "18"):
        started = jobs.start(1, CUDA_VISIBLE_DEVICES="0", SLURM_JOB_ID=job)
        assert said(started) == f"Training on GPU {job}-0."
    assert said(jobs.start(1, CUDA_VISIBLE_DEVICES="0", SLURM_JOB_ID="17")).startswith("Waiting")


def test_a_position_is_given_once_and_kept() -> None:
    environment = {"CUDA_VISIBLE_DEVICES": "7,5"}
    assert devices.lease(2, environment) == 0
    assert devices.lease(2, environment) == 0
    assert [path.name for path in devices.FOLDER.iterdir()] == ["7.lock"]


def test_training_takes_the_leased_card(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from assay.learning import training

    assert said(jobs.start(2)) == "Training on GPU 0."
    chosen: list[torch.device] = []
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setattr(training, "repeatable", lambda: None)  # it would hold for other tests, too
    assert training.device_of("cuda") == torch.device("cuda", 1)
    assert chosen == [torch.device("cuda", 1)]
    assert training.device_of("cpu") == torch.device("cpu")


def test_no_card_is_an_error_with_advice() -> None:
    with pytest.raises(BadInput, match=r"E_GPU: .* there is none.*--resources gpu=0"):
        devices.lease(0, {})


def test_a_folder_of_somebody_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "locks").symlink_to(tmp_path / "theirs")
    with pytest.raises(BadInput, match=r"E_GPU: .*locks: .* another user's"):
        devices.lease(1, {})
    (tmp_path / "locks").unlink()
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(BadInput, match=r"E_GPU: .*locks: .* another user's"):
        devices.lease(1, {})
