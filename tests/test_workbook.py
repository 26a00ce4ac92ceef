from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from assay import cli, files, workbook

openpyxl = pytest.importorskip("openpyxl")


def make(folder: Path) -> Path:
    table = pd.DataFrame(
        {
            "sample": ["001", "=1+1", "bad\x07sign"],
            "n": [1, 2, 3],
            "value": [0.1 + 0.2, float("nan"), 1e-300],
        }
    )
    for name in ("a", "b"):
        files.write_table(folder / name / "table.csv", table)
    workbook.workbook([folder / name / "table.csv" for name in ("a", "b")], folder / "t.xlsx")
    return folder / "t.xlsx"


def test_text_stays_text_and_numbers_keep_every_digit(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(make(tmp_path))
    assert book.sheetnames == ["table", "b table"]
    rows = list(book["table"].iter_rows())
    assert [cell.value for cell in rows[0]] == ["sample", "n", "value"]
    assert rows[1][0].value == "001"
    assert rows[2][0].value == "=1+1"
    assert rows[2][0].data_type == "s"
    assert rows[3][0].value == "bad sign"
    assert [row[2].value for row in rows[1:]] == [0.1 + 0.2, None, 1e-300]
    assert rows[1][1].value == 1


def test_the_same_tables_make_the_same_bytes(tmp_path: Path) -> None:
    content = make(tmp_path).read_bytes()
    assert make(tmp_path).read_bytes() == content


def test_the_step_has_a_command_line() -> None:
    assert "--tables" in cli.parser(workbook.workbook).format_help()
