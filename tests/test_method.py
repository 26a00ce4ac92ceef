"""From the default run to a method that predicts, is set right, and refuses: as a user would."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import unsuitable
from assay import files
from pictures import save
from test_workflow import checkout_copy, jobs, run

pytestmark = pytest.mark.slow

EXPERIMENTS = ("constant", "mean_optical_density", "colour_ridge", "vgg")
TARGETS = ["results/predict/next day/predictions.csv", "results/recalibrate/standards/method.json"]
REFUSED = {
    "white.png": unsuitable.white_card(),
    "negative.png": 255 - unsuitable.shot(unsuitable.usual()),
    "defocused.png": unsuitable.blurred(6),
    "strong.png": unsuitable.shot(unsuitable.usual(1200.0)),
}


def shrunk(root: Path) -> dict[str, Any]:
    """The default run with fewer photographs, epochs, folds and experiments."""
    settings = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    settings["data"]["simulate"]["samples"] = 60
    settings["split"]["folds"] = 2
    settings["base"] |= {"epochs": 2, "width": 0.0625}
    settings["experiments"] = [e for e in settings["experiments"] if e["name"] in EXPERIMENTS]
    return settings | {"reference": "constant", "questions": []}


@pytest.fixture(scope="module")
def done(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A checkout and a folder where photographs of the next day, and standards, were measured."""
    place = tmp_path_factory.mktemp("Übergabe")
    checkout, folder = checkout_copy(root, place / "Prüf stand"), place / "Mein Versuch"
    folder.mkdir()
    (folder / "study.yaml").write_text(yaml.safe_dump(shrunk(root)), encoding="utf-8")
    assert run(checkout, folder, "results/method/method.json").returncode == 0
    photos = sorted((folder / "results" / "simulate" / "photos").glob("*.png"))
    for batch, chosen in (("next day", photos[:5]), ("standards", photos[5:13:2])):
        (folder / "new" / batch).mkdir(parents=True)
        for photo in chosen:
            shutil.copy(photo, folder / "new" / batch)
    (folder / "new" / "next day" / "blank.png").write_bytes(b"")
    for name, pixels in REFUSED.items():
        (folder / "new" / "next day" / name).write_bytes(save(pixels, "PNG"))
    labels = files.read_table(folder / "results" / "simulate" / "labels.csv")
    standards = labels[labels["image"].isin([photo.name for photo in photos[5:13:2]])]
    files.write_table(folder / "new" / "standards.csv", standards)
    result = run(checkout, folder, *TARGETS)
    assert result.returncode == 0, result.stderr[-3000:]
    return checkout, folder


def test_the_next_days_photographs_have_numbers_or_reasons(done: tuple[Path, Path]) -> None:
    batch = done[1] / "results" / "predict" / "next day"
    table = files.read_table(batch / "predictions.csv", sealed=False).set_index("image")
    refused = ["blank.png", *REFUSED]
    assert len(table) == 5 + len(refused)
    assert table.loc[refused, "verdict"].eq("REFUSE").all()
    assert table.loc[refused, "concentration"].isna().all()
    assert table.loc[refused, "reason"].str.len().min() > 10
    kept = table.drop(index=refused)
    assert kept["verdict"].ne("REFUSE").all()
    assert kept["concentration"].between(80, 350).all()
    assert (kept["lower"] <= kept["upper"]).all()
    assert (batch / "predictions.html").stat().st_size > 5_000
    assert len(files.read_table(batch / "samples.csv", sealed=False)) == len(table)


def test_page_and_card_tell_what_the_intervals_held(done: tuple[Path, Path]) -> None:
    results = done[1] / "results"
    told = json.loads((results / "method" / "method.json").read_text(encoding="utf-8"))
    held = f"held {100 * told['interval']['tested'][-1]['share']:.1f} % of the known values"
    card = (results / "method" / "README.md").read_text(encoding="utf-8")
    page = (results / "predict" / "next day" / "predictions.html").read_text(encoding="utf-8")
    assert all(held in text and "median width" in text for text in (card, page))
    for limit in told["limits"].values():
        assert f"| {limit['refused']} of {limit['n']} |" in card


def test_the_report_and_the_command_line_give_the_same_bits(done: tuple[Path, Path]) -> None:
    results = done[1] / "results"
    reported = files.read_table(results / "evaluate" / "predictions.csv").set_index("image")
    labels = files.read_table(results / "simulate" / "labels.csv")
    files.write_table(done[1] / "test.csv", labels[labels["image"].isin(reported.index)])
    words = "results/method results/simulate/photos --table test.csv --out bits.csv"
    words = f"-m assay.predict {words} --runtime torch --threads 1"
    command = [sys.executable, *words.split()]
    subprocess.run(command, cwd=done[1], check=True, capture_output=True)
    found = (
        files.read_table(done[1] / "bits.csv", sealed=False)
        .set_index("image")
        .dropna(subset="spread")
    )
    assert len(found) >= 8, "of 12, by a poor method"
    assert np.array_equal(found["concentration"], reported["found"].loc[found.index])
    assert np.array_equal(found["spread"], reported["spread"].loc[found.index])


def test_the_recalibrated_method_names_its_parent(done: tuple[Path, Path]) -> None:
    results = done[1] / "results"
    new = json.loads(
        (results / "recalibrate" / "standards" / "method.json").read_text(encoding="utf-8")
    )
    assert new["parent"] == files.sha256(results / "method" / "method.json")
    assert new["adjustment"]["standards"] >= 2


def test_a_second_run_does_nothing(done: tuple[Path, Path]) -> None:
    assert not jobs(run(*done, *TARGETS, "--dry-run"))
