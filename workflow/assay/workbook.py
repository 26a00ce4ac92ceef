"""All tables of a run in one Excel workbook: a sheet each, the same numbers as the CSV."""

from __future__ import annotations

import datetime
import io
import logging
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assay import cli, files
from assay.faults import refuse
from assay.intake.records import records

logger = logging.getLogger("assay")
EPOCH = datetime.datetime(1980, 1, 1)  # as old as a ZIP archive can be
LONGEST = 31  # letters of a sheet's name in Excel
MOST_ROWS = 1_048_575  # of an Excel sheet, below its header


def name_of(path: Path, taken: set[str]) -> str:
    """A sheet name: the file's, with its folder where two tables are called alike."""
    name = path.stem
    if name in taken:
        name = f"{path.parent.name} {path.stem}"
    return name[:LONGEST]


def write_text(cell: Any, text: str) -> None:
    """Text as text, even where it looks like a formula; signs that XML can't hold become spaces."""
    cell.value = "".join(sign if sign.isprintable() else " " for sign in text)
    cell.data_type = "s"


def write_number(cell: Any, value: Any) -> None:
    """A number with every digit that tells it apart; openpyxl itself writes only sixteen."""
    cell.value = repr(value.item() if isinstance(value, np.generic) else value)
    cell.data_type = "n"


def fill(sheet: Any, table: pd.DataFrame) -> None:
    """Write header and rows."""
    for column, name in enumerate(table, start=1):
        write_text(sheet.cell(1, column), str(name))
    for place, row in enumerate(records(table), start=2):
        for column, value in enumerate(row.values(), start=1):
            if isinstance(value, str):
                write_text(sheet.cell(place, column), value)
            elif isinstance(value, bool | np.bool_):
                sheet.cell(place, column).value = bool(value)
            elif pd.notna(value):
                write_number(sheet.cell(place, column), value)
    sheet.freeze_panes = "B2"


def steady(content: bytes) -> bytes:
    """The workbook without the time at which it was written: the same bytes again."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            text = old.read(entry)
            if entry.filename == "docProps/core.xml":
                start = text.index(b"<dcterms:modified")
                end = text.index(b"</dcterms:modified>") + len(b"</dcterms:modified>")
                text = text[:start] + text[end:]
            fixed = zipfile.ZipInfo(entry.filename, EPOCH.timetuple()[:6])
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, text)
    return target.getvalue()


def workbook(tables: list[Path], out: Path) -> None:
    """Write TABLES (CSV) as one Excel workbook to OUT, each as a sheet, with every digit.

    Needs the optional extra xlsx.
    """
    try:
        import openpyxl
    except ImportError as error:
        remedy = "Install it: pip install openpyxl; the CSV tables hold the same numbers."
        raise refuse("E_FORMAT", "Excel workbooks need an optional package.", remedy) from error
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.created = EPOCH
    for path in tables:
        table = files.read_table(path)
        if len(table) > MOST_ROWS:
            remedy = "Use the CSV, which holds every row."
            message = f"{len(table)} rows don't fit in a sheet."
            raise refuse("E_FORMAT", message, remedy, file=str(path))
        fill(book.create_sheet(name_of(path, set(book.sheetnames))), table)
    content = io.BytesIO()
    book.save(content)
    files.write_bytes(out, steady(content.getvalue()))
    logger.info("%s: %d sheets", out.name, len(tables))


if __name__ == "__main__":
    cli.run(workbook)
