from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import torch

import deliveries
import unsuitable
from assay import evaluate, files, predict
from assay.faults import BadInput
from pictures import save

WIDTH = 350 - 80


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def values(path: Path) -> np.ndarray:
    return np.array([float(row["concentration"]) for row in rows_of(path)])


def predicted(method: Path, run: Path, out: Path, **words: object) -> np.ndarray:
    """What is found of the run's test set."""
    table = deliveries.rows_of_test_set(run)
    predict.predict(method, [run / "photos"], table=table, out=out, **words)  # type: ignore[arg-type]
    return values(out)


def test_a_baselines_test_set_is_predicted_bit_for_bit(
    small_run: Path, baseline_method: Path, tmp_path: Path
) -> None:
    wanted = files.read_table(small_run / "mean" / "test.csv")
    found = predicted(baseline_method, small_run, tmp_path / "o.csv")
    assert np.array_equal(found, wanted["found"].to_numpy())
    assert [row["image"] for row in rows_of(tmp_path / "o.csv")] == list(wanted["image"])
    spread = [float(row["spread"]) for row in rows_of(tmp_path / "o.csv")]
    assert np.array_equal(spread, wanted["spread"].to_numpy())


@pytest.fixture(params=[1, 2])
def scored(
    request: pytest.FixtureRequest, small_run: Path, tmp_path: Path
) -> Iterator[tuple[int, pd.DataFrame]]:
    """A number of threads, and the network's test set as the report has it with so many."""
    evaluate.evaluate(
        small_run / "split.csv",
        small_run / "vgg" / "leaderboard.csv",
        sorted(small_run.glob("train/vgg/fold*/model.safetensors")),
        [small_run / "16" / "images.npy"],
        *deliveries.RANGE,
        tmp_path / "test.csv",
        tmp_path / "scores.json",
        threads=request.param,
    )
    yield request.param, files.read_table(tmp_path / "test.csv")
    torch.set_num_threads(1)


def test_a_networks_test_set_is_predicted_bit_for_bit(
    small_run: Path, network_method: Path, tmp_path: Path, scored: tuple[int, pd.DataFrame]
) -> None:
    threads, wanted = scored
    words = {"runtime": "torch", "threads": threads}
    found = predicted(network_method, small_run, tmp_path / "o.csv", **words)
    assert np.array_equal(found, wanted["found"].to_numpy())
    spread = [float(row["spread"]) for row in rows_of(tmp_path / "o.csv")]
    assert np.array_equal(spread, wanted["spread"].to_numpy())


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
@pytest.mark.parametrize("batch", [1, 7, 64])
def test_any_batch_size_agrees_with_the_report(
    small_run: Path, network_method: Path, tmp_path: Path, runtime: str, batch: int
) -> None:
    words = {"runtime": runtime, "batch": batch, "threads": 1}
    found = predicted(network_method, small_run, tmp_path / "o.csv", **words)
    wanted = files.read_table(small_run / "vgg" / "test.csv")["found"].to_numpy()
    assert np.abs(found - wanted).max() < 1e-5 * WIDTH


NOTHING_ELSE = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        allowed = {"assay", "numpy", "PIL", "onnxruntime", "safetensors", "threadpoolctl", "tqdm"}
        root = name.partition(".")[0]
        if root in %r and root not in allowed:
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Absent())
from assay import cli, predict
cli.run(predict.predict, sys.argv[1:])
"""
INSTALLED = {
    *("torch", "torchvision", "pandas", "scipy", "sklearn", "matplotlib", "jinja2", "pydantic"),
    *("snakemake", "yaml", "onnx", "onnxscript", "openpyxl", "tifffile", "pillow_heif"),
}


@pytest.mark.parametrize("name", ["network_method", "baseline_method"])
def test_neither_torch_nor_the_training_data_are_needed(
    small_run: Path, tmp_path: Path, request: pytest.FixtureRequest, name: str
) -> None:
    method = shutil.copytree(request.getfixturevalue(name), tmp_path / "Methode ä")
    photo = shutil.copy(next((small_run / "photos").iterdir()), tmp_path / "new photo.png")
    words = [str(method), str(photo), "--out", str(tmp_path / "o.csv")]
    words += ["--page-out", str(tmp_path / "o.html"), "--samples", str(tmp_path / "s.csv")]
    program = NOTHING_ELSE % INSTALLED
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert time.perf_counter() - start < 30  # 0.5 s on a machine with nothing else to do
    assert 80 <= values(tmp_path / "o.csv")[0] <= 350


def test_torch_is_missed_with_a_sentence_where_it_is_asked_for(
    network_method: Path, small_run: Path, tmp_path: Path
) -> None:
    words = [str(network_method), str(small_run / "photos"), "--out", str(tmp_path / "o.csv")]
    program = NOTHING_ELSE % INSTALLED
    command = [sys.executable, "-c", program, *words, "--runtime", "torch"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("E_ENGINE: torch is not installed.")


@pytest.fixture
def folder(small_run: Path, tmp_path: Path) -> Path:
    """Photographs with awkward names, and a file that is none."""
    photos = sorted((small_run / "photos").iterdir())
    for name, photo in zip(("=1+1.png", "<img src=x>.png", "b.png"), photos, strict=False):
        shutil.copy(photo, tmp_path / name)
    (tmp_path / "broken.png").write_bytes(b"<!doctype html>")
    (tmp_path / "notes.txt").write_text("not a photograph")
    return tmp_path


def test_a_folder_is_read_whole_and_a_broken_picture_is_refused_by_name(
    baseline_method: Path, folder: Path
) -> None:
    out = folder / "results" / "o.csv"
    predict.predict(baseline_method, [folder], out=out)
    found = {row["image"]: row for row in rows_of(out)}
    assert set(found) == {"'=1+1.png", "<img src=x>.png", "b.png", "broken.png"}
    assert found["broken.png"]["verdict"] == "REFUSE"
    assert found["broken.png"]["concentration"] == found["broken.png"]["lower"] == ""
    assert "E_NOT_IMAGE" in found["broken.png"]["reason"]
    assert found["b.png"]["verdict"] != "REFUSE"
    lower, value, upper = (float(found["b.png"][n]) for n in ("lower", "concentration", "upper"))
    assert lower < value < upper


def test_names_are_text_in_page_and_workbook(baseline_method: Path, folder: Path) -> None:
    out = folder / "results"
    predict.predict(
        baseline_method,
        [folder],
        out=out / "o.csv",
        page_out=out / "o.html",
        xlsx=out / "o.xlsx",
    )
    page = (out / "o.html").read_text(encoding="utf-8")
    assert "&lt;img src=x&gt;.png" in page
    assert "<img src=x>" not in page
    assert page.count("data:image/jpeg;base64,") == 3
    assert not {"http:", "<script"} & set(page.split())
    sheet = openpyxl.load_workbook(out / "o.xlsx")["photographs"]
    assert sheet.max_row == 5
    cells = {sheet.cell(row, 1).value: sheet.cell(row, 1).data_type for row in range(2, 6)}
    assert cells["=1+1.png"] == "s"
    assert isinstance(sheet.cell(2, 3).value, float)


def test_replicates_are_combined_and_a_missing_file_is_one_refusal(
    baseline_method: Path, small_run: Path, tmp_path: Path
) -> None:
    images = sorted(path.name for path in (small_run / "photos").iterdir())[:3]
    table = tmp_path / "table.csv"
    lines = [f"{images[0]},one", f"{images[0]},one", f"{images[1]},two", "gone.png,two", "no.png,3"]
    table.write_text("\n".join(["image,sample", *lines]) + "\n")
    out, samples = tmp_path / "o.csv", tmp_path / "s.csv"
    photos = [small_run / "photos"]
    predict.predict(
        baseline_method, photos, table=table, sample_column="sample", out=out, samples=samples
    )
    single = rows_of(out)
    assert [row["verdict"] for row in single[3:]] == ["REFUSE", "REFUSE"]
    assert all(row["concentration"] for row in single[:3])
    assert "E_MISSING" in single[3]["reason"]
    found = {row["sample"]: row for row in rows_of(samples)}
    assert list(found) == ["one", "two", "3"]
    assert (found["one"]["used"], found["one"]["verdict"]) == ("2", single[0]["verdict"])
    assert float(found["one"]["concentration"]) == float(single[0]["concentration"])
    assert (found["two"]["used"], found["two"]["photographs"]) == ("1", "2")
    assert found["two"]["verdict"] == "WARN"
    assert found["3"]["verdict"] == "REFUSE"
    assert found["3"]["concentration"] == ""


def test_bad_words_are_refused(baseline_method: Path, small_run: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="one folder"):
        predict.predict(
            baseline_method, [small_run, small_run], table=tmp_path / "t.csv", out=tmp_path / "o"
        )
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no photographs"):
        predict.predict(baseline_method, [tmp_path / "empty"], out=tmp_path / "o")
    with pytest.raises(BadInput, match="no method"):
        predict.predict(tmp_path / "nowhere", [small_run / "photos"], out=tmp_path / "o")


@pytest.fixture(scope="module")
def good_method(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The method of a good baseline, of 200 photographs of 250 px."""
    run = tmp_path_factory.mktemp("good")
    deliveries.prepare(run, samples=200, size=250, folds=3)
    deliveries.run(run, deliveries.RIDGE, folds=3)
    return deliveries.deliver(run, deliveries.RIDGE, run / "method", threads=2)


@pytest.mark.slow
def test_each_kind_of_photograph_gets_the_right_verdict(good_method: Path, tmp_path: Path) -> None:
    kinds = unsuitable.kinds()
    for name, (content, _) in kinds.items():
        (tmp_path / name).write_bytes(content)
    predict.predict(good_method, [tmp_path], out=tmp_path / "o.csv")
    found = {row["image"]: row for row in rows_of(tmp_path / "o.csv")}
    wrong = {n: found[n] for n, (_, right) in kinds.items() if found[n]["verdict"] not in right}
    assert len(kinds) >= 25
    assert not wrong
    assert all(row["reason"] for row in found.values() if row["verdict"] != "OK")


@pytest.mark.slow
def test_suitable_photographs_are_accepted_and_covered(good_method: Path, tmp_path: Path) -> None:
    """n = 300 fresh photographs; the limits allow for chance in them and in the calibration."""
    deliveries.draw(tmp_path, samples=300, size=250, seed=2)
    labels = files.read_table(tmp_path / "labels.csv")
    predict.predict(
        good_method, [tmp_path / "photos"], table=tmp_path / "labels.csv", out=tmp_path / "o.csv"
    )
    found = files.read_table(tmp_path / "o.csv", sealed=False).merge(
        labels, on="image", suffixes=("", "_known")
    )
    refused = found["verdict"].eq("REFUSE")
    assert refused.mean() <= 0.02
    kept = found[~refused]
    known = kept["concentration_known"]
    inside = (kept["lower"] <= known) & (known <= kept["upper"])
    assert 0.84 <= inside.mean() <= 0.97


@pytest.mark.slow
def test_a_photograph_beyond_the_range_is_never_passed_over(
    good_method: Path, tmp_path: Path
) -> None:
    far, near = {20, 40, 500, 700}, {70, 365}
    for concentration in far | near:
        content = save(unsuitable.shot(unsuitable.usual(float(concentration))), "PNG")
        (tmp_path / f"{concentration}.png").write_bytes(content)
    predict.predict(good_method, [tmp_path], out=tmp_path / "o.csv")
    verdicts = {row["image"]: row["verdict"] for row in rows_of(tmp_path / "o.csv")}
    assert {verdicts[f"{one}.png"] for one in far} == {"REFUSE"}
    assert "OK" not in {verdicts[f"{one}.png"] for one in near}
