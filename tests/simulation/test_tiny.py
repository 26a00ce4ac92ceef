"""Tiny photographs: quick, and as true to their seed and label as the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay import files, seals, simulate
from assay.faults import BadInput
from assay.simulation import tiny
from assay.simulation.laboratory import Laboratory


def made(folder: Path, samples: int = 40, **settings: object) -> pd.DataFrame:
    paths = folder / "photos", folder / "labels.csv", folder / "truth.csv"
    simulate.simulate(*paths, preset="tiny", samples=samples, **settings)
    return files.read_table(folder / "labels.csv")


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.png")}


def test_the_tables_are_those_of_the_other_presets(tmp_path: Path) -> None:
    labels = made(tmp_path, 25, photos_per_sample=2)
    assert list(labels) == ["image", "concentration", "sample", "session", "lot"]
    assert labels["sample"].nunique() == 25
    assert list(labels["session"][[0, 1, 40]]) == ["session-00", "session-00", "session-00"]
    truth = files.read_table(tmp_path / "truth.csv")
    assert labels[["image", "concentration"]].equals(truth[["image", "concentration"]])
    assert labels["concentration"][2] == Laboratory().concentration(1)
    seals.check_folder(tmp_path / "photos")
    for image in labels["image"]:
        with Image.open(tmp_path / "photos" / image) as picture:
            assert (picture.size, picture.mode, picture.format) == ((8, 8), "RGB", "PNG")
    assert len(set(content(tmp_path / "photos").values())) == 50


def test_bytes_hang_on_the_seed_and_on_nothing_else(tmp_path: Path) -> None:
    made(tmp_path / "a")
    made(tmp_path / "b", 60, photos_per_sample=2, workers=2)
    made(tmp_path / "c", seed=2)
    first, more, other = (content(tmp_path / name / "photos") for name in "abc")
    assert first == {name: more[name] for name in first}
    assert not set(first.values()) & set(other.values())
    (tmp_path / "0000").mkdir()
    tiny.draw(Laboratory(), tmp_path, 1, range(7, 8))
    assert (tmp_path / tiny.image_name(7)).read_bytes() == first["0000007_0.png"]


def test_the_colour_tells_the_concentration(tmp_path: Path) -> None:
    labels = made(tmp_path, 200)
    pictures = [Image.open(tmp_path / "photos" / image) for image in labels["image"]]
    means = np.array([np.asarray(picture).mean(axis=(0, 1)) for picture in pictures])
    inputs = np.log(means / 255)
    inputs = np.column_stack([np.ones(200), inputs, inputs**2])
    known = labels["concentration"].to_numpy()
    left = known - inputs @ np.linalg.lstsq(inputs, known, rcond=None)[0]
    assert left.std() < 0.15 * known.std()


def test_no_folder_holds_more_than_ten_thousand_samples() -> None:
    assert tiny.image_name(9_999) == "0000/0009999_0.png"
    assert tiny.image_name(10_000, 1) == "0001/0010000_1.png"


def test_they_are_png_files_only(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="tiny photographs are PNG"):
        made(tmp_path, file_format="jpeg")
