"""The strict reader of label tables: every cell is text until its column says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from assay.faults import BadInput, Fault
from assay.tables import numbers, sheets

Censored = Literal["refuse", "drop", "limit", "half"]


@dataclass(frozen=True)
class Columns:
    """Names of the table's columns; "" for one that isn't used. roi: x, y, width, height."""

    image: str = "image"
    label: str = "concentration"
    sample: str = ""
    group: str = ""
    split: str = ""
    roi: Sequence[str] = ()

    @property
    def used(self) -> list[str]:
        """All names in use."""
        names = [self.image, self.label, self.sample, self.group, self.split, *self.roi]
        return [name for name in names if name]


@dataclass(frozen=True)
class LabelRow:
    """One row: its line in the file, the picture's name as written, its value and its places."""

    row: int
    image: str
    label: float
    sample: str = ""
    group: str = ""
    split: str = ""
    roi: tuple[int, ...] = ()


@dataclass
class Labels:
    """What a table says. faults holds errors and warnings; rows with errors in cells are absent."""

    rows: list[LabelRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lines: int = 0  # rows in the table, blank ones not counted
    censored: int = 0
    dropped: int = 0
    images: list[tuple[int, str]] = field(default_factory=list)  # of all rows, faulty ones too


def read(
    path: Path,
    columns: Columns,
    low: float = float("-inf"),
    high: float = float("inf"),
    censored: Censored = "refuse",
) -> Labels:
    """Read a label table, CSV or Excel; never raises for its content: see Labels.faults."""
    labels = Labels()
    try:
        sheet = sheets.read(path, columns.used)
    except BadInput as bad:
        labels.faults = [replace(fault, file=str(path)) for fault in bad.faults]
        return labels
    labels.faults, labels.lines = sheet.faults, sheet.lines
    _fill(_Table(sheet.rows, sheet.header, labels), columns, _Rules(low, high, censored))
    labels.faults = [replace(fault, file=str(path)) for fault in labels.faults]
    return labels


@dataclass(frozen=True)
class _Rules:
    low: float
    high: float
    censored: Censored


@dataclass
class _Table:
    """Whole rows under a checked header, and where faults go."""

    rows: list[tuple[int, list[str]]]
    header: list[str]
    labels: Labels

    def column(self, name: str) -> list[str]:
        """The cleaned cells of a column, [""] * rows for the name ""; W_SPACE once a column."""
        if not name:
            return [""] * len(self.rows)
        position = self.header.index(name)
        cells = [cells[position] for _, cells in self.rows]
        cleaned = [numbers.clean(cell) for cell in cells]
        changed = [i for i, cell in enumerate(cells) if cell != cleaned[i]]
        if changed:
            self.fault(changed[0], "W_SPACE", f"{len(changed)} cells have stray spaces.", "", name)
        return cleaned

    def fault(
        self, index: int, code: str, message: str, remedy: str, column: str, value: str = ""
    ) -> None:
        """Note a fault of a row."""
        row = self.rows[index][0]
        self.labels.faults.append(Fault(code, message, remedy, row=row, column=column, value=value))


def _fill(table: _Table, columns: Columns, rules: _Rules) -> None:
    """Turn cells into LabelRows; rows with a faulty cell only leave their fault."""
    image = table.header.index(columns.image)
    names = [cells[image] for _, cells in table.rows]  # as written: spaces may be part of a name
    table.labels.images = [(row, name) for (row, _), name in zip(table.rows, names, strict=True)]
    values = _values(table, columns.label, rules)
    samples = _identifiers(table, columns.sample)
    groups = _identifiers(table, columns.group)
    splits = _splits(table, columns.split)
    regions = _regions(table, columns.roi)
    for (row, _), *cells in zip(
        table.rows, names, values, samples, groups, splits, regions, strict=True
    ):
        if None not in cells:
            table.labels.rows.append(LabelRow(row, *cells))


def _values(table: _Table, name: str, rules: _Rules) -> list[float | None]:
    cells = table.column(name)
    comma = numbers.decimal_comma(cells)
    if comma:
        table.labels.faults.append(
            Fault("W_DECIMAL", "its decimal sign is the comma.", column=name)
        )
    return [_value(table, index, cell, comma, name, rules) for index, cell in enumerate(cells)]


def _value(
    table: _Table, index: int, cell: str, comma: bool, name: str, rules: _Rules
) -> float | None:
    reading = numbers.interpret(cell, comma)
    if reading.code:
        table.fault(index, reading.code, reading.message, reading.remedy, name, cell)
        return None
    if reading.side:
        return _censored(table, index, cell, reading, name, rules)
    if not rules.low <= reading.value <= rules.high:
        table.fault(
            index,
            "E_LABEL_RANGE",
            f"{cell} lies outside the range {rules.low:g} to {rules.high:g}.",
            "Correct the value, or the range in the settings.",
            name,
            cell,
        )
        return None
    return reading.value


def _censored(
    table: _Table, index: int, cell: str, reading: numbers.Reading, name: str, rules: _Rules
) -> float | None:
    """A value known only to lie below or above a limit, by the stated rule."""
    table.labels.censored += 1
    if rules.censored == "refuse":
        table.fault(
            index,
            "E_LABEL_CENSORED",
            f"{cell!r} says only on which side of a limit the value lies.",
            "Decide what it means by the setting censored: drop, limit or half (of the limit).",
            name,
            cell,
        )
        return None
    if rules.censored == "drop":
        table.labels.dropped += 1
        return None
    return reading.value / 2 if rules.censored == "half" and reading.side == "<" else reading.value


def _identifiers(table: _Table, name: str) -> list[str | None]:
    """Text cells of which none may be empty."""
    cells: list[str | None] = list(table.column(name))
    for index, cell in enumerate(cells):
        if name and not cell:
            cells[index] = None
            table.fault(
                index,
                "E_GROUP_MISSING",
                "the cell is empty.",
                "Photographs of one sample must stay together: name the sample.",
                name,
            )
    return cells


def _splits(table: _Table, name: str) -> list[str | None]:
    cells: list[str | None] = list(table.column(name))
    for index, cell in enumerate(cells):
        if cell not in ("train", "test", ""):
            cells[index] = None
            message = f"{cell!r} is neither train nor test nor empty."
            table.fault(index, "E_SPLIT", message, "Correct the cell.", name, str(cell))
    return cells


def _regions(table: _Table, names: Sequence[str]) -> list[tuple[int, ...] | None]:
    """Four columns of whole pixels."""
    cells = [table.column(name) for name in names]
    regions: list[tuple[int, ...] | None] = []
    for index in range(len(table.rows)):
        texts = [column[index] for column in cells]
        wrong = [(n, t) for n, t in zip(names, texts, strict=True) if not _is_pixels(t)]
        for name, cell in wrong:
            message = f"{cell!r} is no whole number of pixels."
            table.fault(index, "E_ROI", message, "Correct the cell.", name, cell)
        regions.append(None if wrong else tuple(int(cell) for cell in texts))
    return regions


def _is_pixels(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and len(cell) < 10
