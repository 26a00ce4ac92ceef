from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import validations
from assay import cli, files, validation_page, workbook
from assay.figures import validation as figures
from assay.quantity import Quantity
from validations import make, photographs


class Page(HTMLParser):
    """Numbers by column, pictures and links of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.text, self.cells, self.tags = text, [], []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if given.get("data-column") and given.get("data-value"):
            self.cells.append((given["data-column"], given["data-value"]))


def page(folder: Path, quantity: Quantity = validations.QUANTITY, title: str = "T <b>") -> Page:
    validation_page.validation_page(
        sorted((folder / "validation").glob("*.csv")),
        folder / "validation" / "summary.json",
        quantity,
        validations.GOALS,
        title,
        folder / "figures",
        folder / "validation.html",
    )
    return Page((folder / "validation.html").read_text(encoding="utf-8"))


NUMBERS = {
    "levels": ["bias", "recovery", "sd", "rsd", "total_error", "known", "allowed"],
    "errors": ["rmse", "sep", "rpd"],
    "precision": ["sd", "rsd"],
    "linearity": ["value", "F", "p"],
    "lines": ["value"],
    "agreement": ["value"],
}


def test_numbers_in_page_csv_and_workbook_are_the_same(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    folder = make(tmp_path, photographs(session=4.0))
    shown = page(tmp_path)
    workbook.workbook(sorted(folder.glob("*.csv")), tmp_path / "tables.xlsx")
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    on_page = {}
    for column, value in shown.cells:
        on_page.setdefault(column, set()).add(value)
    for name, columns in NUMBERS.items():
        table = files.read_table(folder / f"{name}.csv")
        rows = list(book[name].iter_rows(values_only=True))
        sheet = pd.DataFrame(rows[1:], columns=rows[0])
        for column in columns:
            csv = table[column].dropna()
            assert len(csv), (name, column)
            assert {repr(float(value)) for value in csv} <= on_page[column], (name, column)
            assert list(sheet[column].dropna().astype(float)) == list(csv), (name, column)


def test_the_csv_within_reach_is_the_file(tmp_path: Path) -> None:
    folder = make(tmp_path, photographs())
    links = [given for tag, given in page(tmp_path).tags if tag == "a" and "download" in given]
    assert {link["download"] for link in links} >= {path.name for path in folder.glob("*.csv")}
    for link in links:
        content = base64.b64decode(link["href"].split(",")[1])
        assert content == (folder / link["download"]).read_bytes()
        assert len(pd.read_csv(io.BytesIO(content)).columns) > 1


def test_the_page_holds_everything_and_escapes_what_users_wrote(tmp_path: Path) -> None:
    table = photographs(photos=1)
    table.loc[3, "image"] = "<img src=x onerror=alert(1)>"
    table.loc[3, "found"] += 200
    make(tmp_path, table)
    shown = page(tmp_path)
    assert not re.search(r"https?:", shown.text)
    assert "<b>" not in shown.text
    assert "<img src=x" not in shown.text
    assert "&lt;img src=x" in shown.text
    names = {given.get("id") for _, given in shown.tags}
    for tag, given in shown.tags:
        assert tag not in ("script", "link", "iframe")
        if tag == "img":
            assert len(given["alt"]) > 40
        if tag == "a" and given["href"].startswith("#"):
            assert given["href"][1:] in names


@pytest.mark.parametrize("samples", [1, 2, 3, 8])
def test_few_samples_make_a_page_that_says_so(tmp_path: Path, samples: int) -> None:
    make(tmp_path, photographs(samples=samples, photos=1, levels=0, groups=1))
    text = page(tmp_path).text
    assert "These data can&#39;t support: " in text
    assert "limit of detection: not estimable from these data" in text
    assert not re.search(r"\bnan\b", re.sub(r"base64,[^\"]*", "", text).lower())


def test_the_confidence_band_is_that_of_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(0)
    known = rng.uniform(80, 350, 20)
    found = 3 + 0.98 * known + rng.normal(0, 5, 20)
    at = np.linspace(80, 350, 7)
    fitted = api.OLS(found, api.add_constant(known)).fit()
    wanted = fitted.get_prediction(api.add_constant(at)).summary_frame()
    line, low, high = figures.band(known, found, at)
    assert line == pytest.approx(wanted["mean"].to_numpy())
    assert low == pytest.approx(wanted["mean_ci_lower"].to_numpy())
    assert high == pytest.approx(wanted["mean_ci_upper"].to_numpy())


def test_the_same_tables_make_the_same_bytes(tmp_path: Path) -> None:
    make(tmp_path, photographs())
    assert page(tmp_path).text == page(tmp_path).text


def test_the_step_has_a_command_line() -> None:
    assert "--tables" in cli.parser(validation_page.validation_page).format_help()
