from pathlib import Path

import pandas as pd
import pytest

from assay import files, limit, simulate
from assay.faults import BadInput
from assay.simulation.laboratory import Laboratory


def made(folder: Path, **settings: object) -> pd.DataFrame:
    settings = {"sizes": [8], "samples": 4, "size": 30, "limit_photos": 2} | settings
    limit.limit(folder / "limit.csv", **settings)
    return files.read_table(folder / "limit.csv")


def test_the_limit_has_the_chosen_photographs_at_every_size(tmp_path: Path) -> None:
    found = made(tmp_path, samples=9, limit_photos=3, sizes=[8, 16], workers=2)
    assert list(found) == ["image", "size", "concentration", "sd_limit"]
    assert list(found["size"]) == [8, 16] * 3
    known = [Laboratory().concentration(sample) for sample in range(9)]
    extremes = found["concentration"].min(), found["concentration"].max()
    assert extremes == (min(known), max(known))
    assert (found["sd_limit"] > 0).all()


def test_it_names_the_photographs_that_simulate_draws(tmp_path: Path) -> None:
    lab = {"samples": 4, "size": 30, "photos_per_sample": 2, "file_format": "jpeg", "seed": 5}
    names = ("photos", "labels.csv", "truth.csv")
    simulate.simulate(*(tmp_path / name for name in names), **lab)
    found = made(tmp_path, **lab, limit_photos=8)
    labels = files.read_table(tmp_path / "labels.csv")
    assert list(found["image"]) == list(labels["image"])
    assert list(found["concentration"]) == list(labels["concentration"])


def test_no_limit_is_a_table_without_rows(tmp_path: Path) -> None:
    found = made(tmp_path, limit_photos=0)
    assert list(found) == ["image", "size", "concentration", "sd_limit"]
    assert len(found) == 0


def test_a_size_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="sizes is 0"):
        made(tmp_path, sizes=[64, 0])
