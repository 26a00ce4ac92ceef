"""Pool what each experiment found out of fold, score it, and compare it with the reference."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from assay import cli, files, metrics
from assay.statistics import bootstrap, comparison
from assay.statistics.interval import Interval

logger = logging.getLogger("assay")


def pooled(split: pd.DataFrame, models: list[Path], predictions: list[Path]) -> pd.DataFrame:
    """One row per experiment and photograph of the training folds.

    found is the out-of-fold value; found_seen the mean of what the models that were trained on the
    photograph say of it. NaN where a model failed.
    """
    parts = []
    for model, table in zip(models, predictions, strict=True):
        part = files.read_table(table)
        part.insert(0, "experiment", files.read_json(model)["experiment"]["name"])
        parts.append(part)
    rows = pd.concat(parts, ignore_index=True)
    by_role = rows.groupby(["experiment", "role", "photo"], sort=False)["found"].mean()
    wide = by_role.unstack("role").rename(columns={"held_out": "found", "seen": "found_seen"})
    known = split[["photo", "image", "label", "sample", "group", "fold"]]
    result = wide.reset_index().merge(known, on="photo", validate="many_to_one")
    order = dict.fromkeys(rows["experiment"])
    result["experiment"] = pd.Categorical(result["experiment"], categories=list(order))
    columns = ["experiment", "photo", "image", "sample", "group", "fold", "label"]
    result = result.sort_values(["experiment", "photo"], ignore_index=True)
    return result[[*columns, "found", "found_seen"]].astype({"experiment": str})


def limit_rms(limit: pd.DataFrame, size: int, labels: np.ndarray) -> float:
    """Root mean square of the physical limit (sd) over these concentrations; NaN if not computed.

    The limit is known at a few concentrations and interpolated linearly between them.
    """
    rows = limit[limit["size"].eq(size)].sort_values("concentration")
    if rows.empty:
        return float("nan")
    spread = np.interp(labels, rows["concentration"], rows["sd_limit"])
    return float(np.sqrt(np.mean(spread**2)))


def score(
    rows: pd.DataFrame, low: float, high: float, scale: metrics.Scale, description: dict[str, Any]
) -> dict[str, Any]:
    """The leaderboard's row of one experiment, from its pooled rows; empty scores if it failed."""
    experiment = description["experiment"]
    result: dict[str, Any] = {
        "experiment": experiment["name"],
        "architecture": experiment["architecture"],
        "size": experiment["size"],
        "parameters": description["parameters"],
        "samples": rows["sample"].nunique(),
        "photographs": len(rows),
        "folds": rows["fold"].nunique(),
        "failed_folds": int(rows.loc[rows["found"].isna(), "fold"].nunique()),
    }
    if result["failed_folds"]:
        return result
    known, found = rows["label"].to_numpy(), rows["found"].to_numpy()
    for name, interval in bootstrap.score_intervals(
        known, found, rows["sample"].to_numpy(), scale=scale
    ).items():
        result |= columns(name, interval)
    for name in ("rmse", "mse"):
        percent = metrics.percent_of_range(result[name], low, high, scale)
        result[f"{name}_percent_of_range"] = percent
    result["rmse_seen"] = metrics.rmse(known, rows["found_seen"].to_numpy(), scale)
    result["gap"] = result["rmse"] - result["rmse_seen"]
    return result


def columns(name: str, interval: Interval) -> dict[str, float | None]:
    """An interval as three columns: the estimate, its low and its high end."""
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}


def compared(table: pd.DataFrame, reference: str, scale: metrics.Scale) -> pd.DataFrame:
    """Difference in RMSE of each experiment to the reference, with interval, p and verdict.

    Experiments with a failed fold are left out; without a whole reference the table is empty.
    """
    names = ["experiment", "samples", "difference", "difference_low", "difference_high"]
    header = [*names, "p", "p_holm", "verdict"]
    whole = table.groupby("experiment")["found"].transform(lambda found: found.notna().all())
    wide = table[whole].pivot(index="photo", columns="experiment", values="found")
    if reference not in wide:
        return pd.DataFrame(columns=header)
    first = table.drop_duplicates("photo").set_index("photo").loc[wide.index]
    found = {str(name): wide[name].to_numpy() for name in wide}
    rows = comparison.compare(
        first["label"].to_numpy(), found, first["sample"].to_numpy(), reference, scale=scale
    )
    return pd.DataFrame(
        [
            {"experiment": row.experiment, "samples": row.samples}
            | columns("difference", row.difference)
            | {"p": row.p, "p_holm": row.p_holm, "verdict": row.verdict}
            for row in rows
        ],
        columns=header,
    )


def cross_validate(
    split: Path,
    models: list[Path],
    predictions: list[Path],
    reference: str,
    low: float,
    high: float,
    out: Path,
    comparisons: Path,
    leaderboard: Path,
    scale: Literal["linear", "log10"] = "linear",
    limit: Path | None = None,
) -> None:
    """Write the pooled out-of-fold values, the comparison with the reference and the leaderboard.

    MODELS are the descriptions (json) in the order of PREDICTIONS. Scores are pooled over folds,
    intervals are 95 % and drawn by sample. LIMIT, on simulated photographs, gives RMSE over limit.
    """
    table = pooled(files.read_table(split), models, predictions)
    descriptions = {d["experiment"]["name"]: d for d in map(files.read_json, models)}
    rows = []
    for name, part in table.groupby("experiment", sort=False):
        row = score(part, low, high, scale, descriptions[str(name)])
        if limit and scale == "linear" and "rmse" in row:
            least = limit_rms(files.read_table(limit), row["size"], part["label"].to_numpy())
            row |= {"limit": least, "rmse_over_limit": row["rmse"] / least}
        rows.append(row)
    compared_ = compared(table, reference, scale)
    board = pd.DataFrame(rows)
    if "rmse" not in board:
        board["rmse"] = np.nan
    board = board.merge(compared_.drop(columns="samples"), on="experiment", how="left")
    board["verdict"] = board["verdict"].where(board["experiment"].ne(reference), "reference")
    board = board.sort_values("rmse", kind="stable", na_position="last", ignore_index=True)
    board.insert(0, "rank", np.arange(1, len(board) + 1))
    files.write_table(out, table)
    files.write_table(comparisons, compared_)
    files.write_table(leaderboard, board)
    best = board.iloc[0]
    logger.info("Best: %s, RMSE %.4g (out of fold)", best["experiment"], best["rmse"])


if __name__ == "__main__":
    cli.run(cross_validate)
