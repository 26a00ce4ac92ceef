"""From a run to a method that predicts, is set right, and refuses: by the workflow's own rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assay import files
from test_workflow import checkout_copy, jobs, run, study

pytestmark = pytest.mark.slow

TARGETS = ["results/predict/next day/predictions.csv", "results/recalibrate/standards/method.json"]


@pytest.fixture(scope="module")
def done(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A checkout and a folder where photographs of the next day, and standards, were measured."""
    place = tmp_path_factory.mktemp("Übergabe")
    checkout = checkout_copy(root, place / "Prüf stand")
    folder = study(place / "Mein Versuch", reference="mean_colour")
    assert run(checkout, folder, "results/method/method.json").returncode == 0
    photos = sorted((folder / "results" / "simulate" / "photos").glob("*.png"))
    for batch, chosen in (("next day", photos[:5]), ("standards", photos[5:13:2])):
        (folder / "new" / batch).mkdir(parents=True)
        for photo in chosen:
            shutil.copy(photo, folder / "new" / batch)
    (folder / "new" / "next day" / "blank.png").write_bytes(b"")
    labels = files.read_table(folder / "results" / "simulate" / "labels.csv")
    standards = labels[labels["image"].isin([photo.name for photo in photos[5:13:2]])]
    files.write_table(folder / "new" / "standards.csv", standards)
    result = run(checkout, folder, *TARGETS)
    assert result.returncode == 0, result.stderr[-3000:]
    return checkout, folder


def test_the_next_days_photographs_have_numbers_or_reasons(done: tuple[Path, Path]) -> None:
    batch = done[1] / "results" / "predict" / "next day"
    table = files.read_table(batch / "predictions.csv").set_index("image")
    assert len(table) == 6
    assert table.loc["blank.png", "verdict"] == "REFUSE"
    kept = table.drop(index="blank.png")
    assert kept["concentration"].between(80, 350).all()
    assert (kept["lower"] <= kept["upper"]).all()
    assert (batch / "predictions.html").stat().st_size > 5_000
    assert len(files.read_table(batch / "samples.csv")) == 6


def test_the_recalibrated_method_names_its_parent(done: tuple[Path, Path]) -> None:
    results = done[1] / "results"
    new = files.read_json(results / "recalibrate" / "standards" / "method.json")
    assert new["parent"] == files.sha256(results / "method" / "method.json")
    assert new["adjustment"]["standards"] >= 2


def test_a_second_run_does_nothing(done: tuple[Path, Path]) -> None:
    assert not jobs(run(*done, *TARGETS, "--dry-run"))
