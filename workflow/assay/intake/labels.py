"""The strict reader of label tables: every cell is text until its column says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from assay.faults import BadInput, Fault
from assay.intake.rows import Rows, none
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


@dataclass
class Labels:
    """What a table says. faults holds errors and warnings; rows with errors in cells are absent."""

    rows: Rows = field(default_factory=none)
    faults: list[Fault] = field(default_factory=list)
    lines: int = 0  # rows in the table, blank ones not counted
    censored: int = 0
    dropped: int = 0
    # of all rows that have as many cells as the header, faulty ones too
    numbers: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    images: list[str] = field(default_factory=list)


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
    labels.numbers = np.array(sheet.rows, dtype=np.int64)
    _fill(_Table(sheet.columns, labels), columns, _Rules(low, high, censored))
    labels.faults = [replace(fault, file=str(path)) for fault in labels.faults]
    return labels


@dataclass(frozen=True)
class _Rules:
    low: float
    high: float
    censored: Censored


class _Table:
    """Columns of whole rows, which of them have no faulty cell so far, and where faults go."""

    def __init__(self, columns: dict[str, list[str]], labels: Labels):
        self.columns, self.labels = columns, labels
        self.good = np.ones(len(labels.numbers), dtype=bool)

    def column(self, name: str) -> list[str]:
        """The cleaned cells of a column, [""] * rows for the name ""; W_SPACE once a column."""
        if not name:
            return [""] * len(self.good)
        cells = self.columns[name]
        cleaned = [numbers.clean(cell) for cell in cells]
        changed = [i for i, cell in enumerate(cells) if cell != cleaned[i]]
        if changed:
            self.fault(changed[0], "W_SPACE", f"{len(changed)} cells have stray spaces.", "", name)
        return cleaned

    def fault(
        self, index: int, code: str, message: str, remedy: str, column: str, value: str = ""
    ) -> None:
        """Note a fault of a row."""
        row = int(self.labels.numbers[index])
        fault = Fault(code, message, remedy, row=row, column=column, value=value)
        self.labels.faults.append(fault)
        self.good[index] &= not fault.stops


def _fill(table: _Table, columns: Columns, rules: _Rules) -> None:
    """Turn cells into rows; those with a faulty cell only leave their fault."""
    labels = table.labels
    labels.images = table.columns[columns.image]  # as written: spaces may be part of a name
    values = _values(table, columns.label, rules)
    samples = _identifiers(table, columns.sample)
    groups = _identifiers(table, columns.group)
    splits = _splits(table, columns.split)
    regions = _regions(table, columns.roi)
    every = Rows(labels.numbers, labels.images, values, samples, groups, splits, regions)
    labels.rows = every if table.good.all() else every.at(np.flatnonzero(table.good))


def _values(table: _Table, name: str, rules: _Rules) -> np.ndarray:
    """(rows,) values; 0 where the cell is faulty."""
    cells = table.column(name)
    comma = numbers.decimal_comma(cells)
    if comma:
        table.labels.faults.append(
            Fault("W_DECIMAL", "its decimal sign is the comma.", column=name)
        )
    values = (_value(table, i, cell, comma, name, rules) for i, cell in enumerate(cells))
    return np.fromiter(values, dtype=float, count=len(cells))


def _value(table: _Table, index: int, cell: str, comma: bool, name: str, rules: _Rules) -> float:
    reading = numbers.interpret(cell, comma)
    if reading.code:
        table.fault(index, reading.code, reading.message, reading.remedy, name, cell)
        return 0.0
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
        return 0.0
    return reading.value


def _censored(
    table: _Table, index: int, cell: str, reading: numbers.Reading, name: str, rules: _Rules
) -> float:
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
        return 0.0
    if rules.censored == "drop":
        table.labels.dropped += 1
        table.good[index] = False
        return 0.0
    return reading.value / 2 if rules.censored == "half" and reading.side == "<" else reading.value


def _identifiers(table: _Table, name: str) -> list[str]:
    """Text cells of which none may be empty."""
    cells = table.column(name)
    for index in [i for i, cell in enumerate(cells) if name and not cell]:
        table.fault(
            index,
            "E_GROUP_MISSING",
            "the cell is empty.",
            "Photographs of one sample must stay together: name the sample.",
            name,
        )
    return cells


def _splits(table: _Table, name: str) -> list[str]:
    cells = table.column(name)
    for index, cell in enumerate(cells):
        if cell not in ("train", "test", ""):
            message = f"{cell!r} is neither train nor test nor empty."
            table.fault(index, "E_SPLIT", message, "Correct the cell.", name, cell)
    return cells


def _regions(table: _Table, names: Sequence[str]) -> np.ndarray:
    """(rows, 4) whole pixels; (rows, 0) without names."""
    regions = np.zeros((len(table.good), len(names)), dtype=np.int64)
    for index, cells in enumerate(zip(*map(table.column, names), strict=True)):
        wrong = [(n, cell) for n, cell in zip(names, cells, strict=True) if not _is_pixels(cell)]
        for name, cell in wrong:
            message = f"{cell!r} is no whole number of pixels."
            table.fault(index, "E_ROI", message, "Correct the cell.", name, cell)
        if not wrong:
            regions[index] = [int(cell) for cell in cells]
    return regions


def _is_pixels(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and len(cell) < 10
