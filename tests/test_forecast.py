"""From points to a forecast, its figure and its section in the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import runs
from assay import cli, files, forecast
from assay.reporting import generalisation
from assay.statistics import learning_curve as curves
from assay.statistics.interval import Interval
from test_report import Page, make

SHARES = [0.2, 0.3, 0.45, 0.7, 1.0]


def law(samples: Any) -> Any:
    return 3 + 60 * np.asarray(samples, dtype=float) ** -0.5


def points(name: str = "ridge", largest: int = 400, flat: bool = False) -> pd.DataFrame:
    """Points of three folds about a law, and all folds together."""
    rng = np.random.default_rng(0)
    rows = []
    for share in SHARES:
        size = round(share * largest)
        rmse = (6 if flat else law(size)) * np.exp(rng.normal(0, 0.01, 3))
        row = {"experiment": name, "share": share, "samples": size, "photographs": size}
        row |= {"judged": 200, "note": ""}
        rows += [row | {"fold": str(fold), "rmse": value} for fold, value in enumerate(rmse)]
        whole = {
            "rmse": rmse.mean(),
            "rmse_low": 0.92 * rmse.mean(),
            "rmse_high": 1.1 * rmse.mean(),
        }
        rows.append(row | {"fold": "pooled"} | whole)
    return pd.DataFrame(rows)


def made(folder: Path, *tables: pd.DataFrame) -> pd.DataFrame:
    paths = [folder / f"{number}.csv" for number, _ in enumerate(tables)]
    for path, table in zip(paths, tables, strict=True):
        files.write_table(path, table)
    split = {"set": "train", "sample": [f"s{n}" for n in range(600)], "fold": np.arange(600) % 3}
    files.write_table(folder / "dealt.csv", pd.DataFrame(split))
    figure = [folder / "figures" / f"sample_size.{kind}" for kind in ("png", "svg")]
    out, table = folder / "sample_size.csv", folder / "forecast.csv"
    forecast.forecast(paths, folder / "dealt.csv", runs.QUANTITY, 1, out, table, figure)
    assert figure[0].read_bytes().startswith(b"\x89PNG")
    assert b"stroke-dasharray" in figure[1].read_bytes(), "what is forecast is dashed"
    return files.read_table(table)


def test_a_planted_law_is_forecast_and_targets_are_found(tmp_path: Path) -> None:
    rows = made(tmp_path, points()).set_index("question")
    assert list(rows["samples"][:4]) == [400, 400, 800, 1600]
    for question, size in (("RMSE with 2 times the samples", 800), ("RMSE now, by the curve", 400)):
        row = rows.loc[question]
        assert row["rmse_low"] < law(size) < row["rmse_high"]
        assert row["rmse"] == pytest.approx(law(size), rel=0.08)
    measured = points().query("fold == 'pooled'")["rmse"].iloc[-1]
    assert rows.loc["RMSE now, measured", "rmse"] == pytest.approx(measured)
    ten = rows.loc["samples for 10 % less error"]
    assert 500 < ten["samples"] < 1100, "600 by the law"
    assert ten["times"] == pytest.approx(ten["samples"] / 400)
    half = rows.loc["samples for half the error"]
    assert np.isnan(half["samples"])
    assert "more data alone won't do" in half["note"]


def test_all_experiments_come_in_one_table_and_a_flat_curve_is_not_forecast(tmp_path: Path) -> None:
    rows = made(tmp_path, points("ridge"), points("mean", flat=True))
    assert list(files.read_table(tmp_path / "sample_size.csv")["experiment"].unique()) == [
        "ridge",
        "mean",
    ]
    flat = rows[rows["experiment"].eq("mean")]
    assert flat["note"].iloc[1:].str.contains("not shown to fall").all()
    assert flat["rmse"].notna().tolist() == [True] + [False] * 5, "what was measured stays"
    rows = made(tmp_path, *[points(f"e{number}") for number in range(6)])
    assert rows["experiment"].nunique() == 6


def test_too_few_points_or_none_at_all_are_no_crash(tmp_path: Path) -> None:
    few = points().query("share > 0.5")
    assert "a forecast needs" in made(tmp_path, few, points())["note"].iloc[1]
    none = points().assign(rmse=np.nan, rmse_low=np.nan, rmse_high=np.nan, note="failed")
    table = made(tmp_path, none, points())
    assert table["note"].iloc[1] == "nothing was scored"
    scarce = points().assign(rmse_low=np.nan, rmse_high=np.nan)
    assert "too few samples for an interval" in made(tmp_path, scarce, points())["note"].iloc[1]


def test_luck_that_all_points_share_is_in_the_interval() -> None:
    held, bare, trials = 0, 0, 60
    sizes = np.repeat([80, 120, 180, 280, 400], 3)
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        luck = np.exp(rng.normal(0, 0.07))
        found = law(sizes) * luck * np.exp(rng.normal(0, 0.03, sizes.size))
        curve = curves.learning_curve(sizes, found, count=200, seed=trial)
        now = law(400) * luck
        whole = Interval(now, now * np.exp(-1.96 * 0.07), now * np.exp(1.96 * 0.07))
        wide = curves.with_shared_error(curve, whole, seed=trial)
        held += curves.forecast(wide, 800).contains(law(800))
        bare += curves.forecast(curve, 800).contains(law(800))
    assert held >= 0.9 * trials
    assert bare < 0.85 * trials


def section(tiny: Path, *tables: pd.DataFrame, **changes: Any) -> tuple[str, Page]:
    """The section of the report, and the whole page."""
    runs.make(tiny)
    made(tiny, *tables)
    page = make(tiny, tables=["sample_size.csv", "forecast.csv"], **changes)
    text = page.text[page.text.index('id="more-samples?"') : page.text.index('id="test-set"')]
    return text, page


def test_the_report_says_what_more_samples_would_bring(tiny: Path) -> None:
    files.write_json(
        tiny / "facts.json",
        {"experiment": "vgg", "samples": 12, "thin": ["80 (n = 2)"], "groups": None},
    )
    text, page = section(tiny, points(), points("mean", flat=True), validity=tiny / "facts.json")
    assert "ridge: RMSE " in text
    assert "with 2 times as many (95 % interval" in text
    assert "Needed for 10 % less error" in text
    assert "No forecast: the RMSE is not shown to fall" in text
    assert "fewer than 5 samples out of fold: 80 (n = 2)" in text
    assert ("a", {"href": "#more-samples?"}) in page.tags
    table = files.read_table(tiny / "forecast.csv")
    shown = [cell["data-value"] for cell in page.cells if cell["data-column"] == "times"]
    assert [float(value) for value in shown if value] == list(table["times"].dropna())


def test_without_thin_levels_the_report_says_so() -> None:
    assert generalisation.of_thin(None) == []
    (told,) = generalisation.of_thin({"thin": []})
    assert "No level is thin" in told


def test_the_step_has_a_command_line() -> None:
    assert "--points" in cli.parser(forecast.forecast).format_help()
