"""Score the test set, once, with the ensemble of the fold models of the best experiment."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch

from assay import cli, files, metrics
from assay.faults import refuse
from assay.learning import trained
from assay.pictures.stack import Pictures, Stack
from assay.statistics import bootstrap

logger = logging.getLogger("assay")


def ensemble(models: list[Path], images: Pictures, scale: metrics.Scale) -> pd.DataFrame:
    """Mean and standard deviation of the models' answers, (N,) rows; means on the scale.

    Columns: found (concentration units) and spread (units of the scale).
    """
    answers = np.stack([trained.load(model)[1](images) for model in models])
    if scale == "log10":
        answers = np.log10(answers)
    mean, spread = answers.mean(axis=0), answers.std(axis=0, ddof=1)
    return pd.DataFrame({"found": 10**mean if scale == "log10" else mean, "spread": spread})


def scores(
    table: pd.DataFrame, low: float, high: float, scale: metrics.Scale
) -> dict[str, dict[str, float | None] | int]:
    """RMSE, MSE, MAE, bias and R2 of the test set, each with its 95 % interval by sample."""
    found = bootstrap.score_intervals(
        table["label"].to_numpy(),
        table["found"].to_numpy(),
        table["sample"].to_numpy(),
        scale=scale,
    )
    result: dict[str, Any] = {
        name: {"estimate": score.estimate, "low": score.low, "high": score.high}
        for name, score in found.items()
    }
    percent = metrics.percent_of_range(found["rmse"].estimate, low, high, scale)
    counts = {"photographs": len(table), "samples": int(table["sample"].nunique())}
    return result | counts | {"rmse_percent_of_range": percent}


def evaluate(
    split: Path,
    leaderboard: Path,
    models: list[Path],
    images: list[Path],
    low: float,
    high: float,
    out: Path,
    summary: Path,
    scale: Literal["linear", "log10"] = "linear",
    threads: int = 1,
) -> None:
    """Write what the best experiment finds on the test set to OUT and its scores to SUMMARY.

    The best is the first of LEADERBOARD, chosen by cross-validation alone. MODELS are those of all
    experiments; IMAGES the shards of all sizes, in folders named by size. THREADS, of training as
    well, decide the last bits.
    """
    torch.set_num_threads(threads)
    best = files.read_table(leaderboard).iloc[0]
    if pd.isna(best["rmse"]):
        raise refuse("E_ALL_FAILED", "no experiment has a score.", "See the logs of rule train.")
    size = str(best["size"])
    shards = [path for path in images if path.parent.name == size]
    chosen = [path for path in models if path.parent.parent.name == best["experiment"]]
    table = files.read_table(split)
    table = table[table["set"].eq("test")]
    columns = ["photo", "image", "sample", "group", "label"]
    if table.empty:
        found = pd.DataFrame(columns=["found", "spread"])
        result: dict[str, Any] = {"photographs": 0, "samples": 0}
    else:
        pictures = Stack(files.load_shards(shards, "resize")).rows(table["photo"].to_numpy())
        found = ensemble(chosen, pictures, scale)
        result = scores(table.reset_index(drop=True).join(found), low, high, scale)
    files.write_table(out, table[columns].reset_index(drop=True).join(found))
    files.write_json(summary, {"experiment": best["experiment"], "models": len(chosen)} | result)
    logger.info("Test set: %s photographs by %s", result["photographs"], best["experiment"])


if __name__ == "__main__":
    cli.run(evaluate)
