"""Tables for pages: cells that show a rounded number and carry the exact one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from assay.intake.numerals import NONE, ends, missing, number, places_of, signed
from assay.intake.records import records


@dataclass(frozen=True)
class Cell:
    """What is shown; column and value say which number of the CSV it is, with every digit."""

    text: str
    column: str = ""
    value: str = ""
    numeric: bool = False
    below: str = ""  # in a second line, quieter
    picture: str = ""  # a small picture's data address


@dataclass(frozen=True)
class Table:
    """A captioned table; the first cell of a row is its heading."""

    caption: str
    header: list[str]
    rows: list[list[Cell]]

    @property
    def numeric(self) -> list[bool]:
        """Whether each column holds numbers, which stand at its right edge."""
        if not self.rows:
            return [False] * len(self.header)
        return [any(cell.numeric for cell in column) for column in zip(*self.rows, strict=True)]


def exact(value: Any) -> str:
    """A value as files.write_table writes it."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return repr(float(value)) if isinstance(value, float) else str(value)


def text_cell(value: Any, column: str = "") -> Cell:
    """A cell of plain text; a dash where there is none."""
    shown = exact(value)
    return Cell(shown or NONE, column, shown)


def number_cell(
    row: Mapping[str, Any], column: str, places: int | None = None, after: str = ""
) -> Cell:
    """The number in `column` of the row, with the sign or unit `after` it."""
    value = row.get(column)
    if value is None or missing(float(value)):
        return Cell(NONE, column, "", numeric=True)
    shown = f"{value}" if isinstance(value, int | np.integer) else number(float(value), places)
    return Cell(shown + after, column, exact(value), numeric=True)


def p_cell(row: Mapping[str, Any], column: str) -> Cell:
    """A p-value: two digits, or `< 0.001`."""
    value = row.get(column)
    if value is None or missing(float(value)):
        return Cell(NONE, column, "", numeric=True)
    shown = "< 0.001" if value < 0.001 else number(value, digits=2)
    return Cell(shown, column, exact(float(value)), numeric=True)


def interval_cell(row: Mapping[str, Any], column: str, *, sign: bool = False) -> Cell:
    """The columns x, x_low and x_high: `21.6` and, below it, `18.4 to 25.5`."""
    value, low, high = (row.get(name) for name in (column, f"{column}_low", f"{column}_high"))
    if value is None or missing(float(value)):
        return Cell(NONE, column, "", numeric=True)
    places = places_of(value, low, high)
    shown = signed(value, places) if sign else number(value, places)
    below = "no interval" if missing(low) or missing(high) else ends(low, high, places)
    return Cell(shown, column, exact(float(value)), numeric=True, below=below)


def of_pairs(caption: str, pairs: Mapping[str, Any], header: tuple[str, str]) -> Table:
    """A table of names and values."""
    return Table(caption, list(header), [[Cell(key), text_cell(pairs[key])] for key in pairs])


def of_frame(caption: str, frame: pd.DataFrame, names: Mapping[str, str] | None = None) -> Table:
    """Every column of a data frame; numbers with four significant digits."""
    header = [(names or {}).get(str(column), str(column)) for column in frame]
    rows = [list(_cells(row)) for row in records(frame)]
    return Table(caption, header, rows)


def _cells(row: Mapping[Any, Any]) -> Iterable[Cell]:
    for column, value in row.items():
        if isinstance(value, float) and not np.isnan(value):
            shown = number(value, digits=4)
            yield Cell(shown, str(column), exact(value), numeric=True)
        elif isinstance(value, int | np.integer):
            yield Cell(str(value), str(column), str(value), numeric=True)
        else:
            yield text_cell(value, str(column))
