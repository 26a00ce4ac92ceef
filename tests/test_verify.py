from __future__ import annotations

from pathlib import Path

import pytest

from assay import files, seals, verify
from assay.faults import BadInput
from test_record import recorded

__all__ = ["recorded"]  # a fixture


def faults(results: Path) -> list[tuple[str, str]]:
    """Names within the run, or beside it, and messages of what is told to differ."""
    with pytest.raises(BadInput) as refused:
        verify.verify(results / "run.json")
    found = [(fault.file, fault.message) for fault in refused.value.faults]
    return [(str(Path(file).relative_to(results.parent)), text) for file, text in found]


def test_an_untouched_run_is_as_written(recorded: Path) -> None:
    verify.verify(recorded / "run.json")


def test_each_difference_is_named(recorded: Path) -> None:
    model = recorded / "train" / "vgg" / "fold0" / "model.safetensors"
    model.write_bytes(b"\2")
    other = recorded / "train" / "vgg" / "fold1" / "model.safetensors"
    files.write_bytes(other, b"sealed anew")
    files.write_text(recorded / "report.html", "a page that no record lists")
    (recorded / "report.html").write_text("altered")
    (recorded.parent / "photos" / "a.png").write_text("another")
    (recorded.parent / "photos" / "ü b.png").unlink()
    (recorded.parent / "labels.csv").write_text("other\n")
    told = dict(faults(recorded))
    assert len(told) == 6
    assert "bytes are not those" in told["results/train/vgg/fold0/model.safetensors"]
    assert (
        "isn't the file that this run recorded" in told["results/train/vgg/fold1/model.safetensors"]
    )
    assert "bytes are not those" in told["results/report.html"]
    assert "not the photograph that was ingested" in told["photos/a.png"]
    assert told["photos/ü b.png"] == "the photograph is gone."
    assert "not the table that was read" in told["labels.csv"]


def test_settings_must_give_their_own_digest(recorded: Path) -> None:
    told = files.read_json(recorded / "run.json")
    told["settings"]["title"] = "y"
    files.write_json(recorded / "run.json", told)
    assert faults(recorded) == [("results/run.json", "its settings aren't those of their digest.")]


def test_a_seal_that_a_deleted_file_left_is_no_difference(recorded: Path) -> None:
    files.write_text(recorded / "old.csv", "x")
    (recorded / "old.csv").unlink()
    assert seals.path_of(recorded / "old.csv").is_file()
    verify.verify(recorded / "run.json")


def test_a_missing_artefact_is_a_difference(recorded: Path) -> None:
    (recorded / "train" / "vgg" / "fold0" / "model.safetensors").unlink()
    ((name, message),) = faults(recorded)
    assert name == "results/train/vgg/fold0/model.safetensors"
    assert message == "No such file."
