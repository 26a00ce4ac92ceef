"""Text tables (CSV) to rows of text cells: encoding, separator, quotes. Nothing is converted."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator
from functools import partial
from itertools import chain, dropwhile
from typing import BinaryIO

from assay.faults import BadInput, Fault, refuse

SEPARATORS = ",;\t|"
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
MOST_LINES, LONGEST_LINE = 10_000_000, 100_000
BLOCK = 2**20  # bytes that are read at once
SAVE_AS = "Save it as 'CSV UTF-8'."
BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


Row = tuple[int, list[str]]  # its line in the file, and its cells


def parse(file: BinaryIO, wanted: Collection[str]) -> tuple[Iterator[Row], str, list[Fault]]:
    """Rows of text cells as they are read, their separator, and warnings.

    wanted: names that settle the separator. BadInput E_EMPTY or E_ENCODING; E_QUOTE and E_TOO_LARGE
    come with the rows.
    """
    start, warnings = _beginning(file)
    file.seek(start)
    text = file.read(4 * LONGEST_LINE).decode("utf-8", errors="ignore")  # the last may be cut
    stated = re.match(r'"?sep=(.)"?(\r\n|\n|\r)', text)
    if stated:
        # the line is kept as a blank one, so that row numbers are those of an editor
        start += len(text[: stated.start(2)].encode())
    separator = stated[1] if stated else _separator(text, wanted)
    if stated or separator != ",":
        name = NAMES.get(separator, repr(separator))
        how = "as its first line says" if stated else "as its header shows"
        warnings.append(Fault("W_SEPARATOR", f"its cells are separated by {name}, {how}."))
    file.seek(start)
    rows = dropwhile(_is_blank, _rows(file, separator))
    first = next(rows, None)
    if not first:
        raise refuse("E_EMPTY", "the table has no rows.", "Export it again.")
    return chain([first], rows), separator, warnings


def _is_blank(row: Row) -> bool:
    return not any(cell.strip() for cell in row[1])


def _beginning(file: BinaryIO) -> tuple[int, list[Fault]]:
    """Where the text begins, behind its byte order mark; E_ENCODING for anything but UTF-8."""
    head = file.read(BLOCK)
    for mark, name in BOMS:
        if head.startswith(mark):
            raise refuse("E_ENCODING", f"its text is {name}, not UTF-8.", SAVE_AS)
    _check_letters(file)
    start = 0
    file.seek(0)
    while file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
        start += len(codecs.BOM_UTF8)
    twice = [Fault("W_BOM", "it starts with several byte order marks; they were dropped.")]
    return start, twice if start > len(codecs.BOM_UTF8) else []


def _check_letters(file: BinaryIO) -> None:
    """Refuse a NUL byte and, if there is none, the first byte that isn't UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    wrong: tuple[int, int] | None = None
    position = 0
    file.seek(0)
    while True:
        block = file.read(BLOCK)
        if (nul := block.find(b"\0")) >= 0:
            raise _nul(file, position + nul)
        try:
            kept = len(decoder.getstate()[0])
            if not wrong:
                decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            wrong = position - kept + error.start, error.object[error.start]
        if not block:
            break
        position += len(block)
    if wrong:
        message = f"byte 0x{wrong[1]:02X} is not UTF-8."
        raise refuse("E_ENCODING", message, SAVE_AS, row=_line(file, wrong[0]))


def _nul(file: BinaryIO, position: int) -> BadInput:
    file.seek(0)
    head = file.read(400)
    if head.count(b"\0") > len(head) / 4:
        return refuse("E_ENCODING", "its text seems to be UTF-16 without a mark.", SAVE_AS)
    row = _line(file, position)
    return refuse("E_ENCODING", "it holds a NUL byte, so it is no text.", SAVE_AS, row=row)


def _line(file: BinaryIO, position: int) -> int:
    """The line of a byte, from 1, whatever ends the lines."""
    file.seek(0)
    line, last = 1, b""
    while position > 0 and (block := file.read(min(BLOCK, position))):
        both = last + block  # an end of two bytes may lie across two blocks
        line += both.count(b"\n") + both.count(b"\r") - both.count(b"\r\n") - last.count(b"\r")
        last, position = block[-1:], position - len(block)
        last = last if last == b"\r" else b""
    return line


def _separator(text: str, wanted: Collection[str]) -> str:
    """The separator under which the first line shows most wanted names, then most cells."""
    lines = io.StringIO(text[:LONGEST_LINE], newline="")
    first = next((line for line in lines if line.strip()), "")

    def merit(separator: str) -> tuple[int, int]:
        cells = [cell.strip().strip('"').strip() for cell in first.split(separator)]
        return len(set(cells) & set(wanted)), len(cells)

    return max(SEPARATORS, key=merit)  # the comma among equals: it stands first


def _rows(file: BinaryIO, separator: str) -> Iterator[Row]:
    reader = csv.reader(_lines(file), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _quote_fault(str(error), line) from error
        yield line, cells


def _lines(file: BinaryIO) -> Iterator[str]:
    """Lines with their ends; BadInput E_TOO_LARGE for what no label table has."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    for number, line in enumerate(iter(partial(text.readline, LONGEST_LINE + 1), ""), start=1):
        if number > MOST_LINES or len(line) > LONGEST_LINE:
            message = f"it has more than {MOST_LINES} lines, or one of {LONGEST_LINE} letters."
            raise refuse("E_TOO_LARGE", message, "Is it the label table?", row=number)
        yield line


def _quote_fault(reason: str, line: int) -> BadInput:
    what = "text follows a closing quote" if "expected after" in reason else "a quote isn't closed"
    return refuse(
        "E_QUOTE", f"{what} in the cells that start here.", 'Write a quote as "".', row=line
    )
