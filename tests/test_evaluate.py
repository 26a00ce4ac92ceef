from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import evaluate, files
from assay.faults import BadInput
from assay.learning import trained
from test_train import BASELINE, NETWORK, run


def scored(tiny: Path, first: str, scale: str = "linear") -> pd.DataFrame:
    """Evaluate with `first` at the head of the leaderboard."""
    (tiny / "16").mkdir(exist_ok=True)
    for name in ("images.npy", ".images.npy.sha256"):
        (tiny / "16" / name).write_bytes((tiny / name).read_bytes())
    jobs = [
        run(tiny, experiment, experiment.name, fold)
        for experiment in (NETWORK, BASELINE)
        for fold in (0, 1)
    ]
    board = pd.DataFrame({"experiment": [first], "size": [16], "rmse": [1.0]})
    files.write_table(tiny / "leaderboard.csv", board)
    evaluate.evaluate(
        tiny / "split.csv",
        tiny / "leaderboard.csv",
        [job / "model.safetensors" for job in jobs],
        [tiny / "16" / "images.npy"],
        80.0,
        350.0,
        tiny / "found.csv",
        tiny / "scores.json",
        scale,  # type: ignore[arg-type]
    )
    return files.read_table(tiny / "found.csv")


def test_the_best_experiments_fold_models_answer_for_the_test_set(tiny: Path) -> None:
    found = scored(tiny, "colour")
    dealt = files.read_table(tiny / "split.csv")
    assert set(found["photo"]) == set(dealt.loc[dealt["set"].eq("test"), "photo"])
    images = files.load_array(tiny / "images.npy", "resize")[found["photo"]]
    answers = [
        trained.load(tiny / "colour" / f"fold{fold}" / "model.safetensors")[1](images)
        for fold in (0, 1)
    ]
    assert np.allclose(found["found"], np.mean(answers, axis=0))
    assert np.allclose(found["spread"], np.std(answers, axis=0, ddof=1))
    scores = files.read_json(tiny / "scores.json")
    error = found["found"] - found["label"]
    assert scores["experiment"] == "colour"
    assert scores["rmse"]["estimate"] == pytest.approx(np.sqrt((error**2).mean()))
    assert scores["photographs"] == len(found)


def test_on_the_log_scale_the_mean_is_geometric(tiny: Path) -> None:
    found = scored(tiny, "colour", "log10")
    images = files.load_array(tiny / "images.npy", "resize")[found["photo"]]
    answers = [
        trained.load(tiny / "colour" / f"fold{fold}" / "model.safetensors")[1](images)
        for fold in (0, 1)
    ]
    assert np.allclose(found["found"], np.sqrt(answers[0] * answers[1]))


def test_without_a_test_set_nothing_is_scored_and_that_is_said(tiny: Path) -> None:
    dealt = files.read_table(tiny / "split.csv")
    files.write_table(tiny / "split.csv", dealt.assign(set="train", fold=dealt["photo"] // 2 % 3))
    assert scored(tiny, "net").empty
    assert files.read_json(tiny / "scores.json")["photographs"] == 0


def test_without_any_score_there_is_no_best(tiny: Path) -> None:
    board = pd.DataFrame({"experiment": ["net"], "size": [16], "rmse": [np.nan]})
    files.write_table(tiny / "leaderboard.csv", board)
    with pytest.raises(BadInput, match="E_ALL_FAILED"):
        evaluate.evaluate(
            tiny / "split.csv", tiny / "leaderboard.csv", [], [], 80.0, 350.0, tiny, tiny
        )
