from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from assay import cross_validate, files


def job(folder: Path, name: str, fold: int, split: pd.DataFrame, noise: float) -> None:
    """What train would write: predictions with an error of `noise` (NaN: a failed model)."""
    generator = np.random.default_rng([fold, len(name)])
    train = split[split["set"].eq("train")]
    role = np.where(train["fold"].eq(fold), "held_out", "seen")
    found = train["label"] + noise * generator.standard_normal(len(train))
    table = pd.DataFrame({"photo": train["photo"], "role": role, "found": found})
    experiment = {"name": name, "architecture": "vgg", "size": 64}
    files.write_table(folder / name / f"{fold}.csv", table)
    files.write_json(folder / name / f"{fold}.json", {"experiment": experiment, "parameters": 3})


def run(tiny: Path, noises: dict[str, float], **changes: Any) -> pd.DataFrame:
    split = files.read_table(tiny / "split.csv")
    for name, noise in noises.items():
        for fold in range(3):
            job(tiny, name, fold, split, noise)
    jobs = [tiny / name / str(fold) for name in noises for fold in range(3)]
    cross_validate.cross_validate(
        tiny / "split.csv",
        [path.with_suffix(".json") for path in jobs],
        [path.with_suffix(".csv") for path in jobs],
        reference="plain",
        low=80.0,
        high=350.0,
        out=tiny / "predictions.csv",
        comparisons=tiny / "comparison.csv",
        leaderboard=tiny / "leaderboard.csv",
        **changes,
    )
    return files.read_table(tiny / "leaderboard.csv").set_index("experiment")


def test_scores_are_those_of_the_pooled_out_of_fold_values(tiny: Path) -> None:
    board = run(tiny, {"plain": 10.0, "better": 1.0})
    pooled = files.read_table(tiny / "predictions.csv")
    for name, part in pooled.groupby("experiment"):
        error = part["found"] - part["label"]
        row = board.loc[name]
        assert row["rmse"] == pytest.approx(np.sqrt((error**2).mean()))
        assert row["mse"] == pytest.approx((error**2).mean())
        assert row["bias"] == pytest.approx(error.mean())
        assert row["r2"] == pytest.approx(
            1 - (error**2).sum() / part["label"].var(ddof=0) / len(part)
        )
        assert row["rmse_percent_of_range"] == pytest.approx(row["rmse"] / 2.7)
        assert row["rmse_low"] < row["rmse"] < row["rmse_high"]
        assert row["photographs"] == len(part) == 24
        assert row["samples"] == 12


def test_the_best_comes_first_and_the_difference_has_a_verdict(tiny: Path) -> None:
    board = run(tiny, {"plain": 10.0, "better": 1.0, "same": 10.0})
    assert board.index[0] == "better"
    assert board.loc["better", "verdict"] == "better"
    assert board.loc["better", "difference_high"] < 0
    assert board.loc["plain", "verdict"] == "reference"
    assert board.loc["same", "verdict"] == "no difference shown"


def test_out_of_fold_values_come_from_the_one_model_that_never_saw_the_photograph(
    tiny: Path,
) -> None:
    run(tiny, {"plain": 10.0})
    pooled = files.read_table(tiny / "predictions.csv").set_index("photo")
    for fold in range(3):
        part = files.read_table(tiny / "plain" / f"{fold}.csv").set_index("photo")
        held = part[part["role"].eq("held_out")]
        assert np.array_equal(pooled.loc[held.index, "found"], held["found"])
        assert (pooled.loc[held.index, "fold"] == fold).all()


def test_a_failed_experiment_is_listed_last_and_spoils_nothing(tiny: Path) -> None:
    board = run(tiny, {"plain": 10.0, "failed": float("nan")})
    assert board.index[-1] == "failed"
    assert board.loc["failed", "failed_folds"] == 3
    assert np.isnan(board.loc["failed", "rmse"])
    assert board.loc["plain", "rmse"] > 0


def test_all_failed_still_makes_a_leaderboard(tiny: Path) -> None:
    board = run(tiny, {"plain": float("nan")})
    assert board.loc["plain", "failed_folds"] == 3
    assert files.read_table(tiny / "comparison.csv").empty


def test_the_limit_is_interpolated_over_concentration(tiny: Path) -> None:
    limit = pd.DataFrame({"size": 64, "concentration": [80.0, 350.0], "sd_limit": [0.1, 0.1]})
    files.write_table(tiny / "limit.csv", limit)
    board = run(tiny, {"plain": 10.0}, limit=tiny / "limit.csv")
    assert board.loc["plain", "rmse_over_limit"] == pytest.approx(board.loc["plain", "rmse"] / 0.1)
    rising = limit.assign(sd_limit=[0.0, 2.7])
    assert cross_validate.limit_rms(rising, 64, np.array([180.0])) == pytest.approx(1.0)


def test_the_log_scale_scores_factors(tiny: Path) -> None:
    board = run(tiny, {"plain": 10.0}, scale="log10")
    pooled = files.read_table(tiny / "predictions.csv")
    error = np.log10(pooled["found"]) - np.log10(pooled["label"])
    assert board.loc["plain", "rmse"] == pytest.approx(np.sqrt((error**2).mean()))
