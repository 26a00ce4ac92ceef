"""The benchmarks measure what they say, on tiny sizes; the numbers themselves aren't judged."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from torch import nn

from assay import cli, config, models
from assay.experiment import Experiment
from assay.learning import replay
from assay.learning.footprint import multiply_adds
from bench import (
    card,
    card_case,
    clock,
    pictures,
    products,
    reporting,
    scale,
    starting,
    training,
    training_case,
    whole,
)
from bench.__main__ import GROUPS, options
from bench.clock import Cost
from bench.reporting import Table

TINY = Experiment("tiny", "vgg", {"width": 0.0625}, size=16, batch_size=8)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.01234, "0.0123"), (9.876, "9.88"), (99.96, "100.0"), (12345, "12,300")],
)
def test_a_number_has_three_figures(value: float, text: str) -> None:
    assert clock.number(value) == text


def test_a_spread_is_median_and_ends() -> None:
    assert clock.spread([3, 1, 2]) == "2.00 (1.00 to 3.00)"
    assert clock.spread([5.0], 2) == "5.0"


def test_a_step_is_clocked_apart_from_its_start(tiny: Path) -> None:
    words = clock.flags(table=tiny / "photos.csv", out=tiny / "again.csv", folds=3)
    costs = clock.step("split", words, tiny)
    assert (tiny / "again.csv").read_bytes()
    assert 0 < costs["start"].cpu <= costs["start"].wall + 1
    assert costs["work"].wall > 0
    assert 20 < costs["work"].peak < 4000
    with pytest.raises(RuntimeError, match="No such file"):
        clock.step("split", clock.flags(table=tiny / "absent.csv", out=tiny / "x.csv"), tiny)


def test_a_training_job_is_clocked_as_the_workflow_starts_it(tmp_path: Path) -> None:
    costs = starting.job(starting.material(tmp_path), starting.VGG, 1)
    assert list((tmp_path / "job").rglob("predictions.csv"))
    assert costs["start"].cpu > 0
    assert costs["work"].wall > 0
    assert costs["start"].wall < costs["first_step"].wall


@pytest.mark.parametrize("start", [["-m", "assay.train"], starting.ORDINARY])
def test_a_whole_job_is_clocked_however_it_is_started(tmp_path: Path, start: list[str]) -> None:
    assert starting.whole(start, starting.material(tmp_path), 1).cpu > 0
    assert list((tmp_path / "job").rglob("predictions.csv"))


def test_memory_is_the_command_s_own() -> None:
    filler = torch.zeros(300 * 2**18)  # 300 MiB of this process
    assert clock.run([sys.executable, "-S", "-c", "pass"]).peak < 100
    assert filler.sum() == 0


def test_products_are_those_of_the_convolutions() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.Flatten(), nn.Linear(8 * 16, 5))
    images = torch.zeros(2, 3, 4, 4)
    sizes = products.sizes_of(network, images)
    assert sizes == {(2 * 16, 27, 8): 1, (2, 128, 5): 1}
    assert products.operations(sizes) == 2 * multiply_adds(network, images)
    assert products.rate_of_sizes(sizes) > 0


@pytest.mark.parametrize("name", models.networks())
def test_products_of_every_architecture_are_its_multiply_adds(name: str) -> None:
    size = max(32, models.smallest(name)) // models.multiple(name) * models.multiple(name)
    network = models.load(name).build(3, size, 1, width=0.25)
    images = torch.zeros(1, 3, size, size)
    found = products.operations(products.sizes_of(network, images))
    assert found == 2 * multiply_adds(network, images)


def test_training_is_measured_by_steps() -> None:
    data = training_case.material(16, 16)
    by_steps = training_case.by_steps(TINY, data, budget=0.01)
    assert by_steps["per_second"] > 0
    assert by_steps["per_cpu_second"] > 0
    assert training_case.bare_step(TINY, data, budget=0.01) > 0


def test_without_a_group_the_first_three_are_measured() -> None:
    assert options([]).groups == ["pictures", "training", "starting"]
    assert options(["whole"]).groups == ["whole"]
    with pytest.raises(SystemExit):
        options(["nothing"])


@pytest.mark.parametrize("name", ["vgg", "plain_loop", "Assay", "vgg_optical_density"])
def test_only_what_can_be_measured_is_chosen(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert options(["--only", name]).only == [name]
    with pytest.raises(SystemExit):
        options(["--only", name[:-1]])
    assert f"invalid choice: '{name[:-1]}'" in capsys.readouterr().err


def test_a_row_of_training_tells_the_share(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"per_second": 10.0, "per_cpu_second": 20.0, "peak": 900.0}
    told |= {"operations_per_second": 7e9, "same_sizes": 1e10, "square": 2e10}
    told |= {"bare_per_cpu_second": 25.0}
    row = training.row(("vgg", 1.0, 16, "bfloat16"), [told])
    assert (row["architecture"], row["width"], row["precision"]) == ("vgg", "1", "bfloat16")
    assert (row["batch"], row["n"]) == ("16", "1")
    assert row["% of products, same sizes"] == "70.0"
    assert row["% of square products"] == "35.0"
    assert row["% of bare steps"] == "80.0"


@pytest.mark.parametrize("has", [True, False, None])
def test_training_in_bfloat16_is_measured_where_the_processor_has_it(
    has: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.machine, "multiplies_bfloat16", lambda: has)
    found = training.cases(None)
    assert [case for case in found if case[0] == "resnet"] == [("resnet", 1.0, 16, "float32")]
    precisions = ["float32", "bfloat16"] if has else ["float32"]
    assert training.cases(["vgg"]) == [("vgg", *vgg, p) for p in precisions for vgg in training.VGG]


def test_the_vgg_is_measured_in_the_batches_it_is_trained_in(root: Path) -> None:
    def trained(name: str) -> tuple[float, int]:
        vgg = config.load(yaml.safe_load((root / name).read_text())).experiment("vgg")
        return vgg.options.get("width", 1.0), vgg.batch_size

    seed, default = trained("workflow/studies/seed.yaml"), trained("config.yaml")
    assert (seed, (seed[0], default[1]), default) == training.VGG


def test_a_training_of_a_study_is_a_row_of_the_card(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(card_case, "PHOTOS", 20)
    monkeypatch.setattr(replay, "WARM", replay.WARM)  # what the case leaves is as it was
    out = tmp_path / "case.json"
    words = ["--study", "limit", "--experiment", "recommended", "--size", "16", "--epochs", "2"]
    monkeypatch.setattr(sys, "argv", ["card_case", *words, "--device", "cpu", "--out", str(out)])
    card_case.main()
    told = json.loads(out.read_text()) | {"card_bfloat16": 1e15, "at_once": 3}
    assert told["step"] > 0
    assert told["plain_step"] > 0
    row = card.row([told, told])
    assert (row["experiment"], row["at once"], row["n"]) == ("limit.yaml, recommended", "3", "2")
    assert told["per_second"] == pytest.approx(2 * 20 / told["seconds"])


def test_the_planned_time_counts_the_starts() -> None:
    run = {"start": Cost(1, 2), "work": Cost(3, 4)}
    results = {"ingest, 250 px PNG": [run], "resize to 64 px": [run]}
    text = pictures.planned(results, 500)
    assert "62.0 s on the wall, 84.0 s of processor" in text


def test_a_page_gets_its_table_and_keeps_the_rest(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- bench pictures -->\nold\n<!-- end pictures -->\nafter\n")
    chosen = options(["pictures", "--photos", "7", "--out", str(tmp_path), "--docs", str(page)])
    table = Table([{"a": "1"}, {"b": "2"}], {"x": [1.0]}, "A note.")
    reporting.write("pictures", table, reporting.circumstances(), chosen)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "| a | b |\n| --- | --- |\n| 1 |  |\n|  | 2 |" in text
    assert "`PYTHONPATH=tests python -m bench pictures --photos 7`" in text
    assert "old" not in text
    with pytest.raises(ValueError, match="no place"):
        reporting.replace(page, "training", "text")


def test_the_docs_have_a_place_for_every_table(root: Path) -> None:
    text = (root / "docs" / "benchmarks.md").read_text()
    for name in GROUPS:
        assert f"<!-- bench {name} -->" in text
        assert f"<!-- end {name} -->" in text


def test_the_scale_is_measured_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "NUMBERS", (30, 60, 1000))
    monkeypatch.setattr(scale, "SHARD", 40)
    monkeypatch.setattr(clock, "run", lambda words, *_: Cost(1.0, 2.0, 80.0))

    def step(name: str, words: list[str], folder: Path, *_: object) -> dict[str, Cost]:
        told = {"peak": float(folder.name), "worker_peak": 7.0}
        (folder / "clocked.json").write_text(json.dumps(told))
        cli._run(getattr(import_module(f"assay.{name}"), name), words)
        return {"start": Cost(1, 1), "work": Cost(2, 3)}

    monkeypatch.setattr(clock, "step", step)
    table = scale.measure(tmp_path, options(["scale", "--largest", "60", "--workers", "1"]))
    steps = [row["step"] for row in table.rows]
    assert steps == [*["simulate", "survey", "ingest", "split", "resize"] * 2, steps[-1]]
    assert table.rows[6] == {
        "step": "survey",
        "photographs": "60",
        "jobs": "2",
        "s": "6.00",
        "s of processor": "8.00",
        "peak MiB": "60.0",
        "its largest worker": "7.00",
        "MiB a million more": "1,000,000",
    }
    assert len(pd.read_csv(tmp_path / "60" / "split.csv")) == 60


def test_a_whole_run_starts_in_an_empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[list[str]] = []

    def run(words: list[object], *_: object) -> Cost:
        told.append(list(map(str, words)))
        return Cost(60.0, 90.0, 800.0)

    monkeypatch.setattr(clock, "run", run)
    table = whole.measure(tmp_path, options(["whole", "--repeats", "2"]))
    assert table.rows[0]["s"] == "60.0 (60.0 to 60.0)"
    assert [list(Path(words[6]).iterdir()) for words in told] == [[], []]
