from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import validations
from assay import cli, diagnose, files
from assay.diagnosis.groups import effect_table
from assay.faults import BadInput
from assay.validation.rows import samples

NAMES = ["groups", "group_effect", "interval_coverage"]


def run(folder: Path, table: pd.DataFrame, **options: Any) -> dict[str, pd.DataFrame]:
    """Run the step on pooled predictions; the tables that it wrote."""
    files.write_table(folder / "predictions.csv", table)
    paths = {name: folder / f"{name}.csv" for name in NAMES}
    diagnose.diagnose(folder / "predictions.csv", **paths, **options)
    return {name: files.read_table(path) for name, path in paths.items()}


def test_a_planted_shift_between_sessions_is_found_and_sized(tmp_path: Path) -> None:
    table = validations.photographs(samples=240, groups=24, noise=2.0, session=6.0)
    made = run(tmp_path, table)
    row = made["group_effect"].iloc[0]
    assert row["between_low"] <= 6.0 <= row["between_high"]
    assert row["p"] < 1e-6
    assert row["share"] == pytest.approx(
        row["between"] ** 2 / (row["between"] ** 2 + row["within"] ** 2)
    )
    assert len(made["groups"]) == 24
    assert made["groups"]["samples"].sum() == 240


def test_without_a_shift_groups_differ_no_more_often_than_promised() -> None:
    p = []
    for seed in range(60):
        own = samples(validations.photographs(groups=6, seed=seed), "linear")
        p.append(effect_table(own, True, "linear")["p"].item())
    assert np.mean(np.array(p) <= 0.05) <= 0.12
    assert stats.kstest(p, "uniform").pvalue > 0.001


def test_the_bias_of_a_group_is_that_of_its_samples(tmp_path: Path) -> None:
    table = validations.photographs(samples=30, photos=3, groups=3)
    row = run(tmp_path, table)["groups"].iloc[0]
    own = table[table["group"].eq(row["group"])]
    means = (own["found"] - own["label"]).groupby(own["sample"]).mean()
    found = stats.ttest_1samp(means, 0).confidence_interval(0.95)
    assert row["bias"] == pytest.approx(means.mean())
    assert [row["bias_low"], row["bias_high"]] == pytest.approx([found.low, found.high])
    assert row["sd"] == pytest.approx(means.std())
    assert row["photographs"] == len(own)


def test_intervals_hold_what_they_promise_and_levels_of_wide_errors_stand_out(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(3)
    table = validations.photographs(samples=600, photos=1, levels=6)
    table["found"] = table["label"] + rng.normal(0, 4, len(table))
    rows = run(tmp_path, table)["interval_coverage"]
    assert list(rows["level"]) == ["1", "2", "3", "4", "5", "6", "all"]
    every = rows.iloc[-1]
    assert every["share_low"] <= 0.9 <= every["share_high"]
    assert every["samples"] == 600
    assert every["half_width"] == pytest.approx(1.645 * 4, rel=0.1)
    high = table["label"].gt(320)
    table.loc[high, "found"] += rng.normal(0, 20, high.sum())
    rows = run(tmp_path, table)["interval_coverage"].set_index("level")
    assert rows.loc["6", "verdict"] == "too narrow"
    assert rows.loc["1", "verdict"] == "too wide"


def test_photographs_of_one_sample_count_once(tmp_path: Path) -> None:
    table = validations.photographs(samples=60, photos=5)
    rows = run(tmp_path, table)["interval_coverage"]
    assert rows["samples"].iloc[-1] == 60
    assert rows["samples"].iloc[:-1].sum() == 60


def test_known_values_stay_in_units_on_the_log_scale(tmp_path: Path) -> None:
    table = validations.photographs(samples=90, photos=1, levels=0, low=1, high=1000, noise=0)
    table["found"] = table["label"] * 10 ** np.random.default_rng(0).normal(0, 0.1, len(table))
    made = run(tmp_path, table, scale="log10")
    rows = made["interval_coverage"]
    assert rows["known_low"].iloc[-1] == table["label"].min()
    assert rows["known"].iloc[0] < 10
    assert rows["half_width"].iloc[-1] == pytest.approx(0.1645, rel=0.25)
    assert made["groups"]["sd"].median() == pytest.approx(0.1, rel=0.4)


def test_what_the_data_do_not_support_is_told_not_made_up(tmp_path: Path) -> None:
    few = validations.photographs(samples=9, photos=1, groups=1)
    made = run(tmp_path, few.assign(group=""))
    assert made["groups"].empty
    assert made["group_effect"]["note"].item() == "there is no group column"
    assert made["interval_coverage"]["note"].item().startswith("not available: 6 calibration")
    strays = validations.photographs(samples=9, photos=2)
    strays["group"] = [f"day {place % 2}" for place in range(len(strays))]
    assert "several groups" in run(tmp_path, strays)["group_effect"]["note"].item()


def test_experiments_stand_below_one_another_and_failed_photographs_are_left_out(
    tmp_path: Path,
) -> None:
    one = validations.photographs()
    other = validations.photographs(seed=1).assign(experiment="other")
    other.loc[other["fold"].eq(0), "found"] = np.nan
    gone = one.assign(experiment="gone", found=np.nan)
    made = run(tmp_path, pd.concat([one, other, gone]))
    assert list(made["group_effect"]["experiment"]) == ["vgg", "other"]
    alone = run(tmp_path, one)
    for name in NAMES:
        mine = made[name][made[name]["experiment"].eq("vgg")]
        pd.testing.assert_frame_equal(mine, alone[name], check_dtype=False)
    with pytest.raises(BadInput, match="E_ALL_FAILED"):
        run(tmp_path, gone)


def test_the_step_has_a_command_line() -> None:
    assert "--interval-coverage" in cli.parser(diagnose.diagnose).format_help()
