from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay import files, predict
from assay.faults import BadInput
from assay.method import container


@pytest.fixture
def copy(baseline_method: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(baseline_method, tmp_path / "m"))


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change method.json as someone would who means harm."""
    described = json.loads((folder / "method.json").read_text())
    change(described)
    (folder / "method.json").write_text(json.dumps(described))


def swap(folder: Path, name: str, content: bytes) -> None:
    """Put other bytes into a file, and their size and SHA-256 into method.json."""
    path = folder / name
    path.write_bytes(content)
    entry = {"bytes": len(content), "sha256": files.sha256(path)}
    edit(folder, lambda described: described["files"].update({name: entry}))


def refused(folder: Path, small_run: Path) -> str:
    """The one fault under which predicting is refused."""
    with pytest.raises(BadInput) as caught:
        predict.predict(folder, [small_run / "photos"], out=folder.parent / "o.csv")
    (fault,) = caught.value.faults
    assert not (folder.parent / "o.csv").exists()
    return str(fault)


def test_what_was_written_is_read(copy: Path, tmp_path: Path) -> None:
    first = container.read(copy)
    contents = {name: first.content(name) for name in first.description.files}
    again = container.write(tmp_path / "again", replace(first.description, licence="x"), contents)
    assert replace(again.description, licence="", files={}) == replace(first.description, files={})
    assert again.digest != first.digest


def test_one_flipped_byte_is_refused(copy: Path, small_run: Path) -> None:
    for name in ("fold1.safetensors", "arrays.safetensors"):
        path = copy / name
        content = bytearray(path.read_bytes())
        content[-3] ^= 1
        kept, _ = path.read_bytes(), path.write_bytes(content)
        said = refused(copy, small_run)
        assert said.startswith("E_METHOD: ")
        assert name in said
        path.write_bytes(kept)


@pytest.mark.parametrize("name", ["fold0.safetensors", "arrays.safetensors", "method.json"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "folder", "link"])
def test_damaged_files_are_refused(copy: Path, small_run: Path, name: str, damage: str) -> None:
    path, content = copy / name, (copy / name).read_bytes()
    path.unlink()
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(content[:-10])
    elif damage == "folder":
        path.mkdir()
    elif damage == "link":
        path.symlink_to("/dev/zero")
    assert refused(copy, small_run).startswith("E_")


def header(shape: list[int], length: int, kind: str = "F64") -> bytes:
    words = {"coefficients": {"dtype": kind, "shape": shape, "data_offsets": [0, length]}}
    text = json.dumps(words).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "content",
    [
        header([4], 32) + bytes(16),
        header([2**40, 2**20], 32) + bytes(32),
        header([2**63], 32) + bytes(32),
        header([-4], 32) + bytes(32),
        header([4], 2**50) + bytes(32),
        header([4], 32, "OBJECT") + bytes(32),
        (2**62).to_bytes(8, "little") + bytes(64),
        b"\x80\x04cos\nsystem\n(S'true'\ntR.",
        b"PK\x03\x04" + bytes(60),
        header([5], 40) + bytes(40),
        header([2, 2], 32) + bytes(32),
        header([4], 32) + np.full(4, np.nan).tobytes(),
    ],
)
def test_arrays_that_lie_about_themselves_are_refused(
    copy: Path, small_run: Path, content: bytes
) -> None:
    swap(copy, "fold0.safetensors", content)
    assert refused(copy, small_run).startswith("E_METHOD")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda d: d.update(format=99), "reads formats 1 to 2"),
        (lambda d: d.pop("format"), "format"),
        (lambda d: d.update(format="1"), "format"),
        (lambda d: d.update(run="rm -rf /"), "run"),
        (lambda d: d.update(folds=10**9), "folds"),
        (lambda d: d.update(folds=3), "fold2"),
        (lambda d: d["experiment"].update(size=10**6), "size"),
        (lambda d: d["experiment"].update(architecture="../../etc/passwd"), "architecture"),
        (lambda d: d["experiment"].update(architecture="os"), "architecture"),
        (lambda d: d["experiment"].update(options={"zone": "moon"}), "options"),
        (lambda d: d["experiment"].update(options={"depth": 3}), "options"),
        (lambda d: d.update(kind="network"), "kind"),
        (lambda d: d["quantity"].update(low=400), "quantity"),
        (lambda d: d["interval"].update(confidence=2), "confidence"),
        (lambda d: d["adjustment"].update(slope=-1), "slope"),
        (lambda d: d["interval"].update(units=7), "calibration"),
        (lambda d: d["files"].update({"../x": {"bytes": 1, "sha256": ""}}), "no method has"),
        (lambda d: d["files"].update({"run.py": {"bytes": 1, "sha256": ""}}), "no method has"),
    ],
)
def test_descriptions_without_meaning_are_refused(
    copy: Path, small_run: Path, change: Callable[[dict[str, Any]], object], word: str
) -> None:
    edit(copy, change)
    said = refused(copy, small_run)
    assert said.startswith("E_METHOD")
    assert word in said


def test_other_numbers_under_a_right_digest_are_refused_by_the_proof(
    copy: Path, small_run: Path
) -> None:
    state = {name: array * 1.01 for name, array in container.read(copy).fold(0).items()}
    swap(copy, "fold0.safetensors", files.safetensors(state))
    assert refused(copy, small_run).startswith("E_METHOD_PROOF")
