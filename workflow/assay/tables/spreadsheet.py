"""Excel tables (.xlsx) to rows of text cells, by the optional extra openpyxl."""

from __future__ import annotations

import datetime
import io
import warnings
import zipfile
from typing import Any

from assay.faults import BadInput, refuse
from assay.tables.text import Row

MOST_BYTES = 100 * 2**20  # of the unpacked workbook
MOST_COLUMNS = 1000


def parse(data: bytes) -> list[Row]:
    """Rows of the one filled sheet; BadInput E_FORMAT, E_CORRUPT, E_EMPTY, E_COLUMNS."""
    try:
        import openpyxl
    except ImportError as error:
        raise refuse(
            "E_FORMAT",
            "Excel tables are read by an optional package that isn't installed.",
            "Install it: pip install openpyxl; or save the table as 'CSV UTF-8'.",
        ) from error
    _check_package(data)
    try:
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheets = {sheet.title: _filled(sheet) for sheet in book.worksheets}
    except BadInput:
        raise
    except Exception as error:  # hostile XML raises nearly anything in openpyxl
        reason = f"{type(error).__name__}: {error}"[:200]
        raise refuse(
            "E_CORRUPT", f"the workbook is broken ({reason}).", "Save it again."
        ) from error
    filled = {title: rows for title, rows in sheets.items() if rows}
    if not filled:
        raise refuse("E_EMPTY", "the workbook has no rows.", "Export it again.")
    if len(filled) > 1:
        raise refuse(
            "E_COLUMNS",
            f"the workbook has several filled sheets: {', '.join(map(repr, filled))}.",
            "Keep the one with the labels.",
        )
    return _as_text(next(iter(filled.values())))


def _check_package(data: bytes) -> None:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise refuse("E_CORRUPT", "the workbook is cut or broken.", "Save it again.") from error
    if not any(entry.filename.startswith("xl/") for entry in names):
        raise refuse("E_FORMAT", "it is a ZIP file but no Excel workbook.", "Save it as CSV UTF-8.")
    if sum(entry.file_size for entry in names) > MOST_BYTES:
        raise refuse("E_TOO_LARGE", "the unpacked workbook is absurdly large.", "Save it as CSV.")


def _filled(sheet: Any) -> list[tuple[int, list[Any]]]:
    """Rows that hold something, with their numbers; the sheet's own idea of its size is ignored."""
    sheet.reset_dimensions()
    rows = []
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        while cells and cells[-1] in (None, ""):
            cells = cells[:-1]
        if len(cells) > MOST_COLUMNS:
            raise refuse("E_COLUMNS", f"it has {len(cells)} columns.", "Delete them.", row=number)
        if cells:
            rows.append((number, list(cells)))
    return rows


def _as_text(rows: list[tuple[int, list[Any]]]) -> list[Row]:
    """Text cells; rows that end early are filled up to the header's width."""
    width = len(rows[0][1])
    return [
        (number, [_text(cell) for cell in cells] + [""] * (width - len(cells)))
        for number, cells in rows
    ]


def _text(cell: Any) -> str:
    """A cell as it is seen: 80.0 is "80", TRUE is "TRUE", an empty one "", a date ISO text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return str(cell)
