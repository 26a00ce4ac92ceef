"""A table's file, text or Excel, to columns of text cells under a checked header."""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain, islice
from pathlib import Path

from assay.faults import BadInput, Fault, refuse
from assay.reading import content, paths
from assay.tables import numbers, spreadsheet, text
from assay.tables.text import Row

LARGEST_TEXT, LARGEST_WORKBOOK = 2**30, 64 * 2**20  # bytes of a table
HEADER_LOOKED_FOR = 20  # rows below the first in which a misplaced header is looked for
MOST_SHARED = 4096  # different cells of a column that are kept once


@dataclass
class Sheet:
    """The wanted columns of the rows that have as many cells as the header, cells as written.

    rows: their lines in the file. lines: all rows of the file but the header and blank ones.
    faults: of the rows left out, and warnings.
    """

    rows: array[int]
    columns: dict[str, list[str]]
    lines: int
    faults: list[Fault]


def read(path: Path, wanted: Sequence[str]) -> Sheet:
    """Read a table; BadInput if it is no table or if its header lacks or doubles a name."""
    with _rows(path, wanted) as (rows, separator, faults):
        head = list(islice(rows, 1 + HEADER_LOOKED_FOR))
        line, cells = head[0]
        header = [numbers.clean(cell) for cell in cells]
        if wrong := _wrong_header(header, head, wanted):
            deque(rows, maxlen=0)  # an open quote further down is told alone
            raise BadInput(wrong)
        if header != cells:
            faults.append(Fault("W_SPACE", "stray spaces in the header.", row=line))
        return _filled(chain(head[1:], rows), header, wanted, separator, faults)


def _filled(
    rows: Iterable[Row],
    header: Sequence[str],
    wanted: Sequence[str],
    separator: str,
    faults: list[Fault],
) -> Sheet:
    """The rows below the header."""
    sheet = Sheet(array("q"), {name: [] for name in wanted}, 0, faults)
    places: list[tuple[list[str], int, dict[str, str]]] = [
        (column, header.index(name), {}) for name, column in sheet.columns.items()
    ]
    blank, wrong = [], []
    for line, cells in rows:
        if not any(map(numbers.clean, cells)):
            blank.append(line)
            continue
        sheet.lines += 1
        if len(cells) != len(header):
            wrong.append(_wrong_width((line, cells), len(header), separator))
            continue
        sheet.rows.append(line)
        for column, place, shared in places:
            cell = cells[place]
            if len(shared) < MOST_SHARED:
                shared.setdefault(cell, cell)
            column.append(shared.get(cell, cell))
    if blank:
        message = f"{len(blank)} blank rows were left out."
        faults.append(Fault("W_BLANK_ROWS", message, row=blank[0]))
    if not sheet.lines:
        raise refuse("E_EMPTY", "the table has a header but no rows.", "Add the photographs.")
    faults += wrong
    return sheet


@contextmanager
def _rows(path: Path, wanted: Sequence[str]) -> Iterator[tuple[Iterator[Row], str, list[Fault]]]:
    """All rows as they are read, the separator of their cells ("" in Excel) and warnings."""
    with paths.opened(path, LARGEST_TEXT) as file:
        head = file.read(content.HEAD)
        if head.startswith(b"PK"):
            rows = spreadsheet.parse(paths.contents(path, LARGEST_WORKBOOK))
            named = path.suffix.lower() in (".xlsx", ".xlsm")
            yield (
                iter(rows),
                "",
                [] if named else [Fault("W_EXTENSION", "it is an Excel workbook.")],
            )
            return
        if kind := content.kind(head):
            raise refuse(
                "E_FORMAT",
                f"it is a file of another format ({kind}), not a table.",
                "Save the table as 'CSV UTF-8' or as .xlsx.",
            )
        file.seek(0)
        yield text.parse(file, wanted)


def _wrong_header(header: Sequence[str], rows: Sequence[Row], wanted: Sequence[str]) -> list[Fault]:
    """E_COLUMNS for each name that the header lacks or doubles."""
    line = rows[0][0]
    found = [_missing(name, header, rows) for name in wanted if name not in header]
    for name, count in Counter(header).items():
        if count > 1 and name:
            message = f"column {name!r} stands there {count} times."
            found.append(Fault("E_COLUMNS", message, "Keep one of them.", row=line))
    return found


def _missing(name: str, header: Sequence[str], rows: Sequence[Row]) -> Fault:
    line = rows[0][0]
    below = next((row for row, cells in rows[1:] if name in map(numbers.clean, cells)), None)
    folded = {other.casefold(): other for other in header if other}
    match = get_close_matches(name.casefold(), folded, n=1)
    if below:
        remedy = f"The header seems to be in line {below}: delete the lines above it."
    elif match:
        remedy = f"Did you mean {folded[match[0]]!r}?"
    else:
        remedy = "Correct the header, or the name in the settings."
    seen = ", ".join(map(repr, header))[:200]
    return Fault("E_COLUMNS", f"line {line} has no column {name!r}, only {seen}.", remedy, row=line)


def _wrong_width(row: Row, width: int, separator: str) -> Fault:
    line, cells = row
    remedy = "Correct the row."
    if separator == "," and len(cells) > width:
        remedy = "A decimal comma needs quotes around the cell, or another separator of cells."
    message = f"it has {len(cells)} cells, the header has {width}."
    return Fault("E_COLUMNS", message, remedy, row=line)
