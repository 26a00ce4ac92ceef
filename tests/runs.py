"""A whole run without any training: the tables that the steps before the report would write."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assay import cross_validate, files
from assay.experiment import Experiment
from assay.quantity import Quantity
from assay.statistics import bootstrap

QUANTITY = Quantity("concentration", "mg/L", 80.0, 350.0)
EXPERIMENTS = {"vgg": ("vgg", 6.0), "colour": ("mean_colour", 12.0), "constant": ("constant", 70.0)}
NASTY = "<img src=x onerror=alert(1)> $x$ & co.png"  # as a file name


def train(folder: Path, name: str, fold: int, split: pd.DataFrame, failure: str) -> None:
    """What the step train writes, but for the model: description, history, predictions, speed."""
    architecture, noise = EXPERIMENTS[name]
    generator = np.random.default_rng([fold, len(name)])
    rows = split[split["set"].eq("train")]
    role = np.where(rows["fold"].eq(fold), "held_out", "seen")
    found = rows["label"] + noise * generator.standard_normal(len(rows))
    table = pd.DataFrame({"photo": rows["photo"], "role": role, "found": found})
    if failure:
        table["found"] = np.nan
    epochs = np.arange(1, 5)
    history = pd.DataFrame({"stage": 0, "epoch": epochs, "loss": 1 / epochs, "learning_rate": 0.1})
    history["rmse_train"] = np.where(epochs % 2, np.nan, 30 / epochs)
    history["rmse_held_out"] = np.where(epochs % 2, np.nan, 40 / epochs)
    description = {
        "experiment": asdict(Experiment(name, architecture)),
        "fold": fold,
        "parameters": 7,
        "failure": failure,
        "torch": "2",
    }
    place = folder / "train" / name / f"fold{fold}"
    files.write_json(place / "model.json", description)
    files.write_table(place / "history.csv", history if architecture == "vgg" else history[:0])
    files.write_table(place / "predictions.csv", table)
    speed = {
        "seconds": 1.5,
        "photos_per_second": 20.0,
        "device": "cpu",
        "processor": "",
        "threads": 1,
    }
    files.write_json(place / "speed.json", speed | {"processor": ""})


def jobs(folder: Path, name: str) -> list[Path]:
    """That file of every experiment and fold, in one order."""
    return [
        folder / "train" / experiment / f"fold{fold}" / name
        for experiment in EXPERIMENTS
        for fold in range(3)
    ]


def evaluate(folder: Path, split: pd.DataFrame) -> None:
    """What the step evaluate writes."""
    test = split.loc[split["set"].eq("test"), ["photo", "image", "sample", "group", "label"]]
    test = test.assign(found=test["label"] + 3.0, spread=1.0)
    files.write_table(folder / "evaluate" / "predictions.csv", test)
    summary: dict[str, Any] = {"experiment": "vgg", "models": 3, "photographs": len(test)}
    summary["samples"] = int(test["sample"].nunique())
    if len(test):
        for name, score in bootstrap.score_intervals(
            test["label"], test["found"], test["sample"]
        ).items():
            ends = {"estimate": score.estimate, "low": score.low, "high": score.high}
            summary[name] = ends
        summary["rmse_percent_of_range"] = 100 * summary["rmse"]["estimate"] / 270
    files.write_json(folder / "evaluate" / "scores.json", summary)


def make(tiny: Path, *, test: bool = True, failing: str = "", limit: float = 0.0) -> Path:
    """Fill the folder of the fixture `tiny`; the experiment `failing` fails in its first fold."""
    split = files.read_table(tiny / "split.csv")
    photos = files.read_table(tiny / "photos.csv")
    if not test:
        split = split[split["set"].eq("train")].reset_index(drop=True)
    for table in (split, photos):
        table.loc[table["photo"].eq(split["photo"].iloc[0]), "image"] = NASTY
    files.write_table(tiny / "split.csv", split)
    files.write_table(
        tiny / "photos.csv", photos.assign(width=16, height=16, format="PNG", row=2, sha256="")
    )
    for name in EXPERIMENTS:
        for fold in range(3):
            reason = "the loss is no longer a number" if name == failing and not fold else ""
            train(tiny, name, fold, split, reason)
    if limit:
        sizes = pd.DataFrame({"image": "a", "size": 64, "concentration": [80, 350]})
        files.write_table(tiny / "limit.csv", sizes.assign(sd_limit=limit))
    cross_validate.cross_validate(
        tiny / "split.csv",
        jobs(tiny, "model.json"),
        jobs(tiny, "predictions.csv"),
        reference="colour",
        low=80.0,
        high=350.0,
        out=tiny / "predictions.csv",
        comparisons=tiny / "comparison.csv",
        leaderboard=tiny / "leaderboard.csv",
        limit=tiny / "limit.csv" if limit else None,
    )
    evaluate(tiny, split)
    files.write_json(tiny / "summary.json", {"rows": len(photos), "decoders": {"pillow": "13"}})
    header = "code,message,remedy,file,row,column,value\n"
    files.write_text(tiny / "warnings.csv", header + f'W_LOOK,"look at <b>it</b>",,"{NASTY}",2,,\n')
    return tiny
