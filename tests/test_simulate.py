from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay import files, simulate
from assay.faults import BadInput
from assay.simulation import camera
from assay.simulation.laboratory import Laboratory
from assay.simulation.scene import light


def made(folder: Path, **settings: object) -> dict[str, Path]:
    paths = {name: folder / f"{name}.csv" for name in ("labels", "truth")}
    paths["photos"] = folder / "photos"
    settings = {"samples": 4, "size": 30} | settings
    simulate.simulate(**paths, **settings)
    return paths


def content(photos: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in photos.iterdir()}


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> dict[str, Path]:
    return made(tmp_path_factory.mktemp("lab"), photos_per_sample=2)


def test_tables_and_photographs_belong_together(lab):
    labels, truth = files.read_table(lab["labels"]), files.read_table(lab["truth"])
    assert list(labels) == ["image", "concentration", "sample", "session", "lot"]
    assert set(labels["image"]) == set(content(lab["photos"]))
    assert list(labels["sample"]) == [f"0000{number}" for number in (0, 0, 1, 1, 2, 2, 3, 3)]
    pd.testing.assert_frame_equal(
        labels[["image", "concentration"]], truth[["image", "concentration"]]
    )
    assert labels["concentration"][0] == Laboratory().concentration(0)  # no digit is lost
    for image in labels["image"]:
        with Image.open(lab["photos"] / image) as picture:
            assert (picture.size, picture.mode) == ((30, 30), "RGB")


def test_truth_tells_every_nuisance(lab):
    truth = files.read_table(lab["truth"])
    assert set(Laboratory("field").priors()) < set(truth)
    assert truth["spots"].dtype == np.int64


def test_bytes_do_not_depend_on_workers_or_on_the_number_of_samples(lab, tmp_path):
    expected = content(lab["photos"])
    more = content(made(tmp_path / "more", photos_per_sample=3, samples=6, workers=2)["photos"])
    assert expected == {name: more[name] for name in expected}
    assert len(more) == 18


def test_one_photograph_can_be_drawn_again_alone(lab):
    laboratory = Laboratory()
    photo = camera.photograph(light(laboratory.scene(2, 1), 30), laboratory.noise(2, 1))
    assert camera.encode(photo, "png") == content(lab["photos"])["00002_1.png"]


def test_field_has_sessions_and_lots_and_jpeg_is_jpeg(tmp_path):
    paths = made(tmp_path, preset="field", sessions=4, samples=8, file_format="jpeg", levels=4)
    labels = files.read_table(paths["labels"])
    assert list(labels["session"][:4]) == [f"session-0{n}" for n in range(4)]
    assert list(labels["lot"][:4]) == ["lot-00", "lot-00", "lot-01", "lot-01"]
    assert sorted(labels["concentration"]) == [80, 80, 170, 170, 260, 260, 350, 350]
    for path in paths["photos"].iterdir():
        assert path.suffix == ".jpg"
        with Image.open(path) as picture:
            assert picture.format == "JPEG"


def test_a_folder_made_before_is_replaced(tmp_path):
    made(tmp_path, samples=3)
    made(tmp_path, samples=2)
    assert set(content(tmp_path / "photos")) == {"00000_0.png", "00001_0.png"}


def test_nothing_half_made_is_left(tmp_path, monkeypatch):
    def fails_at_the_third(photo, file_format, calls=[]):  # noqa: B006
        calls.append(1)
        if len(calls) == 3:
            raise OSError("No space left on device")
        return b"picture"

    monkeypatch.setattr(camera, "encode", fails_at_the_third)
    with pytest.raises(OSError, match="No space"):
        made(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"samples": 0}, "samples is 0"),
        ({"sessions": 0}, "sessions is 0"),
        ({"workers": 0}, "workers is 0"),
        ({"low": 350.0, "high": 80.0}, "350 to 80"),
        ({"low": 0.0}, "0 to 350"),
    ],
)
def test_impossible_settings_are_refused_before_anything_is_made(tmp_path, settings, words):
    with pytest.raises(BadInput, match=words):
        made(tmp_path, **settings)
    assert list(tmp_path.iterdir()) == []
