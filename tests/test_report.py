from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import runs
from assay import appearance, cli, files, report
from assay.reporting import render, sections

SETTINGS: dict[str, Any] = {
    "title": "A <study>",
    "note": "The real study is `make study`; x < y.",
    "reference": "colour",
    "split": {"block": "sample", "seed": 1},
    "experiments": [],
    "full_size": 250,
}

BESIDE = {f"models/{name}.html" for name in runs.EXPERIMENTS}  # each experiment's own page


class Page(HTMLParser):
    """What a page refers to, and what its cells say."""

    def __init__(self, text: str):
        super().__init__()
        self.text, self.tags, self.cells, self.words = text, [], [], []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if "data-column" in dict(attrs):
            self.cells.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def figures(folder: Path) -> None:
    """Stand-ins for all figures, where the report looks for them."""
    alone = [
        *("leaderboard", "differences", "split", "test", "wall", "experiments/vgg/learning"),
        *("labels", "exposure", "card"),
    ]
    each = [f"experiments/{n}/{f}" for n in runs.EXPERIMENTS for f in ("residuals", "found_known")]
    for name in [*alone, *each]:
        files.write_text(folder / "figures" / f"{name}.svg", f"<svg>{name}</svg>")
    Image.new("RGB", (12, 8), "white").save(folder / "figures" / "wall.png")
    files.seal(folder / "figures" / "wall.png")


def make(folder: Path, tables: Sequence[str] = (), **changes: Any) -> Page:
    """The report of a run."""
    figures(folder)
    appearance.appearance([folder / "images.npy"], folder / "appearance.csv")
    report.report(
        leaderboard=folder / "leaderboard.csv",
        comparisons=folder / "comparison.csv",
        predictions=folder / "predictions.csv",
        split=folder / "split.csv",
        test=folder / "evaluate" / "predictions.csv",
        scores=folder / "evaluate" / "scores.json",
        photos=folder / "photos.csv",
        summary=folder / "summary.json",
        warnings=folder / "warnings.csv",
        models=runs.jobs(folder, "model.json"),
        histories=runs.jobs(folder, "history.csv"),
        speeds=runs.jobs(folder, "speed.json"),
        figures=folder / "figures",
        quantity=runs.QUANTITY,
        settings=SETTINGS,
        tables=[folder / name for name in ["appearance.csv", *tables]],
        images=[folder / "images.npy"],
        command="make report",
        packages=["numpy", "no-such-package"],
        out=folder / "report.html",
        **changes,
    )
    return Page((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture
def page(tiny: Path) -> Page:
    return make(runs.make(tiny, limit=0.5), origin="simulated")


def test_the_page_needs_nothing_but_itself(page: Page) -> None:
    assert not re.search(r"https?:", page.text)
    for tag, attributes in page.tags:
        assert tag not in ("script", "link", "iframe", "object", "embed")
        for name in ("src", "href", "data", "srcset"):
            target = attributes.get(name) or "#"
            assert target.startswith(("data:image/", "#")) or target in BESIDE
        assert not any(name.startswith("on") for name in attributes)
    assert "url(" not in page.text
    assert "@import" not in page.text


def test_every_link_in_the_page_leads_somewhere(page: Page) -> None:
    names = {attributes.get("id") for _, attributes in page.tags}
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert len(links) > 5
    assert {link.removeprefix("#") for link in links} - BESIDE <= names


def test_every_figure_has_a_text_alternative_with_numbers(page: Page) -> None:
    shown = [attributes for tag, attributes in page.tags if tag == "img"]
    pictures = [picture for picture in shown if picture["class"] != "thumbnail"]
    assert len(pictures) == 2 + 1 + 3 * 2 + 1 + 1 + 1 + 3
    for picture in pictures:
        assert len(picture["alt"]) > 40
        assert re.search(r"\d", picture["alt"])


def test_captions_and_headings_are_there_for_readers_of_tables(page: Page) -> None:
    tags = [tag for tag, _ in page.tags]
    assert tags.count("caption") == tags.count("table") > 5
    assert tags.count("h1") == 1
    regions = [a for tag, a in page.tags if tag == "div" and a.get("class") == "scroll"]
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in regions)
    assert ("html", {"lang": "en"}) in page.tags


def test_numbers_in_the_page_are_those_of_the_tables(tiny: Path, page: Page) -> None:
    board = files.read_table(tiny / "leaderboard.csv")
    shown = pd.DataFrame(page.cells)
    for column in ("rmse", "r2", "gap", "mse", "mae", "bias", "rmse_over_limit", "p_holm"):
        values = [float(v) for v in shown.loc[shown["data-column"].eq(column), "data-value"] if v]
        assert values[: len(board)] == list(board[column].dropna()), column
    residuals = files.read_table(tiny / "predictions.csv")
    found = shown.loc[shown["data-column"].eq("found"), "data-value"].astype(float)
    assert set(found) <= set(residuals["found"])


def test_what_users_wrote_is_escaped(page: Page) -> None:
    assert runs.NASTY not in page.text
    assert "<b>it</b>" not in page.text
    assert "A <study>" not in page.text
    assert runs.NASTY in "".join(page.words), "it is shown as it was written"
    assert "<code>make study</code>; x &lt; y." in page.text


def test_the_verdict_comes_first_and_is_short(page: Page) -> None:
    text = page.text[page.text.index('id="verdict"') : page.text.index('id="leaderboard"')]
    sentences = re.findall(r"<p>(.*?)</p>", text)
    assert 2 <= len(sentences) <= 5
    assert "vgg" in sentences[0]
    assert "times the physical limit" in text
    assert "test set, scored once" in text


def test_versions_hardware_settings_and_seconds_are_told(page: Page) -> None:
    words = "".join(page.words)
    for told in ("no-such-package", "not installed", "13.5 s in all", "split.block", "make report"):
        assert told in words


def test_a_run_without_test_set_and_with_a_failed_model_is_told(tiny: Path) -> None:
    page = make(runs.make(tiny, test=False, failing="constant"))
    words = "".join(page.words)
    assert "No test set was set aside" in words
    assert "1 of 3 experiments failed" in words
    assert "1 of 3 folds failed" in words
    assert "the loss is no longer a number" in words
    assert "physical limit of" not in words


def test_answers_to_a_studys_questions_are_shown(tiny: Path) -> None:
    runs.make(tiny)
    row = {"question": "Is <x> better?", "experiment": "vgg", "against": "colour"}
    row |= {
        "verdict": "better",
        "difference": -2.0,
        "difference_low": -3.0,
        "difference_high": -1.0,
    }
    files.write_table(tiny / "answers.csv", pd.DataFrame([row | {"p": 0.001, "p_holm": 0.0004}]))
    page = make(tiny, tables=["answers.csv"])
    assert "Is &lt;x&gt; better?" in page.text
    assert "&lt; 0.001" in page.text
    assert '<a href="#questions">' in page.text


def test_validation_suspicious_labels_and_a_random_split_are_told(tiny: Path) -> None:
    runs.make(tiny, limit=0.5)
    groups = {"sd": 2.0, "share": 0.4, "p": 0.001}
    facts = {"experiment": "vgg", "samples": 12, "thin": ["80 (n = 2)"], "groups": groups}
    files.write_json(tiny / "validity.json", facts)
    suspect = {"image": runs.NASTY, "row": 7, "sample": "s", "known": 80.0, "found": 800.0}
    suspect |= {"kind": "decimal point", "suggested": 800.0, "chance": 0.1}
    files.write_table(tiny / "suspects.csv", pd.DataFrame([suspect]))
    split = {"experiment": "colour", "rmse": [12.0, 6.0], "r2": [0.8, 0.95], "note": ""}
    dealt = ["by sample", "photographs at random"]
    files.write_table(tiny / "random_split.csv", pd.DataFrame(split | {"dealt": dealt}))
    page = make(
        tiny,
        origin="simulated",
        validity=tiny / "validity.json",
        tables=["suspects.csv", "random_split.csv"],
    )
    text = page.text[page.text.index('id="verdict"') : page.text.index('id="leaderboard"')]
    assert len(re.findall(r"<p>(.*?)</p>", text)) == 5
    assert "few samples at 80 (n = 2)" in text
    assert "40 % of the errors&#39; variance" in text
    assert "50 % less error than dealt by sample" in text
    assert runs.NASTY not in page.text
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    assert {"validation.html", "#validation", "#random-split"} <= links


def test_large_drawings_are_shrunk_and_stay_legible(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    picture = np.full((80, 120, 3), 255, dtype=np.uint8)
    picture[20:60, 20:60] = (0, 114, 178)
    picture[30:50, 30:50] = generator.integers(90, 110, (20, 20, 1))
    Image.fromarray(picture).save(tmp_path / "chart.png")
    files.seal(tmp_path / "chart.png")
    files.write_bytes(tmp_path / "chart.svg", b" " * (render.LARGE + 1))
    address = render.chart(tmp_path / "chart")
    assert address.startswith("data:image/png;base64,")
    with Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))) as shown:
        difference = np.abs(np.asarray(shown.convert("RGB")).astype(int) - picture)
    assert difference.max() < 16
    files.write_bytes(tmp_path / "chart.svg", b"<svg/>")
    assert render.chart(tmp_path / "chart").startswith("data:image/svg+xml")


def test_the_page_is_the_same_bytes_again(tiny: Path) -> None:
    folder = runs.make(tiny)
    assert make(folder).text == make(folder).text


def test_warned_and_doubled_photographs_are_shown_small_beside_their_names(tiny: Path) -> None:
    runs.make(tiny)
    photos = files.read_table(tiny / "photos.csv")
    photos.loc[4, "twin"] = photos.loc[3, "twin"]
    files.write_table(tiny / "photos.csv", photos)
    page = make(tiny)
    thumbnails = [a for tag, a in page.tags if tag == "img" and a["class"] == "thumbnail"]
    assert len(thumbnails) >= 2
    assert all(one["src"].startswith("data:image/jpeg") for one in thumbnails)
    words = "".join(page.words)
    assert "3.png, 4.png" in words
    assert "2 photographs in 1 set" in words
    assert "none: every photograph was read as it is stored" in words


def test_a_warning_of_no_photograph_stands_without_a_picture(tiny: Path) -> None:
    runs.make(tiny)
    header = "code,message,remedy,file,row,column,value\n"
    files.write_text(tiny / "warnings.csv", header + "W_BOM,two marks.,,labels.csv,,,\n")
    words = "".join(make(tiny).words)
    assert "two marks." in words
    assert "1 warning;" in words


def test_the_step_has_a_command_line() -> None:
    assert "--leaderboard" in cli.parser(report.report).format_help()


def test_an_experiment_at_a_rounded_size_says_so() -> None:
    rounded = sections.pixels({"architecture": "gcnn", "size": 248}, 250)
    assert rounded == "248 px (of 250: turns are exact only at a multiple of 8)"
    assert sections.pixels({"architecture": "gcnn", "size": 64}, 250) == "64 px"
    assert sections.pixels({"architecture": "vgg", "size": 250}, 250) == "250 px"
