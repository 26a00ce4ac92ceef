"""The whole workflow, as a user runs it: from a path with a space and an umlaut."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from assay import files

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {
    "title": "A tiny study",
    "data": {
        "simulate": {"samples": 24, "photos_per_sample": 2},
        "columns": {"sample": "sample", "group": "session"},
    },
    "split": {"folds": 2, "test": 0.25},
    "full_size": 64,
    "shard_size": 20,  # three files of 20, 20 and 8 photographs
    "base": {"architecture": "vgg", "width": 0.0625, "size": 16, "epochs": 2, "batch_size": 8},
    "experiments": [
        {"name": "constant", "architecture": "constant"},
        {"name": "vgg"},
        {"name": "vgg_rotation", "augmentation": "rotation"},
        {"name": "mean_colour", "architecture": "mean_colour"},
    ],
    "reference": "vgg",
    "sample_size": {"experiments": ["mean_colour", "vgg_rotation"]},
    "transfer": {"experiments": ["mean_colour"], "standards": 1, "most_groups": 3},
    "saliency": 0,
}


def checkout_copy(root: Path, target: Path) -> Path:
    """The files of the checkout that a user gets, at another place."""
    shutil.copytree(
        root / "workflow", target / "workflow", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(root / "envs", target / "envs")
    for name in ("Snakefile", "config.yaml"):
        shutil.copy(root / name, target / name)
    return target


def command(checkout: Path, folder: Path, *words: str) -> list[str]:
    return [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(checkout / "Snakefile")),
        *("--directory", str(folder), "--configfile", str(folder / "study.yaml")),
        *("--cores", "2", "--rerun-incomplete", *words),
    ]


def run(
    checkout: Path, folder: Path, *words: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(checkout, folder, *words),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=os.environ | {"PYTHONPATH": ""} | environment,
    )


def study(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(SMALL | changes))
    return folder


@pytest.fixture(scope="module")
def done(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A copy of the checkout and a folder where the small study has run to its end."""
    place = tmp_path_factory.mktemp("Räume mit Platz")
    checkout = checkout_copy(root, place / "Prüf stand")
    folder = study(place / "Mein Versuch")
    result = run(checkout, folder)
    assert result.returncode == 0, result.stderr[-3000:]
    return checkout, folder


def jobs(result: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Jobs by rule of a dry-run."""
    lines = (result.stdout + result.stderr).splitlines()
    start = next((n for n, line in enumerate(lines) if line.startswith("job  ")), None)
    if start is None:
        return {}
    rows = [line.split() for line in lines[start + 2 :]]
    stop = next(n for n, row in enumerate(rows) if not row or row[0] == "total")
    return {row[0]: int(row[1]) for row in rows[:stop]}


def test_the_run_leaves_report_leaderboard_and_figures(done: tuple[Path, Path]) -> None:
    results = done[1] / "results"
    board = files.read_table(results / "leaderboard.csv").set_index("experiment")
    assert set(board.index) == {"constant", "vgg", "vgg_rotation", "mean_colour"}
    assert abs(board.loc["constant", "r2"]) < 0.3
    assert (results / "report.html").stat().st_size > 10_000
    assert list(results.glob("figures/**/*.png"))
    assert list(results.glob("figures/**/*.svg"))


def test_learning_curves_and_new_groups_are_part_of_the_run(done: tuple[Path, Path]) -> None:
    results = done[1] / "results"
    points = files.read_table(results / "sample_size" / "sample_size.csv")
    assert set(points["experiment"]) == {"mean_colour", "vgg_rotation"}
    whole = points[points["fold"].eq("pooled") & points["share"].eq(1)].set_index("experiment")
    board = files.read_table(results / "leaderboard.csv").set_index("experiment")
    assert whole["rmse"].to_dict() == board.loc[whole.index, "rmse"].to_dict()
    groups = files.read_table(results / "transfer" / "transfer.csv")
    assert groups["group"].iloc[-1] == "all groups"
    assert groups["rmse"].notna().any()
    page = (results / "report.html").read_text()
    assert 'href="#transfer"' in page
    assert 'href="#more-samples?"' in page


def test_no_copy_of_a_held_out_parent_was_trained_on(done: tuple[Path, Path]) -> None:
    results = done[1] / "results"
    dealt = files.read_table(results / "split" / "split.csv").set_index("photo")
    folder = results / "augment" / "rotation" / "16"
    copies = pd.concat(files.read_table(folder / f"shard{shard}.csv") for shard in range(3))
    parents = dealt.loc[copies["photo"]]
    assert parents["set"].eq("train").all()
    for fold in range(2):
        seen = files.read_json(results / f"train/vgg_rotation/fold{fold}/model.json")["photographs"]
        allowed = (parents["fold"] != fold).sum()
        assert seen["copies"] == allowed < len(copies)
    per_sample = dealt.groupby("sample")[["set", "fold"]].nunique()
    assert per_sample.to_numpy().max() == 1


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_a_second_run_has_nothing_to_do(done: tuple[Path, Path], hash_seed: str) -> None:
    result = run(*done, "--dry-run", PYTHONHASHSEED=hash_seed)
    assert "Nothing to be done" in result.stdout + result.stderr


def test_a_moved_checkout_has_nothing_to_do(done: tuple[Path, Path]) -> None:
    checkout, folder = done
    moved = checkout.rename(checkout.with_name("anderswo"))
    try:
        result = run(moved, folder, "--dry-run")
    finally:
        moved.rename(checkout)
    assert "Nothing to be done" in result.stdout + result.stderr


def test_touching_code_reruns_nothing_and_editing_reruns_what_hangs_on_it(
    done: tuple[Path, Path],
) -> None:
    checkout, folder = done
    page = checkout / "workflow" / "assay" / "models" / "mean_colour.py"
    page.touch()
    assert not jobs(run(checkout, folder, "--dry-run"))
    original = page.read_text()
    page.write_text(original + "\n# edited\n")
    try:
        found = jobs(run(checkout, folder, "--dry-run"))
    finally:
        page.write_text(original)
    assert found["fit"] == 1, "the two folds of mean_colour"
    assert "train" not in found
    assert not {"simulate", "ingest", "resize", "split", "augment"} & set(found)
    assert {"cross_validate", "evaluate", "report"} <= set(found)


def test_editing_a_setting_reruns_its_jobs_alone(done: tuple[Path, Path]) -> None:
    checkout, folder = done
    original = (folder / "study.yaml").read_text()
    experiments = [dict(entry) for entry in SMALL["experiments"]]
    experiments[1]["epochs"] = 3
    try:
        study(folder, experiments=experiments)
        found = jobs(run(checkout, folder, "--dry-run"))
    finally:
        (folder / "study.yaml").write_text(original)
    assert found["train"] == 2
    assert "augment" not in found


def test_a_flipped_bit_in_an_array_is_refused_before_use(done: tuple[Path, Path]) -> None:
    checkout, folder = done
    path = folder / "results" / "arrays" / "16" / "shard1.npy"
    content = path.read_bytes()
    try:
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        result = run(checkout, folder, "--forcerun", "train", "fit", "--until", "train", "fit")
    finally:
        path.write_bytes(content)
    assert result.returncode != 0
    assert "E_CHANGED: results/arrays/16/shard1.npy" in result.stderr
    assert "Traceback" not in result.stderr
    assert run(checkout, folder).returncode == 0, "and it mends itself"


def test_ctrl_c_and_the_same_command_finish_the_work(root: Path, tmp_path: Path) -> None:
    few: dict[str, Any] = {"experiments": SMALL["experiments"][:2]}
    folder = study(tmp_path / "w", **few, sample_size={}, transfer={})
    process = subprocess.Popen(
        command(root, folder),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # a background job of a shell ignores Ctrl-C, and its children would inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while not (folder / "results/logs/train").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the whole group
    process.communicate(timeout=60)
    assert process.returncode != 0
    result = run(root, folder)
    assert result.returncode == 0, result.stderr[-3000:]
    assert (folder / "results" / "report.html").is_file()


def own_data(folder: Path, rows: list[str]) -> Path:
    """Photographs p0.png ... p5.png and a table with the given rows."""
    from PIL import Image

    (folder / "photos").mkdir(parents=True)
    generator = np.random.default_rng(0)
    for number in range(6):
        pixels = generator.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "photos" / f"p{number}.png")
    (folder / "labels.csv").write_text("\n".join(["image,concentration", *rows]) + "\n")
    data = {"photos": "photos", "table": "labels.csv"}
    return study(folder, data=data, split={"folds": 3, "test": 0.0})


GOOD = [f"p{number}.png,{100 + 40 * number}" for number in range(6)]


@pytest.mark.parametrize(
    ("rows", "code", "said"),
    [
        ([*GOOD, "p7.png,100"], "E_MISSING", "p7.png"),
        ([*GOOD[:5], "p5.png,about 300"], "E_LABEL_TEXT", "about 300"),
        ([*GOOD[:5], "p5.png,999"], "E_LABEL_RANGE", "999"),
        (GOOD[:2], "E_TOO_FEW", "2"),
    ],
    ids=["missing file", "text label", "label out of range", "fewer samples than folds"],
)
def test_bad_data_get_a_sentence_before_any_training(
    root: Path, tmp_path: Path, rows: list[str], code: str, said: str
) -> None:
    folder = own_data(tmp_path / "own", rows)
    result = run(root, folder)
    assert result.returncode != 0
    sentence = next(line for line in result.stderr.splitlines() if line.startswith(code))
    assert said in sentence
    assert ("p7.png" if code == "E_MISSING" else "labels.csv") in sentence
    assert "Traceback" not in result.stderr
    assert not (folder / "results" / "train").exists()
    assert code in (folder / "results" / "ingest" / "faults.csv").read_text()


def test_a_misspelt_key_gets_one_sentence_and_no_traceback(root: Path, tmp_path: Path) -> None:
    result = run(root, study(tmp_path / "w", refrence="vgg"))
    assert result.returncode == 2
    said = [line for line in result.stderr.splitlines() if line.startswith("E_")]
    assert len(said) == 1
    assert "Did you mean 'reference'?" in said[0]
    assert "study.yaml" in said[0]
    assert "Traceback" not in result.stderr


def test_one_core_is_enough(done: tuple[Path, Path]) -> None:
    checkout, folder = done
    result = run(checkout, folder, "--cores", "1", "--dry-run", "--forceall")
    assert result.returncode == 0
    assert not jobs(run(checkout, folder, "--cores", "1", "--dry-run"))
