from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from assay import files, machine, record
from assay.faults import BadInput

SETTINGS = {"title": "x", "results": "results"}


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """The folder of a run with two photographs, two trained models and a record."""
    results = tmp_path / "results"
    (tmp_path / "photos").mkdir()
    rows = []
    for name in ("a.png", "ü b.png"):
        (tmp_path / "photos" / name).write_text(name)
        rows.append((name, hashlib.sha256(name.encode()).hexdigest()))
    (tmp_path / "labels.csv").write_text("image,concentration\n")
    table = pd.DataFrame(rows, columns=["image", "sha256"])
    files.write_table(results / "ingest" / "photos.csv", table)
    speeds, models = [], []
    for fold, card in enumerate(({}, {"gpu": "Card X"})):
        place = results / "train" / "vgg" / f"fold{fold}"
        speeds.append(place / "speed.json")
        files.write_json(speeds[-1], {"device": "cpu", "processor": "P"} | card)
        models.append(place / "model.safetensors")
        files.write_bytes(models[-1], bytes([fold]))
    write(tmp_path, speeds, [results / "ingest" / "photos.csv", *models])
    return results


def write(folder: Path, speeds: list[Path], artefacts: list[Path]) -> None:
    record.record(
        photos=folder / "photos",
        table=folder / "labels.csv",
        listing=folder / "results" / "ingest" / "photos.csv",
        speeds=speeds,
        artefacts=artefacts,
        settings=SETTINGS,
        command="make",
        packages=["numpy"],
        out=folder / "results" / "run.json",
    )


def test_the_record_tells_what_was_run_on_what(recorded: Path) -> None:
    told = files.read_json(recorded / "run.json")
    assert told["command"] == "make"
    assert told["settings"] == SETTINGS
    assert told["trained_on"] == ["Card X", "P"]
    assert told["data"]["number"] == 2
    assert told["data"]["table_sha256"] == files.sha256(recorded.parent / "labels.csv")
    assert {"python", "numpy"} == set(told["versions"])
    assert (
        told["artefacts"]["train/vgg/fold1/model.safetensors"] == hashlib.sha256(b"\1").hexdigest()
    )
    assert len(told["artefacts"]) == 3


def test_the_photographs_digest_is_that_of_sha256sum(recorded: Path) -> None:
    names = ["a.png", "ü b.png"]
    done = subprocess.run(
        ["sha256sum", *names], cwd=recorded.parent / "photos", capture_output=True, check=True
    )
    told = files.read_json(recorded / "run.json")["data"]["photographs_sha256"]
    assert told == hashlib.sha256(done.stdout).hexdigest()


def test_a_changed_artefact_is_not_recorded(recorded: Path) -> None:
    path = recorded / "train" / "vgg" / "fold0" / "model.safetensors"
    path.write_bytes(b"x")
    with pytest.raises(BadInput, match=r"E_CHANGED: .*fold0/model\.safetensors"):
        write(recorded.parent, [], [path])


def test_the_commit_is_told_and_whether_it_was_changed(root: Path) -> None:
    told = machine.source()
    asked = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    assert told["commit"] == (asked.stdout.strip() if asked.returncode == 0 else "unknown")
    assert told["changes"] in ("none", "uncommitted changes", "unknown")


def test_outside_git_the_commit_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = {"commit": "unknown", "changes": "unknown"}
    (tmp_path / "workflow" / "assay").mkdir(parents=True)
    monkeypatch.setattr(machine, "__file__", str(tmp_path / "workflow" / "assay" / "machine.py"))
    assert machine.source() == unknown
    monkeypatch.setenv("PATH", "")
    assert machine.source() == unknown
