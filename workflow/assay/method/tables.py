"""Results as tables: a row per photograph, a row per sample; CSV and Excel."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from assay import files
from assay.faults import harmless, refuse
from assay.method.delivered import Result
from assay.quantity import Quantity

Cell = str | float | int | None
Row = dict[str, Cell]


def by_photo(results: Sequence[Result], quantity: Quantity) -> list[Row]:
    """One row per photograph; empty cells where there is no number."""
    return [
        {
            "image": one.image,
            "sample": one.sample,
            quantity.name: one.value,
            "lower": one.lower,
            "upper": one.upper,
            "unit": quantity.unit,
            "verdict": one.verdict,
            "reason": one.reason,
            "spread": one.spread,
        }
        for one in results
    ]


def combine(results: Sequence[Result], quantity: Quantity) -> list[tuple[Result, int, int]]:
    """Of each sample its result, how many photographs it has, and how many of them were used.

    The value is the mean over its photographs on the scale. So are the ends of the interval:
    photographs of a sample share most of their error, which averaging doesn't make smaller.
    """
    groups: dict[str, list[Result]] = {}
    for one in results:
        groups.setdefault(one.sample, []).append(one)
    return [
        (_combined(name, group, quantity), len(group), len(_used(group)))
        for name, group in groups.items()
    ]


def _used(group: Sequence[Result]) -> list[Result]:
    return [one for one in group if one.value is not None]


def _combined(name: str, group: Sequence[Result], quantity: Quantity) -> Result:
    used = _used(group)
    if not used:
        return Result("", name, "REFUSE", _reasons(group))
    reasons = _reasons(group)
    lowers = [one.lower for one in used if one.lower is not None]
    uppers = [one.upper for one in used if one.upper is not None]
    if lowers and max(lowers) > min(uppers):
        apart = "its photographs disagree by more than their intervals"
        reasons = f"{apart}; {reasons}" if reasons else apart
    return Result(
        image="",
        sample=name,
        verdict="WARN" if reasons else "OK",
        reason=reasons,
        value=_mean([one.value for one in used if one.value is not None], quantity),
        lower=_mean(lowers, quantity) if lowers else None,
        upper=_mean(uppers, quantity) if uppers else None,
    )


def _reasons(group: Sequence[Result]) -> str:
    named = [f"{one.image}: {one.reason}" for one in group if one.reason]
    return "; ".join(named) if len(group) > 1 else group[0].reason


def _mean(values: Sequence[float], quantity: Quantity) -> float:
    if quantity.scale == "log10":
        return 10 ** (math.fsum(map(math.log10, values)) / len(values))
    return math.fsum(values) / len(values)


def by_sample(combined: Sequence[tuple[Result, int, int]], quantity: Quantity) -> list[Row]:
    """One row per physical sample."""
    return [
        {
            "sample": one.sample,
            "photographs": number,
            "used": used,
            quantity.name: one.value,
            "lower": one.lower,
            "upper": one.upper,
            "unit": quantity.unit,
            "verdict": one.verdict,
            "reason": one.reason,
        }
        for one, number, used in combined
    ]


def to_csv(rows: Sequence[Row]) -> str:
    """CSV with all digits that tell numbers apart; no cell looks like a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0] if rows else ())
    for row in rows:
        writer.writerow(
            harmless(cell) if isinstance(cell, str) else "" if cell is None else repr(cell)
            for cell in row.values()
        )
    return text.getvalue()


def write_workbook(path: Path, sheets: Mapping[str, Sequence[Row]]) -> None:
    """An Excel workbook with a sheet per table; text stays text, whatever it begins with."""
    try:
        import openpyxl
    except ModuleNotFoundError as error:
        remedy = "Install it, or leave out --xlsx: the CSV has the same rows."
        raise refuse("E_ENGINE", f"{error.name} is not installed.", remedy) from error
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        lines: list[list[Cell]] = [list(rows[0]), *[list(row.values()) for row in rows]]
        for number, cells in enumerate(lines, 1):
            for column, value in enumerate(cells, 1):
                cell = sheet.cell(number, column)
                cell.value = _printable(value) if isinstance(value, str) else value
                if isinstance(value, str):
                    cell.data_type = "s"  # a text that begins with = is no formula
        sheet.freeze_panes = "B2"
        for letter in "ACH" if title == "samples" else "ABH":
            sheet.column_dimensions[letter].width = 24
    buffer = io.BytesIO()
    book.save(buffer)
    files.write_bytes(path, buffer.getvalue(), sealed=False)


def _printable(text: str) -> str:
    """Without control characters and lone surrogates, which a workbook can't hold."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
