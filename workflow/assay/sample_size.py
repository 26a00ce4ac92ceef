"""Train one experiment on growing shares of its training samples: would more of them help?"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch

from assay import cli, files
from assay.dealing import deal
from assay.experiment import Experiment
from assay.learning.material import Material, gather
from assay.learning.retraining import narrowed, retrained
from assay.learning.training import device_of
from assay.metrics import Scale
from assay.progress import progress
from assay.statistics import bootstrap

logger = logging.getLogger("assay")
POOLED = "pooled"
COLUMNS = ["experiment", "share", "fold", "samples", "photographs", "judged"]
COLUMNS += ["rmse", "rmse_low", "rmse_high", "note"]


def nested(blocks: np.ndarray, labels: np.ndarray, shares: list[float], seed: int) -> np.ndarray:
    """(N,) number of the first share that holds each photograph; every later one holds it too.

    Whole blocks are dealt to the increments between the shares, each a mirror of the labels.
    """
    numbers = np.unique(blocks, return_inverse=True)[1]
    return deal(numbers, labels, np.diff([0.0, *shares]).tolist(), seed)


def parts_of(data: Material, shares: list[float], seed: int) -> list[Material]:
    """The material of one fold, narrowed to each of the shares."""
    blocks, labels = (data.table[name].to_numpy()[data.seen] for name in ("block", "label"))
    first = nested(blocks, labels.astype(np.float64), shares, seed)
    return [
        narrowed(data, data.seen[first <= place], data.held_out) for place in range(len(shares))
    ]


def answers(data: Material, found: np.ndarray, share: float, note: str) -> pd.DataFrame:
    """What was found on the held-out photographs, and on how much it was learnt."""
    rows = data.table.iloc[data.held_out][["photo", "sample", "label", "fold"]]
    samples = data.table["sample"].iloc[data.seen].nunique()
    counts = {"samples": samples, "photographs": len(data.seen)}
    return rows.assign(found=found, share=share, note=note, **counts)


def scored(rows: pd.DataFrame, scale: Scale) -> dict[str, Any]:
    """RMSE of one share, with its interval by sample; counts of training are means over folds."""
    by_fold = rows.drop_duplicates("fold")
    counts = {name: round(float(by_fold[name].mean())) for name in ("samples", "photographs")}
    failed = by_fold.loc[by_fold["note"].ne(""), "note"]
    note = f"{len(failed)} of {len(by_fold)} folds: {failed.iloc[0]}" if len(failed) else ""
    done = rows.dropna(subset="found").sort_values("photo")
    result: dict[str, Any] = counts | {"judged": done["sample"].nunique(), "note": note}
    if done.empty:
        return result
    known, found = (done[name].to_numpy(np.float64) for name in ("label", "found"))
    rmse = bootstrap.score_intervals(known, found, done["sample"].to_numpy(), scale=scale)["rmse"]
    return result | {"rmse": rmse.estimate, "rmse_low": rmse.low, "rmse_high": rmse.high}


def tabulated(rows: pd.DataFrame, experiment: str, scale: Scale) -> pd.DataFrame:
    """One row per share and fold, and one per share over all folds."""
    result = []
    for share, part in rows.groupby("share"):
        for fold, one in part.groupby("fold"):
            result.append({"share": share, "fold": str(fold)} | scored(one, scale))
        result.append({"share": share, "fold": POOLED} | scored(part, scale))
    return pd.DataFrame(result).assign(experiment=experiment).reindex(columns=COLUMNS)


def sample_size(
    images: list[Path],
    split: Path,
    experiment: Experiment,
    predictions: list[Path],
    shares: list[float],
    low: float,
    high: float,
    out: Path,
    augmented: list[Path] | None = None,
    copies: list[Path] | None = None,
    scale: Literal["linear", "log10"] = "linear",
    seed: int = 1,
    threads: int = 1,
    device: Literal["cpu", "cuda"] = "cpu",
) -> None:
    """Write the out-of-fold errors of EXPERIMENT, trained on growing SHARES of its samples, to OUT.

    Each share holds the smaller ones; all are judged by the same held-out folds. PREDICTIONS are
    those of the experiment's folds, in order: they answer for the share 1.
    """
    chosen = device_of(device)
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # as in training
    made = []
    for fold, path in enumerate(progress(predictions, experiment.name, unit="folds")):
        *smaller, whole = parts_of(gather(images, split, fold, augmented, copies), shares, seed)
        for share, data in zip(shares, smaller, strict=False):
            found, note = retrained(experiment, low, high, data, chosen)
            made.append(answers(data, found, share, note))
        rows = files.read_table(path)
        known = rows[rows["role"].eq("held_out")].set_index("photo")["found"]
        found = known.loc[whole.table["photo"].to_numpy()[whole.held_out]].to_numpy()
        made.append(answers(whole, found, 1.0, "training failed" if np.isnan(found).any() else ""))
    table = tabulated(pd.concat(made), experiment.name, scale)
    files.write_table(out, table)
    logger.info("%s: %d models trained again", experiment.name, len(made) - len(predictions))


if __name__ == "__main__":
    cli.run(sample_size)
