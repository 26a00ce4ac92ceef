"""A table's file, text or Excel, to whole rows of text cells under a checked header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from assay.faults import BadInput, Fault, refuse
from assay.reading import content, paths
from assay.tables import numbers, spreadsheet, text
from assay.tables.text import Row

LARGEST = 64 * 2**20  # bytes of a table
HEADER_LOOKED_FOR = 20  # rows below the first in which a misplaced header is looked for


@dataclass
class Sheet:
    """Cleaned header and rows as (line in the file, cells), as many cells as the header has.

    lines: all rows of the file but the header and blank ones. faults: of the rows left out, and
    warnings.
    """

    header: list[str]
    rows: list[Row]
    lines: int
    faults: list[Fault]


def read(path: Path, wanted: Sequence[str]) -> Sheet:
    """Read a table; BadInput if it is no table or if its header lacks or doubles a name."""
    rows, separator, faults = _rows(path, wanted)
    line, cells = rows[0]
    header = [numbers.clean(cell) for cell in cells]
    _check_header(header, rows, wanted)
    if header != cells:
        faults.append(Fault("W_SPACE", "stray spaces in the header.", row=line))
    blank = [row for row in rows[1:] if not any(map(numbers.clean, row[1]))]
    if blank:
        message = f"{len(blank)} blank rows were left out."
        faults.append(Fault("W_BLANK_ROWS", message, row=blank[0][0]))
    told = {line for line, _ in blank}
    filled = [row for row in rows[1:] if row[0] not in told]
    if not filled:
        raise refuse("E_EMPTY", "the table has a header but no rows.", "Add the photographs.")
    whole = [row for row in filled if len(row[1]) == len(header)]
    faults += [
        _wrong_width(row, len(header), separator) for row in filled if len(row[1]) != len(header)
    ]
    return Sheet(header, whole, len(filled), faults)


def _rows(path: Path, wanted: Sequence[str]) -> tuple[list[Row], str, list[Fault]]:
    """All rows, the separator of their cells ("" in Excel) and warnings."""
    data = paths.contents(path, LARGEST)
    kind = content.kind(data[: content.HEAD])
    if data.startswith(b"PK"):
        rows = spreadsheet.parse(data)
        named = path.suffix.lower() in (".xlsx", ".xlsm")
        return rows, "", [] if named else [Fault("W_EXTENSION", "it is an Excel workbook.")]
    if kind:
        raise refuse(
            "E_FORMAT",
            f"it is a file of another format ({kind}), not a table.",
            "Save the table as 'CSV UTF-8' or as .xlsx.",
        )
    return text.parse(data, wanted)


def _check_header(header: Sequence[str], rows: Sequence[Row], wanted: Sequence[str]) -> None:
    """Refuse headers that lack or double a name: E_COLUMNS, all of them at once."""
    line = rows[0][0]
    found = [_missing(name, header, rows) for name in wanted if name not in header]
    for name, count in Counter(header).items():
        if count > 1 and name:
            message = f"column {name!r} stands there {count} times."
            found.append(Fault("E_COLUMNS", message, "Keep one of them.", row=line))
    if found:
        raise BadInput(found)


def _missing(name: str, header: Sequence[str], rows: Sequence[Row]) -> Fault:
    line = rows[0][0]
    near = rows[1 : 1 + HEADER_LOOKED_FOR]
    below = next((row for row, cells in near if name in map(numbers.clean, cells)), None)
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
