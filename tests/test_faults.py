"""Codes are a contract: docs/faults.md has each of the source, and no other."""

import csv
import io
import re

from assay.faults import Fault, to_csv

CODE = re.compile(r"\b[EW]_[A-Z][A-Z_]+\b")


def test_every_code_is_documented_and_every_documented_code_exists(root):
    documented = set(CODE.findall((root / "docs" / "faults.md").read_text()))
    source = "".join(path.read_text() for path in (root / "workflow").rglob("*.py"))
    assert set(CODE.findall(source)) == documented


def test_a_cell_is_never_a_formula_for_a_spreadsheet():
    faults = [
        Fault("E_MISSING", "=1+1", file=name) for name in ("=a", "+a", "-a", "@a", "\ta", "a")
    ]
    rows = list(csv.DictReader(io.StringIO(to_csv(faults))))
    assert [row["file"] for row in rows] == ["'=a", "'+a", "'-a", "'@a", "'\ta", "a"]
    assert {row["message"] for row in rows} == {"'=1+1"}


def test_a_fault_says_where_what_and_what_to_do():
    fault = Fault("E_LABEL_TEXT", "'x' is not a number.", "Write one.", "t.csv", 3, "value", "x")
    text = "E_LABEL_TEXT: t.csv, row 3, column value: 'x' is not a number. Write one."
    assert str(fault) == text
    assert fault.stops
    assert not Fault("W_SMALL", "only 9x9 pixels.").stops


def test_names_cannot_steer_the_terminal():
    fault = Fault("E_EMPTY", "it has no bytes.", file="\x1b[2Jred\n.png\u202e")
    assert str(fault) == "E_EMPTY: \\x1b[2Jred\\n.png\\u202e: it has no bytes."
