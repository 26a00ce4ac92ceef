"""The sentences that head the report: who wins, and what is not shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import runs
from assay.reporting import verdict

ARCHITECTURES = {"vgg": "vgg", "colour": "mean_colour"}


def answers(name: str, noise: float, samples: int, generator: np.random.Generator) -> pd.DataFrame:
    """What an experiment with this error finds out of fold."""
    known = np.linspace(80, 350, samples)
    rows = {"photo": np.arange(samples), "sample": np.arange(samples).astype(str), "label": known}
    found = known + noise * generator.standard_normal(samples)
    return pd.DataFrame({"experiment": name, **rows, "found": found})


def standing(name: str, found: pd.DataFrame) -> dict[str, object]:
    """Its line of the leaderboard."""
    rmse = float(np.sqrt(np.mean((found["found"] - found["label"]) ** 2)))
    row = {"experiment": name, "architecture": ARCHITECTURES[name], "rmse": rmse}
    row |= {"rmse_low": 1.0, "rmse_high": 100.0, "rmse_percent_of_range": 5.0}
    return row | {"samples": len(found), "failed_folds": 0}


def contest(vgg: float, colour: float, samples: int = 60) -> list[str]:
    """The verdict on a network and a baseline with these errors."""
    generator = np.random.default_rng(0)
    errors = {"vgg": vgg, "colour": colour}
    rows = {name: answers(name, errors[name], samples, generator) for name in errors}
    pooled = pd.concat(rows.values())
    board = pd.DataFrame([standing(name, rows[name]) for name in rows])
    board = board.sort_values("rmse", ignore_index=True)
    best = str(board["experiment"].iloc[0])
    others = [name for name in errors if name != best]
    return verdict.sentences(
        board,
        verdict.against(pooled, ["vgg"], "colour", runs.QUANTITY),
        verdict.against(pooled, others, best, runs.QUANTITY),
        {"photographs": 0},
        runs.QUANTITY,
        "real",
    )


def test_a_network_that_wins_clearly_is_said_to_beat_the_baseline() -> None:
    first, second, *_ = contest(vgg=3, colour=20)
    assert first.startswith("The lowest error out of fold is that of vgg")
    assert "better than every other experiment" in first
    assert second.startswith("1 of 1 network beats the best colour baseline, colour")


def test_a_network_that_loses_heads_the_verdict() -> None:
    first, *_ = contest(vgg=20, colour=3)
    assert first.startswith("No network beats the best colour baseline, colour")
    assert "is higher by" in first


@pytest.mark.parametrize("samples", [60, 8])
def test_too_little_data_shows_no_difference(samples: int) -> None:
    noise = 10.0 if samples == 60 else 3.0  # eight samples can't show even a large difference
    sentences = contest(vgg=noise, colour=10.0, samples=samples)
    assert sentences[0].startswith("No network is shown to beat")
    assert "no difference is shown to" in sentences[1]
    assert not any("better than every" in sentence for sentence in sentences)


def test_a_test_set_worse_than_promised_and_a_result_too_good_are_called_out() -> None:
    best = pd.Series({"rmse_high": 10.0})
    bad = {"photographs": 9, "samples": 9, "experiment": "vgg"}
    bad["rmse"] = {"estimate": 30.0, "low": 20.0, "high": 40.0}
    assert "more than cross-validation promised" in verdict.of_test(best, bad, runs.QUANTITY)
    board = pd.DataFrame({"failed_folds": [0], "rmse_percent_of_range": [0.1]})
    assert "check the split" in verdict.of_cautions(board)
