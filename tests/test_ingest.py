"""The step: all faults in one run, nothing dropped in silence."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import pictures
from assay import files
from assay.faults import BadInput
from assay.images import ReadingOptions
from laboratory import Lab, shot


def test_a_good_folder_becomes_a_table(lab):
    table = lab.ingest(folds=3)
    assert table["image"].tolist() == [f"{n}.png" for n in range(6)]
    assert table["row"].tolist() == [2, 3, 4, 5, 6, 7]
    assert table["sample"].tolist() == table["image"].tolist()
    assert table["twin"].nunique() == 6
    assert (table["width"].iloc[0], table["height"].iloc[0]) == (48, 36)
    assert table["sha256"].iloc[0] == files.sha256(lab.photos / "0.png")
    assert not lab.told()
    assert not lab.told("faults")
    summary = json.loads((lab.out / "summary.json").read_text())
    assert summary["photos"] == summary["rows"] == summary["independent"] == 6
    assert summary["formats"] == {"PNG": 6}
    assert len(summary["reading"]) == 64


def test_two_processes_give_the_same_bytes(lab):
    lab.add("again.png", shot(2)[::-1], 100)
    lab.ingest()
    alone = (lab.out / "photos.csv").read_bytes()
    lab.ingest(workers=3)
    assert (lab.out / "photos.csv").read_bytes() == alone


def plant(lab: Lab) -> list[str]:
    """Fifty faults of many kinds; returns their codes."""
    broken = {
        "E_CORRUPT": pictures.kinds()["rgb.png"].replace(b"IDAT", b"IDAU"),
        "E_TRUNCATED": pictures.kinds()["baseline.jpg"][:600],
        "E_NOT_IMAGE": b"<html>",
        "E_FORMAT": b"%PDF-1.4",
        "E_EMPTY": b"",
        "E_TOO_LARGE": pictures.png(b"", 90_000, 90_000),
        "E_ASPECT": pictures.png(b"", 900, 2),
        "E_ALPHA": pictures.save(np.zeros((40, 40, 4), np.uint8), "PNG"),
        "E_CMYK": pictures.save(np.zeros((40, 40, 4), np.uint8), "JPEG", "CMYK"),
        "E_FLOAT": pictures.tiff(np.zeros((40, 40), np.float32)),
    }
    for copy in range(2):
        for code, data in broken.items():
            lab.add(f"{code}{copy}", data, 100)
    cells = {
        "E_LABEL_MISSING": "nan",
        "E_LABEL_TEXT": "80 mg/L",
        "E_LABEL_NOT_FINITE": "inf",
        "E_LABEL_RANGE": "-5",
        "E_LABEL_CENSORED": "<80",
        "E_DECIMAL": "1,234",
    }
    for copy in range(2):
        for number, (code, cell) in enumerate(cells.items()):
            lab.add(f"{code}{copy}.png", shot(100 + 10 * copy + number), cell)
    names = ["gone.png", "../out.png", "/etc/hostname", "https://x.org/a.png", "folder", "NA", " "]
    (lab.photos / "folder").mkdir()
    lab.rows += [{"image": name, "concentration": 100} for name in names]
    codes = ["E_MISSING", "E_PATH", "E_PATH", "E_PATH", "E_SPECIAL", "E_MISSING", "E_MISSING"]
    for number in range(11):
        lab.add(f"pair{number}.png", shot(200 + number), 90)
        lab.rows.append({"image": f"./pair{number}.png", "concentration": 95})
    return [*broken, *broken, *cells, *cells, *codes, *["E_LABEL_CONFLICT"] * 11]


def test_fifty_planted_faults_are_told_in_one_run(lab):
    wanted = plant(lab)
    assert len(wanted) == 50
    assert sorted(lab.refused(low=0, high=1000, workers=2)) == sorted(wanted)
    for fault in lab.told("faults"):
        assert fault["message"].endswith(".")
        assert fault["file"]
        assert fault["row"]


def test_repeated_rows_twins_and_conflicts(lab):
    lab.rows.append({"image": "./0.png", "concentration": 80})
    (lab.photos / "link.png").symlink_to("1.png")
    lab.rows.append({"image": "link.png", "concentration": 90})
    lab.add("turned.png", np.rot90(shot(2)), 100)
    table = lab.ingest()
    assert lab.warned() == ["W_DUPLICATE_ROW", "W_DUPLICATE_ROW", "W_DUPLICATE"]
    assert len(table) == 7
    twin = dict(zip(table["image"], table["twin"], strict=True))
    assert twin["turned.png"] == twin["2.png"]
    assert len(set(twin.values())) == 6
    lab.add("copy.png", shot(3), 999)
    lab.rows.append({"image": "0.png", "concentration": 81})
    (lab.out / "photos.csv").unlink()
    assert lab.refused() == ["E_LABEL_CONFLICT", "E_LABEL_CONFLICT"]


def test_near_twins_share_a_group(lab):
    lab.add("again.jpg", pictures.save(shot(1), "JPEG", quality=75, subsampling=0), 90)
    table = lab.ingest()
    assert lab.warned() == ["W_NEAR_DUPLICATE"]
    assert table["twin"].tolist()[-1] == table["twin"].tolist()[1]


def test_samples_groups_and_splits_are_kept_as_text(lab):
    for number, row in enumerate(lab.rows):
        row |= {"id": f"00{number // 2}", "day": "NA", "set": ["train", "test", ""][number % 3]}
    settings = {"sample_column": "id", "group_column": "day", "split_column": "set"}
    table = lab.ingest(**settings)
    assert table["sample"].tolist() == ["000", "000", "001", "001", "002", "002"]
    assert set(table["group"]) == {"NA"}
    assert table["split"].tolist() == ["train", "test", ""] * 2
    assert lab.warned() == ["W_GROUP_LABEL"] * 3
    (lab.out / "photos.csv").unlink()
    assert lab.refused(folds=4, **settings) == ["E_TOO_FEW"]
    lab.rows[3]["id"] = " "
    assert lab.refused(**settings) == ["E_GROUP_MISSING"]


def test_too_few_samples_say_how_many_folds_are_possible(lab):
    with pytest.raises(BadInput, match=r"6 independent samples can't fill 10 folds.*at most 6"):
        lab.ingest(folds=10)


def test_constant_labels_are_refused_unless_allowed(lab):
    for row in lab.rows:
        row["concentration"] = 80
    assert lab.refused() == ["E_LABEL_CONSTANT"]
    assert len(lab.ingest(allow_constant=True)) == 6


@pytest.mark.parametrize(
    ("values", "outlying"),
    [
        ([80, 120, 160, 200, 240, 200_000], 1),
        ([0.1, 1, 10, 100, 1000, 10_000], 0),
        ([80, 120, 160, 200, 240, 280], 0),
        ([-3, -2, -1, 0, 1, 500], 1),
        ([80, 80, 80, 80, 80, 350], 0),
    ],
)
def test_far_values_are_told(lab, values, outlying):
    for row, value in zip(lab.rows, values, strict=True):
        row["concentration"] = value
    lab.ingest()
    assert lab.warned() == ["W_LABEL_OUTLIER"] * outlying


def test_censored_rows_are_counted(lab):
    lab.add("low.png", shot(50), "<80")
    lab.add("high.png", shot(51), ">350")
    assert lab.refused() == ["E_LABEL_CENSORED"] * 2
    assert len(lab.ingest(censored="drop")) == 6
    summary = json.loads((lab.out / "summary.json").read_text())
    assert (summary["rows"], summary["censored"], summary["dropped_censored"]) == (8, 2, 2)
    assert lab.ingest(censored="half")["label"].tolist()[-2:] == [40, 350]


def test_grey_among_colour_is_told_and_grey_alone_is_not(lab):
    lab.add("grey.png", shot(9)[..., 1], 200)
    lab.ingest()
    assert lab.warned() == ["W_GRAY"]
    grey = [{"image": "grey.png", "concentration": 200}]
    lab.rows = grey
    lab.ingest()
    assert set(lab.warned()) == {"W_UNLISTED"}


def test_regions_of_interest_are_checked_and_kept(lab):
    for row in lab.rows:
        row |= {"x": 1, "y": 2, "w": 20, "h": 20}
    lab.rows.append(lab.rows[0] | {"x": 25})
    columns = {"roi_columns": ["x", "y", "w", "h"]}
    table = lab.ingest(**columns)
    assert table[["roi_x", "roi_y", "roi_w", "roi_h"]].iloc[0].tolist() == [1, 2, 20, 20]
    assert (table["width"].iloc[0], table["twin"].nunique()) == (48, 7)
    (lab.out / "photos.csv").unlink()
    lab.rows[1]["w"] = 100
    lab.rows[2]["h"] = "1.5"
    assert sorted(lab.refused(**columns)) == ["E_ROI", "E_ROI"]


def test_options_reach_the_reader(lab):
    lab.add(
        "clear.png",
        pictures.save(np.dstack([shot(8), np.zeros((36, 48), np.uint8)]), "PNG"),
        99,
    )
    assert lab.refused() == ["E_ALPHA"]
    assert len(lab.ingest(options=ReadingOptions(alpha="drop"))) == 7


def test_a_first_look_needs_three_paths_and_no_torch(lab, root):
    plant(lab)
    table = lab.out.parent / "labels.csv"
    pd.DataFrame(lab.rows).to_csv(table, index=False)
    look = [sys.executable, "-X", "importtime", "-m", "assay.ingest", "--photos", lab.photos]
    look += ["--table", table, "--out", lab.out / "photos.csv"]
    done = subprocess.run(
        look,
        env=os.environ | {"PYTHONPATH": str(root / "workflow")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not [line for line in done.stderr.splitlines() if line.split("|")[-1].strip() == "torch"]
    assert "E_ALPHA: E_ALPHA0, row " in done.stderr
    assert "photos/s" in done.stderr or "/s)" in done.stderr
    assert len(lab.told("faults")) > 40


@pytest.mark.slow
def test_ten_thousand_tiny_photographs_are_quick(tmp_path):
    lab = Lab(tmp_path)
    generator = np.random.default_rng(3)
    for number in range(10_000):
        pixels = generator.integers(0, 250, (24, 24, 3)).astype(np.uint8)
        lab.add(f"{number:05d}.png", pixels, 80 + number / 100)
    import time

    start = time.perf_counter()
    assert len(lab.ingest(workers=2)) == 10_006
    assert time.perf_counter() - start < 30
