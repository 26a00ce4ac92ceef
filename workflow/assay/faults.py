"""Bad input, said in one sentence: which file, which row, what to do. Codes are a contract."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault (`E_` stops the run) or warning (`W_` is used and told) of a data set or setting.

    row is the line number in the table's file, the header being line 1; None where no row is meant.
    """

    code: str
    message: str
    remedy: str = ""
    file: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""

    @property
    def stops(self) -> bool:
        """True for an error, False for a warning."""
        return self.code.startswith("E_")

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                _visible(self.file),
                f"row {self.row}" if self.row else "",
                self.column and f"column {self.column}",
            )
            if part
        )
        sentence = f"{self.code}: {place + ': ' if place else ''}{self.message}"
        return f"{sentence} {self.remedy}".strip()


def _visible(text: str) -> str:
    """Text whose control characters are written out: a file's name mustn't steer a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class BadInput(Exception):  # noqa: N818 - the word users read
    """Input that must be mended before anything runs; carries every fault, not only the first."""

    def __init__(self, faults: Fault | Iterable[Fault]):
        self.faults = [faults] if isinstance(faults, Fault) else list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def refuse(code: str, message: str, remedy: str = "", **place: object) -> BadInput:
    """A BadInput with one fault, to be raised by the caller; place: file, row, column, value."""
    return BadInput(Fault(code, message, remedy, **place))  # type: ignore[arg-type]


_FORMULA = re.compile("'*[=+\\-@\t\r]")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; `as_meant` takes the quote away again."""
    return "'" + cell if _FORMULA.match(cell) else cell


def as_meant(cell: str) -> str:
    """What a harmless cell was before."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def to_csv(faults: Iterable[Fault]) -> str:
    """The faults as the text of a CSV table: code, message, remedy, file, row, column, value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [field.name for field in fields(Fault)]
    writer.writerow(names)
    for fault in faults:
        cells = [getattr(fault, name) for name in names]
        writer.writerow("" if cell is None else harmless(str(cell)) for cell in cells)
    return text.getvalue()
