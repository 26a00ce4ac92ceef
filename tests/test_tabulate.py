from __future__ import annotations

import base64
import re
from pathlib import Path

import runs
from assay import files, tabulate


def test_a_table_becomes_a_page_that_holds_its_csv(tiny: Path) -> None:
    runs.make(tiny)
    page, csv = tiny / "page.html", tiny / "tables" / "leaderboard.csv"
    tabulate.tabulate(tiny / "leaderboard.csv", page, csv)
    content = (tiny / "leaderboard.csv").read_bytes()
    assert csv.read_bytes() == content
    text = page.read_text()
    inlined = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', text)
    assert inlined
    assert base64.b64decode(inlined[1]) == content
    rmse = files.read_table(csv)["rmse"].iloc[0]
    assert f'data-column="rmse" data-value="{float(rmse)!r}"' in text
    assert "<caption>" in text
    assert not re.search(r"https?:", text)
