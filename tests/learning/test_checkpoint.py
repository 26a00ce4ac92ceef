"""An interrupted training goes on, and ends as one that was not, to the bit."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from assay import files, job, train
from assay.experiment import Experiment
from assay.learning import checkpoint
from assay.learning.checkpoint import Checkpoint
from cutting import Killed, cut

# dropout draws random numbers at each step
NETWORK = Experiment(
    "net", options={"width": 0.0625, "dropout": 0.3}, size=16, epochs=2, batch_size=8
)
OUTPUTS = ["model.safetensors", "model.json", "history.csv", "predictions.csv"]
KINDS = {
    "adamw": NETWORK,
    "average": replace(NETWORK, ema=0.9),
    "sgd": replace(NETWORK, optimizer="sgd", learning_rate=0.01),
    "two stages": replace(NETWORK, head="two_stage", ema=0.9),
}


@pytest.fixture(autouse=True)
def _write_at_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)


def run(folder: Path, experiment: Experiment, out: str, resume: bool = True) -> dict[str, bytes]:
    inputs = [folder / "images.npy"], folder / "split.csv"
    kept = folder / ".resume" if resume else None
    train.train(*inputs, experiment, [1], 80.0, 350.0, folder / out, resume=kept)
    return {name: (folder / out / "fold1" / name).read_bytes() for name in OUTPUTS}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_cut_at_any_step_it_ends_the_same_to_the_bit(tiny: Path, kind: str) -> None:
    experiment = KINDS[kind]
    whole = run(tiny, experiment, "whole", resume=False)
    steps = 0
    for after in itertools.count(1):
        with pytest.MonkeyPatch.context() as patch:
            cut(patch, after)
            try:
                run(tiny, experiment, "cut")
                break
            except Killed:
                steps += 1
        with pytest.MonkeyPatch.context() as patch:  # and once more, a step later
            cut(patch, 2)
            with contextlib.suppress(Killed):
                run(tiny, experiment, "cut")
        assert run(tiny, experiment, "cut") == whole, f"cut after {after} steps"
        assert not list((tiny / ".resume").iterdir()), "a state is left"
    stages = 2 if experiment.head == "two_stage" else 1
    assert steps == stages * experiment.epochs * (2 + 1), "two batches and the end of an epoch"


def test_a_signal_writes_the_state_and_ends(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "SECONDS", 3600.0)
    whole = run(tiny, NETWORK, "whole", resume=False)
    monkeypatch.setattr(
        Checkpoint, "enter", lambda *a, enter=Checkpoint.enter: [enter(*a), term()][0]
    )
    with job.running("train", None), pytest.raises(job.Stopped):
        run(tiny, NETWORK, "cut")
    assert len(list((tiny / ".resume").glob("*/*.safetensors"))) == 1
    assert not (tiny / "cut").exists()
    monkeypatch.undo()
    assert run(tiny, NETWORK, "cut") == whole


def term() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_state_of_other_settings_goes_with_the_model_that_replaces_it(tiny: Path) -> None:
    """Found by killing a study 62 times whose settings changed meanwhile: a state stayed."""
    with pytest.MonkeyPatch.context() as patch:
        cut(patch, 1)
        with contextlib.suppress(Killed):
            run(tiny, replace(NETWORK, seed=2), "cut")
    assert len(list((tiny / ".resume").glob("*/*.safetensors"))) == 1
    run(tiny, NETWORK, "cut")
    assert not list((tiny / ".resume").iterdir()), "a state is left"


@pytest.mark.parametrize("change", ["experiment", "split", "damage"])
def test_a_state_of_other_work_or_a_damaged_one_is_not_used(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        cut(patch, 3)
        with pytest.raises(Killed):
            run(tiny, NETWORK, "cut")
    experiment = replace(NETWORK, learning_rate=0.003) if change == "experiment" else NETWORK
    if change == "split":
        table = files.read_table(tiny / "split.csv")
        files.write_table(tiny / "split.csv", table.assign(label=table["label"] + 1))
    if change == "damage":
        (state,) = (tiny / ".resume").glob("*/*.safetensors")
        state.write_bytes(state.read_bytes()[:-1])
    with caplog.at_level("INFO", logger="assay"):
        found = run(tiny, experiment, "cut")
    assert "Goes on" not in caplog.text
    assert ("is of no use" in caplog.text) == (change == "damage")
    assert found == run(tiny, experiment, "whole", resume=False)


def test_a_full_disk_costs_the_state_and_not_the_training(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = run(tiny, NETWORK, "whole", resume=False)
    write = files.write_bytes

    def full(path: Path, *words: object) -> None:
        if ".resume" in path.parts:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, *words)

    monkeypatch.setattr(files, "write_bytes", full)
    assert run(tiny, NETWORK, "kept") == whole
    assert "The disk is full" in caplog.text


def test_large_states_are_written_less_often(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Checkpoint(tiny / "state.safetensors")
    monkeypatch.setattr(checkpoint, "SECONDS", 20.0)
    kept = Checkpoint(tiny / "state.safetensors")
    assert not kept.due()
    kept._saved -= 21
    assert kept.due()
    assert not Checkpoint(None).due()
