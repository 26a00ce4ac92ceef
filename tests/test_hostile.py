"""Names that mean something to a shell, browser, spreadsheet or workflow are only text here."""

from __future__ import annotations

import csv
import html
import re
import shutil
from pathlib import Path

import pytest
import yaml
from PIL import Image

from browser import BROWSER, measured, opened
from test_workflow import run
from tiny_assay import photographs

pytestmark = pytest.mark.slow

SCRIPT = "document.title='pwned'"
FILES = [
    "$(touch marker1).png",
    "`touch marker2`.png",
    "a; touch marker3 #.png",
    "a' ; touch marker4 ; '.png",
    'a" && touch marker5 && ".png',
    "a | touch marker6 & b.png",
    "*.png",
    "?[a]!(x)~.png",
    "{experiment} {input.photos} {{x}}.png",
    "%s %d {0} $HOME \\n.png",
    f"<img src=x onerror={SCRIPT}>.png",
    f'"><svg onload={SCRIPT}>.png',
    f"{{{{ 7*7 }}}}<script>{SCRIPT}<!--.png",
    "=1+1.png",
    "+cmd.png",
    "@SUM(A1).png",
    "-rf.png",
    "--out=marker7.png",
    "Größe ñ 水 $x_1^2$.png",
    "long" + "g" * 200 + ".png",
    "a,b\t;c.png",
    "over-exposed.png",
    "plain.png",
    "copy of plain.png",
]
SAMPLES = [
    f"</td></tr></table><script>{SCRIPT}</script>",
    "=HYPERLINK(1)",
    "$(touch marker8)",
    "`touch marker9`",
    f'<iframe src="javascript:parent.{SCRIPT}">',
    "{sample} & \"quoted\" 'text'",
    "-1",
    "@x",
    "w" * 120,
    "Ärger mit Öl",
    "*",
    "same",
]
GROUPS = [f"<b onmouseover={SCRIPT}>day 1</b>", "=2+2", "; touch marker10", "+Tag 4 ü {group}"]
COLUMNS = {
    "image": f"<img src=y onerror={SCRIPT}>",
    "concentration": "=known; touch marker11",
    "sample": 'it\'s "it"',
    "group": "$(touch marker12)",
}


def data_set(folder: Path) -> None:
    """24 photographs of 12 samples under hostile names, and their table."""
    pictures, table = photographs(len(FILES), 40)
    pictures[FILES.index("over-exposed.png"), :, :30] = 255
    pictures[FILES.index("copy of plain.png")] = pictures[FILES.index("plain.png")]
    place = folder / "phötos $(touch marker13) 'x'"
    place.mkdir(parents=True)
    rows = []
    for number, name in enumerate(FILES):
        Image.fromarray(pictures[number]).save(place / name)
        label = repr(float(table["label"][number]))
        rows.append([name, label, SAMPLES[number // 2], GROUPS[number // 2 % len(GROUPS)]])
    with (folder / "läbels; touch marker14.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS.values(), *rows])


def settings(folder: Path) -> None:
    """A study of them."""
    study = {
        "title": f"<script>{SCRIPT}</script> $(touch marker15)",
        "note": f"`<img src=x onerror={SCRIPT}>` {{experiment}}",
        "quantity": f"<img src=q onerror={SCRIPT}>",
        "unit": "$(touch marker16)'",
        "data": {
            "photos": "phötos $(touch marker13) 'x'",
            "table": "läbels; touch marker14.csv",
            "columns": COLUMNS,
        },
        "split": {"folds": 2, "test": 0.25},
        "full_size": 32,
        "base": {"architecture": "vgg", "width": 0.0625, "size": 16, "epochs": 1, "batch_size": 8},
        "experiments": [
            {"name": "constant", "architecture": "constant"},
            {"name": "mean_colour", "architecture": "mean_colour"},
            {"name": "vgg"},
        ],
        "reference": "mean_colour",
        "questions": [
            {
                "question": f"=Is <img src=x onerror={SCRIPT}> better?",
                "experiment": "vgg",
                "against": "mean_colour",
            }
        ],
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(study, allow_unicode=True))


@pytest.fixture(scope="module")
def done(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the study has run to its report."""
    folder = tmp_path_factory.mktemp("hostile names")
    data_set(folder)
    settings(folder)
    result = run(root, folder)
    assert result.returncode == 0, result.stderr[-3000:]
    return folder


def test_no_name_was_run(done: Path) -> None:
    assert not list(done.rglob("marker*"))
    assert len(list(done.glob("ph*tos*/*"))) == len(FILES)


def test_every_photograph_went_through_under_its_own_name(done: Path) -> None:
    from assay import files

    for table in ("ingest/photos.csv", "split/split.csv"):
        found = files.read_table(done / "results" / table)
        assert list(found["image"]) == FILES
        assert list(found["sample"].unique()) == SAMPLES
        assert set(found["group"]) == set(GROUPS)
    assert {"W_CLIPPED", "W_DUPLICATE"} <= set(
        files.read_table(done / "results/ingest/warnings.csv")["code"]
    )


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_no_cell_of_any_table_is_a_formula(done: Path) -> None:
    tables = list((done / "results").rglob("*.csv"))
    assert len(tables) > 15
    for path in tables:
        with path.open(newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        found = [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
        assert [cell for cell in found if not is_number(cell)] == [], path


def test_no_cell_of_a_workbook_is_a_formula(done: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    for path in (done / "results").rglob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path):
            cells = [cell for row in sheet.iter_rows() for cell in row]
            assert cells
            assert [cell.value for cell in cells if cell.data_type == "f"] == [], path


def test_names_stand_in_the_page_as_text(done: Path) -> None:
    page = (done / "results" / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|svg|iframe|b|img src=[xyq])\b", page)
    text = html.unescape(page)
    assert sum(name in text for name in FILES) >= 8, "those with the largest residuals, at least"
    assert all(group in text for group in GROUPS)


@pytest.mark.skipif(not BROWSER, reason="no Chromium here")
def test_a_browser_runs_nothing(done: Path, tmp_path: Path) -> None:
    shutil.copy(done / "results" / "report.html", tmp_path / "report.html")
    title = re.search(r"<title>(.*?)</title>", opened(tmp_path / "report.html", 1280))
    assert title
    assert title[1].startswith("&lt;script&gt;")
    pages = list((done / "results").rglob("*.html"))
    assert len(pages) > 3
    for page, (pwned, *_) in zip(pages, measured(pages, tmp_path, 1280), strict=True):
        assert not pwned, page


@pytest.mark.skipif(not BROWSER, reason="no Chromium here")
@pytest.mark.parametrize("width", [1280, 390])
def test_the_layout_holds(done: Path, tmp_path: Path, width: int) -> None:
    pages = [done / "results/report.html", done / "results/models/vgg.html"]
    for page, (pwned, needed, given) in zip(pages, measured(pages, tmp_path, width), strict=True):
        assert not pwned, page
        assert given == width
        assert needed <= given, page


@pytest.mark.skipif(not BROWSER, reason="no Chromium here")
def test_a_name_that_is_run_would_be_seen(tmp_path: Path) -> None:
    page = f"<!doctype html><title>a</title><body><img src=x onerror={SCRIPT}></body>"
    (tmp_path / "page.html").write_text(page)
    assert measured([tmp_path / "page.html"], tmp_path, 390)[0][0]
    wide = '<!doctype html><title>a</title><body><p style="width:700px">wide</p></body>'
    (tmp_path / "page.html").write_text(wide)
    ((_, needed, given),) = measured([tmp_path / "page.html"], tmp_path, 390)
    assert needed > given
