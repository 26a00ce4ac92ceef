"""Labels in Excel workbooks: read as text, as strictly as other tables."""

import datetime
import sys
from pathlib import Path

import pytest

from assay.intake import labels
from assay.intake.labels import Columns


def codes(table: labels.Labels) -> list[str]:
    return [fault.code for fault in table.faults]


def workbook(path: Path, *rows, second=()) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if second:
        book.create_sheet("other").append(second)
    book.save(path)
    return path


def test_workbooks_read_as_text(tmp_path):
    path = workbook(
        tmp_path / "labels.xlsx",
        ("image", "value", "id", None),
        ("a.png", 80.0, "001"),
        (None, None, None),
        ("b.png", 160.5, 7),
        ("c.png", "90,5", datetime.datetime(2024, 3, 1)),
        ("d.png", None, True),
        ("e.png", 1e39, "e"),
    )
    table = labels.read(path, Columns(label="value", sample="id"))
    assert [(r.row, r.image, r.sample) for r in table.rows] == [
        (2, "a.png", "001"),
        (4, "b.png", "7"),
    ]
    assert [row.label for row in table.rows] == [80, 160.5]
    assert codes(table) == ["E_DECIMAL", "E_LABEL_MISSING", "E_LABEL_NOT_FINITE"]


def test_workbook_under_another_name_or_with_two_sheets(tmp_path):
    path = workbook(tmp_path / "labels.csv", ("image", "value"), ("a.png", 80))
    assert codes(labels.read(path, Columns(label="value"))) == ["W_EXTENSION"]
    path = workbook(tmp_path / "two.xlsx", ("image", "value"), ("a.png", 80), second=("x",))
    assert codes(labels.read(path, Columns(label="value"))) == ["E_COLUMNS"]
    path = workbook(tmp_path / "none.xlsx")
    assert codes(labels.read(path, Columns(label="value"))) == ["E_EMPTY"]


def test_workbook_without_its_package_names_the_package(tmp_path, monkeypatch):
    path = workbook(tmp_path / "labels.xlsx", ("image", "value"), ("a.png", 80))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    (fault,) = labels.read(path, Columns(label="value")).faults
    assert fault.code == "E_FORMAT"
    assert "pip install openpyxl" in fault.remedy
