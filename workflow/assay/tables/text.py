"""Text tables (CSV) to rows of text cells: encoding, separator, quotes. Nothing is converted."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator

from assay.faults import BadInput, Fault, refuse

SEPARATORS = ",;\t|"
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
MOST_LINES, LONGEST_LINE = 1_000_000, 100_000
SAVE_AS = "Save it as 'CSV UTF-8'."
BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


Row = tuple[int, list[str]]  # its line in the file, and its cells


def parse(data: bytes, wanted: Collection[str]) -> tuple[list[Row], str, list[Fault]]:
    """Rows of text cells, their separator, and warnings; wanted: names that settle the separator.

    BadInput E_EMPTY, E_ENCODING or E_QUOTE.
    """
    text, warnings = _decoded(data)
    stated = re.match(r'"?sep=(.)"?(\r\n|\n|\r)', text)
    if stated:
        # the line is kept as a blank one, so that row numbers are those of an editor
        text = stated[2] + text[stated.end() :]
    separator = stated[1] if stated else _separator(text, wanted)
    if stated or separator != ",":
        name = NAMES.get(separator, repr(separator))
        how = "as its first line says" if stated else "as its header shows"
        warnings.append(Fault("W_SEPARATOR", f"its cells are separated by {name}, {how}."))
    rows = _rows(text, separator)
    while rows and not any(cell.strip() for cell in rows[0][1]):
        rows.pop(0)
    if not rows:
        raise refuse("E_EMPTY", "the table has no rows.", "Export it again.")
    return rows, separator, warnings


def _decoded(data: bytes) -> tuple[str, list[Fault]]:
    """Text without its byte order mark; E_ENCODING for anything but UTF-8."""
    for mark, name in BOMS:
        if data.startswith(mark):
            raise refuse("E_ENCODING", f"its text is {name}, not UTF-8.", SAVE_AS)
    _refuse_nul(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refuse(
            "E_ENCODING",
            f"byte 0x{data[error.start]:02X} is not UTF-8.",
            SAVE_AS,
            row=_line(data, error.start),
        ) from error
    bare = text.lstrip("\ufeff")
    twice = [Fault("W_BOM", "it starts with several byte order marks; they were dropped.")]
    return bare, twice if len(text) - len(bare) > 1 else []


def _refuse_nul(data: bytes) -> None:
    position = data.find(b"\0")
    if position < 0:
        return
    head = data[:400]
    if head.count(b"\0") > len(head) / 4:
        raise refuse("E_ENCODING", "its text seems to be UTF-16 without a mark.", SAVE_AS)
    row = _line(data, position)
    raise refuse("E_ENCODING", "it holds a NUL byte, so it is no text.", SAVE_AS, row=row)


def _line(data: bytes, position: int) -> int:
    before = data[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1


def _separator(text: str, wanted: Collection[str]) -> str:
    """The separator under which the first line shows most wanted names, then most cells."""
    lines = io.StringIO(text[:LONGEST_LINE], newline="")
    first = next((line for line in lines if line.strip()), "")

    def merit(separator: str) -> tuple[int, int]:
        cells = [cell.strip().strip('"').strip() for cell in first.split(separator)]
        return len(set(cells) & set(wanted)), len(cells)

    return max(SEPARATORS, key=merit)  # the comma among equals: it stands first


def _rows(text: str, separator: str) -> list[Row]:
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    rows: list[Row] = []
    while True:
        line = reader.line_num + 1
        try:
            rows.append((line, next(reader)))
        except StopIteration:
            return rows
        except csv.Error as error:
            raise _quote_fault(str(error), line) from error


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends; BadInput E_TOO_LARGE for what no label table has."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if number > MOST_LINES or len(line) > LONGEST_LINE:
            message = f"it has more than {MOST_LINES} lines, or one of {LONGEST_LINE} letters."
            raise refuse("E_TOO_LARGE", message, "Is it the label table?", row=number)
        yield line


def _quote_fault(reason: str, line: int) -> BadInput:
    what = "text follows a closing quote" if "expected after" in reason else "a quote isn't closed"
    return refuse(
        "E_QUOTE", f"{what} in the cells that start here.", 'Write a quote as "".', row=line
    )
