"""What a label cell says: our own grammar of numbers, since float() takes 1_000, ١٢ and nan."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)
COULD_BE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}([.,]\d{3})*[.,]\d+", re.ASCII)
CENSORED = re.compile(r"([<>≤≥]=?)\s*(.*)", re.DOTALL)
INFINITE = re.compile(r"[+-]?(inf|infinity|∞)", re.IGNORECASE)
MISSING = {"", "nan", "+nan", "-nan", "na", "n/a", "#n/a", "null", "none", "-", "--", "?"}
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\xad"
FLOAT32_MOST, FLOAT32_LEAST = 3.4028235e38, 1.4e-45
HINTS = (
    (r"^[−–—]", "Write the minus sign of the keyboard (-)."),
    (r"_", "Leave out the underscore."),
    (r"±|\+[-/]", "Keep the value alone; its uncertainty has no place here."),
    (r"%", "Leave out the percent sign, for all rows alike."),
    (r"^[\d.,]+\s*[^\d\s.,]", "Keep the number alone; convert all rows to one unit."),
    (r"^\d[\d ]*\d$", "Leave out the spaces between the digits."),
)


@dataclass(frozen=True)
class Reading:
    """A cell's value, or the code and sentence of what is wrong; side "<" or ">" if censored."""

    value: float = 0.0
    code: str = ""
    message: str = ""
    remedy: str = ""
    side: str = ""


def clean(cell: str) -> str:
    """The cell without spaces at its ends: no-break, thin and zero-width ones too."""
    previous = None
    while previous != cell:
        previous, cell = cell, cell.strip().strip(INVISIBLE)
    return cell


def decimal_comma(cells: Iterable[str]) -> bool:
    """Whether a column's cells show that the comma is its decimal sign beyond doubt.

    So: some comma that can't part thousands (160,5), and no cell with a dot.
    """
    bodies = [_split(cell)[1] for cell in cells]
    commas = [body for body in bodies if COMMA.fullmatch(body)]
    dots = any("." in body and NUMBER.fullmatch(body) for body in bodies)
    return not dots and any(not COULD_BE_THOUSANDS.fullmatch(body) for body in commas)


def _split(cell: str) -> tuple[str, str]:
    """The sign of a censored value ("<", ">" or "") and the rest of the cell."""
    censored = CENSORED.fullmatch(cell)
    if not censored:
        return "", cell
    return "<" if censored[1][0] in "<≤" else ">", clean(censored[2])


def interpret(cell: str, comma: bool) -> Reading:
    """Read a cleaned cell; comma: the column's decimal sign is the comma."""
    if cell.casefold() in MISSING:
        return Reading(
            code="E_LABEL_MISSING", message="the value is missing.", remedy="Fill it in."
        )
    side, body = _split(cell)
    if INFINITE.fullmatch(body):
        return _not_finite(cell)
    if comma and COMMA.fullmatch(body):
        body = body.replace(",", ".")
    elif COMMA.fullmatch(body) or (GROUPED.fullmatch(body) and not NUMBER.fullmatch(body)):
        return Reading(
            code="E_DECIMAL",
            message=f"{cell!r} can be read in two ways: comma or dot as decimal sign.",
            remedy="Write all values with a decimal dot and without thousands signs.",
        )
    if not NUMBER.fullmatch(body):
        hint = next((hint for sign, hint in HINTS if re.search(sign, cell)), "Write a number.")
        return Reading(code="E_LABEL_TEXT", message=f"{cell!r} is not a number.", remedy=hint)
    value = float(body)
    if abs(value) > FLOAT32_MOST or 0 < abs(value) < FLOAT32_LEAST:
        return _not_finite(cell)
    return Reading(value, side=side)


def _not_finite(cell: str) -> Reading:
    return Reading(
        code="E_LABEL_NOT_FINITE",
        message=f"{cell!r} is infinite, or beyond what networks compute with (float32).",
        remedy="Choose another unit or correct the value.",
    )
