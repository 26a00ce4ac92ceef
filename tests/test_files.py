from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load

from assay import files, seals
from assay.faults import BadInput


def test_a_failing_writer_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    with pytest.raises(TypeError), files.writing(path) as file:
        file.write("text, not bytes")
    assert path.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == [seals.path_of(path), path]


def test_a_table_comes_back_with_every_digit_and_names_as_text(tmp_path: Path) -> None:
    table = pd.DataFrame({"sample": ["001", "NA", ""], "label": [0.1 + 0.2, np.nan, 1e-300]})
    files.write_table(tmp_path / "t.csv", table)
    back = files.read_table(tmp_path / "t.csv")
    assert list(back["sample"]) == ["001", "NA", ""]
    assert back["label"][0] == 0.1 + 0.2
    assert np.isnan(back["label"][1])


def test_no_cell_is_a_formula_for_a_spreadsheet_and_all_come_back_as_they_were(
    tmp_path: Path,
) -> None:
    names = ["=1+1", "+a", "-5", "@a", "\ta", "'=a", "''-a", "'a", "a=b", "", "ü"]
    table = pd.DataFrame({"sample": names, "question": names, "value": -1.5})
    files.write_table(tmp_path / "t.csv", table)
    with (tmp_path / "t.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert not any(
        row[name][:1] in "=+-@\t" for row in rows for name in ("sample", "question") if row[name]
    )
    assert rows[0]["value"] == "-1.5"
    back = files.read_table(tmp_path / "t.csv")
    assert list(back["sample"]) == names
    assert list(back["question"].fillna("")) == names


def test_floats_survive_a_table_to_the_last_bit(tmp_path: Path) -> None:
    bits = np.random.default_rng(0).integers(0, 2**63, 20_000, dtype=np.int64)
    values = bits.view(np.float64)
    values = values[np.isfinite(values)]
    files.write_table(tmp_path / "t.csv", pd.DataFrame({"x": values}))
    assert np.array_equal(files.read_table(tmp_path / "t.csv")["x"], values)


def test_json_refuses_what_json_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(tmp_path / "a.json", {"x": float("nan")})
    assert not (tmp_path / "a.json").exists()


def stored(tmp_path: Path) -> Path:
    path = tmp_path / "images.npy"
    content = np.arange(2 * 3 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3, 3)
    files.save_array(path, content.shape, lambda target: np.copyto(target, content))
    return path


def test_an_array_comes_back_as_it_was(tmp_path: Path) -> None:
    array = files.load_array(stored(tmp_path), "resize")
    assert array.reshape(-1).tolist() == list(range(54))
    assert not array.flags.writeable


def test_an_empty_array_is_an_array(tmp_path: Path) -> None:
    files.save_array(tmp_path / "none.npy", (0, 4, 4, 3), lambda target: None)
    assert files.load_array(tmp_path / "none.npy", "augment").shape == (0, 4, 4, 3)


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "seal"])
def test_damage_is_refused_naming_file_and_rule(tmp_path: Path, damage: str) -> None:
    path = stored(tmp_path)
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[-1] ^= 1
    path.write_bytes({"cut": content[:-5], "empty": b""}.get(damage, content))
    if damage == "seal":
        seals.path_of(path).unlink()
    with pytest.raises(BadInput, match=r"E_CHANGED: .*images\.npy.*rule resize"):
        files.load_array(path, "resize")


def test_a_full_disk_is_an_error_before_the_work(tmp_path: Path) -> None:
    space = os.statvfs(tmp_path).f_frsize * os.statvfs(tmp_path).f_bavail
    with pytest.raises(OSError, match="space are needed"):  # asked, not tried: others live here
        files.save_array(tmp_path / "big.npy", (space // 1000 + 10**6, 1000), _never)
    assert not list(tmp_path.iterdir())


def _never(target: np.ndarray) -> None:
    raise AssertionError("the work began on a full disk")


def test_a_view_of_an_array_is_stored_as_what_it_shows() -> None:
    table = np.arange(12.0).reshape(3, 4)
    stored = load(files.safetensors({"column": table[:, 1], "turned": table.T}))
    assert (stored["column"] == [1, 5, 9]).all()
    assert (stored["turned"] == table.T).all()
