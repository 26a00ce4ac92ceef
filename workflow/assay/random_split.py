"""What would a careless random split have claimed? The best colour baseline tells."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from assay import cli, files, metrics, models
from assay.experiment import Experiment
from assay.faults import refuse
from assay.learning import trained
from assay.learning.baseline import Baseline
from assay.metrics import Scale
from assay.pictures.stack import Stack
from assay.progress import progress
from assay.statistics import bootstrap

logger = logging.getLogger("assay")
COLUMNS = ["dealt", "experiment", "folds", "samples", "photographs"]
COLUMNS += ["rmse", "rmse_low", "rmse_high", "r2", "note"]
SAME = "each block holds one photograph, so dealing photographs at random is the same"


def best_baseline(board: pd.DataFrame) -> pd.Series:
    """The row of the colour baseline with the smallest RMSE; BadInput E_BASELINE without one."""
    colour = [models.kind(a) == "estimator" and a != "constant" for a in board["architecture"]]
    rows = board[np.array(colour, dtype=bool) & board["rmse"].notna()]
    if rows.empty:
        remedy = "Add an experiment like {name: mean_colour, architecture: mean_colour}."
        raise refuse("E_BASELINE", "no colour baseline was scored.", remedy)
    return rows.sort_values("rmse", kind="stable").iloc[0]


def at_random(number: int, folds: int, seed: int) -> np.ndarray:
    """(N,) fold of each photograph, dealt without regard to samples, groups or duplicates."""
    return np.random.default_rng(seed).permutation(np.arange(number) % folds)


def refitted(
    experiment: Experiment,
    images: Stack,
    labels: np.ndarray,
    fold: np.ndarray,
    ends: tuple[float, float],
) -> np.ndarray:
    """(N,) out-of-fold answers of a baseline fitted anew for these folds.

    Its own inner choices take each photograph as independent as well: a careless split throughout.
    """
    found = np.empty(len(labels))
    for one in progress(range(int(fold.max()) + 1), "random split", unit="folds"):
        seen = fold != one
        baseline = Baseline(experiment, *ends)
        baseline.fit(images.rows(seen), labels[seen], np.flatnonzero(seen))
        found[~seen] = baseline.predict(images.rows(~seen))
    return found


def scored(table: pd.DataFrame, folds: int, dealt: str, scale: Scale) -> dict[str, Any]:
    """RMSE, with its interval by sample, and pooled R2 of the photographs (label, found)."""
    known, found = (table[name].to_numpy(np.float64) for name in ("label", "found"))
    rmse = bootstrap.score_intervals(known, found, table["sample"].to_numpy(), scale=scale)["rmse"]
    counts: dict[str, Any] = {"folds": folds, "samples": table["sample"].nunique()}
    counts["photographs"] = len(table)
    ends = {"rmse": rmse.estimate, "rmse_low": rmse.low, "rmse_high": rmse.high}
    return {"dealt": dealt} | counts | ends | {"r2": metrics.r2(known, found, scale)}


def random_split(
    images: list[Path],
    split: Path,
    leaderboard: Path,
    predictions: Path,
    baselines: list[Path],
    low: float,
    high: float,
    out: Path,
    scale: Literal["linear", "log10"] = "linear",
    block: str = "sample",
    seed: int = 1,
) -> None:
    """Write the errors of the best colour baseline by block and with photographs at random to OUT.

    By block: as pooled in PREDICTIONS. At random: refitted on the same photographs in as many
    folds. IMAGES are the shards of all sizes, in folders named by size; BASELINES the models of all
    colour baselines.
    """
    best = best_baseline(files.read_table(leaderboard))
    name = str(best["experiment"])
    pooled = files.read_table(predictions)
    honest = pooled[pooled["experiment"].eq(name)].dropna(subset="found")
    table = files.read_table(split)
    table = table[table["set"].eq("train")].reset_index(drop=True)
    folds = int(table["fold"].nunique())
    rows = [scored(honest, folds, f"by {block}", scale)]
    if table["block"].is_unique:
        rows.append(rows[0] | {"dealt": "photographs at random", "note": SAME})
    else:
        shards = [path for path in images if path.parent.name == str(best["size"])]
        chosen = next(path for path in baselines if path.parent.parent.name == name)
        experiment = trained.load(chosen)[0]["experiment"]
        pictures = Stack(files.load_shards(shards, "resize")).rows(table["photo"].to_numpy())
        labels = table["label"].to_numpy(np.float64)
        fold = at_random(len(table), folds, seed)
        found = refitted(Experiment(**experiment), pictures, labels, fold, (low, high))
        careless = table.assign(found=found)
        rows.append(scored(careless, folds, "photographs at random", scale))
    written = pd.DataFrame(rows).assign(experiment=name).reindex(columns=COLUMNS)
    files.write_table(out, written)
    logger.info("%s: %s", name, ", ".join(f"{row['dealt']} {row['rmse']:.4g}" for row in rows))


if __name__ == "__main__":
    cli.run(random_split)
