"""The figures of the transfer, its table, and its section in the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import runs
from assay import cli, files, plot_transfer, transfer
from assay.figures import style
from assay.figures import transfer as figures
from test_figures import words
from test_report import Page, make

FACTS = style.Facts(60, 120, 0, 1)
BETTER, NONE = "better", "no difference shown"


def groups(name: str = "ridge", ordinary: float | None = 5.0, many: int = 3) -> pd.DataFrame:
    """Three groups, of which the second is set right by its standards, and all of them."""
    rows = []
    sizes = {"lot 1": (6.0, 6.5, NONE), "lot <2>": (20.0, 6.0, BETTER), "lot 3": (7.0, 6.9, NONE)}
    for group, (before, after, verdict) in (sizes | {"all groups": (11.0, 6.5, BETTER)}).items():
        row: dict[str, Any] = {"experiment": name, "group": group, "note": ""}
        row |= {"groups": many if group == "all groups" else 1, "samples": 20, "photographs": 40}
        row |= {"judged": 16, "standards": 4, "bias": 1.0, "bias_low": -1.0, "bias_high": 3.0}
        for column, value in {"rmse": before, "before": before, "after": after}.items():
            row |= {column: value, f"{column}_low": 0.8 * value, f"{column}_high": 1.3 * value}
        row |= {"difference": after - before, "difference_low": after - before - 1}
        row |= {"difference_high": after - before + 1, "difference_p": 0.01}
        row |= {"difference_verdict": verdict, "ordinary": ordinary}
        row |= {"cost": 6.0, "cost_low": 4.0, "cost_high": 8.0, "cost_verdict": "worse"}
        rows.append(row)
    return pd.DataFrame(rows).reindex(columns=transfer.COLUMNS)


def pairs(name: str = "ridge") -> pd.DataFrame:
    names = ["lot 1", "lot <2>", "lot 3"]
    rows = [
        {"experiment": name, "trained_on": one, "group": other, "rmse": 10.0 + 5 * (place + turn)}
        for place, one in enumerate(names)
        for turn, other in enumerate(names)
        if one != other
    ]
    return pd.DataFrame(rows).reindex(columns=transfer.MATRIX)


def empty(note: str) -> pd.DataFrame:
    """What the step writes where there is nothing to transfer between."""
    row = {"experiment": "mean", "group": "", "note": note}
    return pd.DataFrame([row]).reindex(columns=transfer.COLUMNS)


def made(folder: Path, *tables: tuple[pd.DataFrame, pd.DataFrame]) -> Path:
    own, alone = [], []
    for number, (one, other) in enumerate(tables):
        own.append(folder / f"g{number}.csv")
        alone.append(folder / f"p{number}.csv")
        files.write_table(own[-1], one)
        files.write_table(alone[-1], other)
    dealt = {"set": "train", "sample": [f"s{n}" for n in range(60)], "fold": 0}
    files.write_table(folder / "dealt.csv", pd.DataFrame(dealt))
    out = folder / "figures" / "experiments"
    plot_transfer.plot_transfer(
        own,
        alone,
        folder / "dealt.csv",
        runs.QUANTITY,
        1,
        folder / "transfer.csv",
        folder / "matrix.csv",
        out,
    )
    return out


def test_both_figures_are_drawn_and_the_tables_put_together(tmp_path: Path) -> None:
    nothing = empty("one group only")
    out = made(tmp_path, (groups(), pairs()), (nothing, pairs("mean").iloc[:0]))
    for name in ("ridge", "mean"):
        for figure in ("transfer", "matrix"):
            assert (out / name / f"{figure}.png").read_bytes().startswith(b"\x89PNG")
            assert b"<svg" in (out / name / f"{figure}.svg").read_bytes()
    assert len(files.read_table(tmp_path / "transfer.csv")) == 5
    assert len(files.read_table(tmp_path / "matrix.csv")) == 6


def test_the_forest_writes_both_errors_and_their_verdicts() -> None:
    with style.style():
        text = words(figures.transfer(groups(), runs.QUANTITY, "ridge", FACTS))
    for told in ("20.0 → 6.00", "after: better", "after: no difference shown", "4 standards"):
        assert told in text
    assert "n = 60 samples, 120 photographs" in text


def test_the_matrix_writes_every_number_but_its_diagonal() -> None:
    with style.style():
        figure = figures.matrix(pairs(), runs.QUANTITY, "ridge", FACTS)
        text = words(figure)
    assert sorted(text.splitlines()).count("15.0") == 2
    numbers = [line for line in text.splitlines() if line.replace(".", "").isdigit()]
    assert len(numbers) == 6
    wide = figures.squared(pairs())
    assert np.isnan(np.diag(wide)).all()
    assert wide.loc["lot 3", "lot 1"] == 20
    assert "RMSE (mg/L)" in [axes.get_ylabel() for axes in figure.axes]


@pytest.mark.parametrize("draw", [figures.transfer, figures.matrix])
def test_nothing_to_draw_is_a_sentence(draw: Any) -> None:
    table = empty("one group only").assign(trained_on="")
    with style.style():
        text = words(draw(table, runs.QUANTITY, "mean", FACTS))
    assert "Nothing to show: one group only." in text


def section(tiny: Path, *tables: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[str, Page]:
    runs.make(tiny)
    made(tiny, *tables)
    page = make(tiny, tables=["transfer.csv", "matrix.csv"])
    return page.text[page.text.index('id="transfer"') : page.text.index('id="test-set"')], page


def test_the_report_says_what_a_new_group_costs_and_what_standards_mend(tiny: Path) -> None:
    text, page = section(tiny, (groups(many=7), pairs()))
    assert "On groups that it never saw, ridge has an RMSE of 11.0 mg/L" in text
    assert "against 5.00 mg/L where other samples of the group were trained on" in text
    assert "better in 1 (lot &lt;2&gt;), worse in 0 of 3" in text
    assert "7 groups were put together, neighbours by name, into 3" in text
    assert "lot <2>" not in page.text
    shown = [cell["data-value"] for cell in page.cells if cell["data-column"] == "after"]
    assert [float(value) for value in shown] == list(groups()["after"])
    alts = [a["alt"] for tag, a in page.tags if tag == "img" and a["alt"].startswith("Heat map")]
    assert "15.0 (lot 1 for lot <2>) to 25.0 (lot <2> for lot 3)" in alts[0]


def test_without_groups_the_report_says_so_and_shows_no_table(tiny: Path) -> None:
    text, page = section(tiny, (empty("all photographs are of one phone"), pairs("mean").iloc[:0]))
    assert "mean: nothing to say of new groups: all photographs are of one phone." in text
    assert "<table" not in text
    assert "<img" not in text
    assert ("a", {"href": "#transfer"}) in page.tags


def test_the_step_has_a_command_line() -> None:
    assert "--pairs" in cli.parser(plot_transfer.plot_transfer).format_help()
