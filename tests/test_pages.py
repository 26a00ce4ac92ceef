"""All pages, opened in a browser: docs/pages.md tells what they promise."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import browser
import pages
import validations
from assay import predict, tabulate, validation_page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.BROWSER, reason="no Chromium here"),
]
METHOD = Path(__file__).parent / "data" / "method-1"
LARGEST = 8e6  # bytes


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Report, validation, an experiment's page, a table and a page of predictions."""
    import test_report

    folder = tmp_path_factory.mktemp("pages")
    run = pages.run(folder / "run")
    test_report.make(run)
    model = pages.of_model(run)
    tabulate.tabulate(run / "groups.csv", run / "table.html", run / "table.csv")
    tables = validations.make(folder / "checked", validations.photographs())
    validation = folder / "checked" / "validation.html"
    validation_page.validation_page(
        sorted(tables.glob("*.csv")),
        tables / "summary.json",
        validations.QUANTITY,
        validations.GOALS,
        "T",
        folder / "checked" / "figures",
        validation,
    )
    predicted = folder / "predictions.html"
    predict.predict(METHOD / "mean", [METHOD / "photos"], out=folder / "p.csv", page_out=predicted)
    return [run / "report.html", validation, model, run / "table.html", predicted]


def test_nothing_is_said_in_the_console_and_nothing_asked_for(opened: list[Path]) -> None:
    for page in opened:
        document, said = browser.console(page)
        assert said == [], page
        assert "default-src 'none'" in document
        assert page.stat().st_size < LARGEST
        if page.parent.name == "models":
            check_plots(document)


def check_plots(document: str) -> None:
    """The plots are drawn, and the list tells of a photograph."""
    assert re.search(r'<html[^>]* class="live"', document)
    assert document.count("<option") >= 50
    facts = document[document.index('id="facts"') :]
    assert re.search(r"<dt>known</dt><dd>[\d.]+ mg/L</dd>", facts)
    assert "background-position" in facts


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_its_window(opened: list[Path], tmp_path: Path, width: int) -> None:
    for page, (pwned, needed, given) in zip(
        opened, browser.measured(opened, tmp_path, width), strict=True
    ):
        assert not pwned, page
        assert given == width
        assert needed <= given, page


def test_without_scripts_the_still_pictures_stand_in(opened: list[Path], tmp_path: Path) -> None:
    model = next(page for page in opened if page.parent.name == "models")
    text = re.sub(r"script-src [^\"]*", "script-src 'none'", model.read_text(encoding="utf-8"))
    (tmp_path / "still.html").write_text(text, encoding="utf-8")
    document, said = browser.console(tmp_path / "still.html")
    assert said, "the policy told of the scripts that it kept from running"
    assert 'class="live"' not in document
    assert document.count('class="chart still"') == 2


def test_what_a_page_must_not_do_would_be_seen(tmp_path: Path) -> None:
    asking = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    page = f'<!doctype html>{asking}<title>a</title><img src="http://127.0.0.1:9/x.png">'
    (tmp_path / "asking.html").write_text(page)
    assert "violates" in browser.console(tmp_path / "asking.html")[1][0]
    (tmp_path / "broken.html").write_text("<!doctype html><script>throw new Error('b')</script>")
    assert "Uncaught" in browser.console(tmp_path / "broken.html")[1][0]
    shutil.rmtree(tmp_path / "profile")
