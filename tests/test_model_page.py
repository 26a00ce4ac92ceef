from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pages
import runs
from assay import cli, files, model_page, workbook
from assay.interactive import photographs
from assay.quantity import Quantity


class Page(HTMLParser):
    """Numbers by column, tags and scripts of a page."""

    def __init__(self, path: Path):
        super().__init__()
        self.text = path.read_text(encoding="utf-8")
        self.cells: dict[str, set[str]] = {}
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.scripts: list[str] = []
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if given.get("data-column") and given.get("data-value"):
            self.cells.setdefault(str(given["data-column"]), set()).add(str(given["data-value"]))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and data.strip():
            self.scripts.append(data)

    @property
    def plots(self) -> dict[str, Any]:
        """What the plots are drawn from."""
        return json.loads(self.scripts[0])

    def columns(self) -> dict[str, Any]:
        """The columns of the photographs."""
        found: dict[str, Any] = {}

        def walk(part: Any) -> None:
            if isinstance(part, dict):
                attributes = part.get("attributes")
                if isinstance(attributes, dict) and attributes.get("name") == "photographs":
                    found.update(dict(attributes["data"]["entries"]))
                for value in part.values():
                    walk(value)
            if isinstance(part, list):
                for value in part:
                    walk(value)

        walk(self.plots)
        return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Page]:
    """A run and the page of its experiment vgg."""
    folder = pages.run(tmp_path_factory.mktemp("run"))
    return folder, Page(pages.of_model(folder))


NUMBERS = {
    "groups": ["samples", "photographs", "bias", "sd", "rmse"],
    "group_effect": ["groups", "between", "within", "share", "p"],
    "interval_coverage": ["known", "samples", "inside", "share", "half_width"],
}


def test_numbers_in_page_csv_and_workbook_are_the_same(made: tuple[Path, Page]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    folder, page = made
    paths = [folder / f"{name}.csv" for name in NUMBERS]
    workbook.workbook(paths, folder / "tables.xlsx")
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    for name, columns in NUMBERS.items():
        table = files.read_table(folder / f"{name}.csv")
        rows = list(book[name].iter_rows(values_only=True))
        sheet = pd.DataFrame(rows[1:], columns=rows[0])
        mine = table[table["experiment"].eq("vgg")]
        for column in columns:
            csv = mine[column].dropna()
            assert len(csv), (name, column)
            kind = float if csv.dtype.kind == "f" else int
            assert {repr(kind(value)) for value in csv} <= page.cells[column], (name, column)
            assert list(sheet[column].dropna().astype(float)) == list(table[column].dropna())
    looks = files.read_table(folder / "saliency" / "vgg" / "photographs.csv")
    for column in ("shift", "random_mean", "random_highest", "label", "found"):
        assert {repr(float(value)) for value in looks[column]} <= page.cells[column]


def test_every_photograph_is_in_the_plots_with_its_numbers(made: tuple[Path, Page]) -> None:
    folder, page = made
    columns = page.columns()
    pooled = files.read_table(folder / "predictions.csv")
    own = pooled[pooled["experiment"].eq("vgg")]
    for name, wanted in {"known": own["label"], "found": own["found"]}.items():
        content = gzip.decompress(base64.b64decode(columns[name]["array"]["data"]))
        found = np.frombuffer(content, dtype=columns[name]["dtype"])
        assert list(found) == list(wanted)
    assert columns["image"] == list(own["image"])
    assert len(set(zip(columns["left"], columns["top"], strict=True))) == len(own)


def test_only_its_own_scripts_may_run_and_nothing_may_be_asked_for(made: tuple[Path, Page]) -> None:
    page = made[1]
    policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'; script-src 'sha256-" in policy, "of styles alone"
    for script in page.scripts[1:]:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    for tag, given in page.tags:
        assert tag not in ("link", "iframe", "object")
        assert not re.match("https?:", given.get("src", "data:"))


def test_what_users_wrote_stands_there_as_text(tiny: Path) -> None:
    folder = runs.make(tiny)
    pooled = files.read_table(folder / "predictions.csv")
    pooled.loc[pooled["image"].eq(runs.NASTY), "found"] = 349.0  # among the largest residuals
    files.write_table(folder / "predictions.csv", pooled)
    quantity = Quantity("<i>q</i>", "</script>", 80.0, 350.0)
    page = Page(pages.of_model(folder, quantity=quantity, maps=False))
    assert runs.NASTY not in page.text
    assert len(re.findall(r"<script\b", page.text)) == 3
    assert "<i>q" not in page.text
    assert "T <b>" not in page.text
    assert runs.NASTY in page.columns()["image"]
    assert html.escape(runs.NASTY, quote=False) in page.text


def test_every_figure_has_words_and_every_link_its_file(
    made: tuple[Path, Page],
) -> None:
    folder, page = made
    names = {given.get("id") for _, given in page.tags}
    figures = 0
    for tag, given in page.tags:
        if tag == "img" and given.get("class") != "thumbnail":
            figures += 1
            assert len(given["alt"]) > 60
        if tag == "a" and given["href"].startswith("#"):
            assert given["href"][1:] in names
        if tag == "a" and given["href"].startswith("../saliency"):
            assert (folder / "models" / given["href"]).is_file()
    assert figures == 6
    drawn = folder / "figures" / "experiments" / "vgg"
    for name in ("groups", "intervals", "saliency"):
        assert (drawn / f"{name}.png").is_file()
        assert (drawn / f"{name}.svg").is_file()


def test_the_same_tables_make_the_same_bytes(made: tuple[Path, Page]) -> None:
    folder, page = made
    assert pages.of_model(folder).read_text(encoding="utf-8") == page.text


def test_a_fold_that_failed_is_told_and_the_rest_is_shown(tiny: Path) -> None:
    page = Page(pages.of_model(runs.make(tiny, failing="vgg"), maps=False))
    assert "1 of 3 folds failed: the loss is no longer a number" in page.text
    assert len(page.columns()["image"]) > 10


def test_without_any_score_the_page_says_so_and_needs_no_script(tiny: Path) -> None:
    folder = runs.make(tiny)
    pooled = files.read_table(folder / "predictions.csv")
    pooled.loc[pooled["experiment"].eq("vgg"), "found"] = np.nan
    files.write_table(folder / "predictions.csv", pooled)
    for path in runs.jobs(folder, "model.json"):
        files.write_json(path, files.read_json(path) | {"failure": "out of memory"})
    page = Page(pages.of_model(folder))
    assert "Every fold failed: out of memory" in page.text
    assert "<script" not in page.text
    assert "script-src" not in page.text


def test_without_saliency_or_groups_the_page_is_whole(tiny: Path) -> None:
    folder = runs.make(tiny)
    pooled = files.read_table(folder / "predictions.csv")
    files.write_table(folder / "predictions.csv", pooled.assign(group=""))
    text = Page(pages.of_model(folder, maps=False)).text
    assert "Saliency" not in text
    assert "not available, there is no group column" in text
    assert not re.search(r">nan\b", text)


def test_on_the_log_scale_axes_are_logarithmic(tiny: Path) -> None:
    quantity = Quantity("dose", "ppm", 80.0, 350.0, "log10")
    page = Page(pages.of_model(runs.make(tiny), quantity=quantity, maps=False))
    text = json.dumps(page.plots)
    assert text.count('"LogScale"') == 3
    assert "log10 units" in page.text


def test_of_very_many_photographs_the_worst_and_an_even_choice_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photographs, "MOST", 100)
    residual = np.random.default_rng(0).normal(size=1000)
    rows = photographs.shown(pd.DataFrame({"residual": residual}))
    assert len(rows) == 100
    assert set(np.argsort(-np.abs(residual))[:5]) <= set(rows.index)
    assert rows.index.is_monotonic_increasing
    assert len(photographs.shown(rows)) == 100


@pytest.mark.slow
def test_five_thousand_photographs_that_cannot_be_packed_stay_below_8_mb(tmp_path: Path) -> None:
    assert pages.large(tmp_path, 5000).stat().st_size < 8e6


def test_the_step_has_a_command_line() -> None:
    assert "--saliency" in cli.parser(model_page.model_page).format_help()
