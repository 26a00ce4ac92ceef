"""How many more samples? The learning curves of all experiments, fitted and forecast."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assay import cli, files
from assay.figures import sample_size, style
from assay.intake.records import records
from assay.quantity import Quantity
from assay.statistics.interval import Interval
from assay.statistics.learning_curve import (
    REACH,
    LearningCurve,
    learning_curve,
    needed,
    with_shared_error,
)
from assay.statistics.learning_curve import forecast as expected

logger = logging.getLogger("assay")
POOLED = "pooled"
TIMES = (2, 4)  # the present number of training samples
TARGETS = {"10 % less error": 0.9, "half the error": 0.5}
COLUMNS = ["experiment", "question", "samples", "samples_at_most", "times"]
COLUMNS += ["rmse", "rmse_low", "rmse_high", "note"]


def measured(points: pd.DataFrame) -> tuple[int, Interval]:
    """Training samples and RMSE of the largest share, over all folds."""
    last = points[points["fold"].eq(POOLED)].sort_values("share").iloc[-1]
    value, *ends = (float(last[name]) for name in ("rmse", "rmse_low", "rmse_high"))
    low, high = (None if np.isnan(end) else end for end in ends)
    return int(last["samples"]), Interval(value, low, high)


def curve_of(points: pd.DataFrame) -> LearningCurve:
    """The curve through the points of each fold, one experiment's rows of the step sample_size.

    Sizes are those of the pooled rows, so that folds of unequal size don't pass for more sizes.
    """
    largest, now = measured(points)
    pooled = points[points["fold"].eq(POOLED)].set_index("share")
    folds = points[points["fold"].ne(POOLED) & points["rmse"].gt(0)]
    if folds.empty:
        note = "nothing was scored"
        return LearningCurve(largest, np.full(3, np.nan), np.empty((0, 3)), 0.95, note)
    sizes = folds["share"].map(pooled["samples"]).to_numpy(np.float64)
    return with_shared_error(learning_curve(sizes, folds["rmse"]), now)


def forecasts(curve: LearningCurve, points: pd.DataFrame) -> pd.DataFrame:
    """RMSE at a few times the samples, and the samples for a few targets."""
    samples, now = measured(points)
    rows: list[dict[str, Any]] = [{"question": "RMSE now, measured", "samples": samples}]
    told = {"RMSE now, by the curve": 1, **{f"RMSE with {k} times the samples": k for k in TIMES}}
    intervals = [now, *(expected(curve, times * samples) for times in told.values())]
    rows += [{"question": name, "samples": times * samples} for name, times in told.items()]
    for row, interval in zip(rows, intervals, strict=True):
        row |= {"times": row["samples"] / samples, "note": interval.note}
        row |= {"rmse": interval.estimate, "rmse_low": interval.low, "rmse_high": interval.high}
    for name, share in TARGETS.items():
        target = share * rows[1]["rmse"]
        answer = needed(curve, target)
        rows.append({"question": f"samples for {name}", "rmse": target, "note": answer.note})
        rows[-1] |= {"samples": answer.samples, "samples_at_most": answer.at_most}
        rows[-1]["times"] = answer.samples / samples if answer.samples else None
    whole = {"samples": "Int64", "samples_at_most": "Int64"}
    table = pd.DataFrame(rows).assign(experiment=points["experiment"].iloc[0])
    return table.reindex(columns=COLUMNS).astype(whole)


def line(curve: LearningCurve, smallest: float) -> pd.DataFrame:
    """The fitted curve and its band, for drawing; no rows where nothing can be forecast."""
    if curve.note:
        return pd.DataFrame(columns=["samples", "rmse", "low", "high"])
    sizes = np.geomspace(smallest, REACH * curve.largest, 80)
    rows = [expected(curve, size) for size in np.minimum(sizes, REACH * curve.largest)]
    ends = {"low": [row.low for row in rows], "high": [row.high for row in rows]}
    return pd.DataFrame({"samples": sizes, "rmse": [row.estimate for row in rows]} | ends)


def forecast(
    points: list[Path],
    split: Path,
    quantity: Quantity,
    seed: int,
    out: Path,
    table: Path,
    figure: list[Path],
) -> None:
    """Write the POINTS of all experiments as one table to OUT and what they forecast to TABLE.

    POINTS are those of the step sample_size; FIGURE is drawn once per file format.
    """
    read = [files.read_table(path) for path in points]
    made, panels = [], []
    for rows in read:
        name, curve = str(rows["experiment"].iloc[0]), curve_of(rows)
        made.append(forecasts(curve, rows))
        drawn = line(curve, float(rows["samples"].min()))
        panels.append(sample_size.Panel(name, rows, drawn, curve.largest, curve.note))
    files.write_table(out, pd.concat(read, ignore_index=True))
    files.write_table(table, pd.concat(made, ignore_index=True))
    dealt = files.read_table(split)
    train = dealt[dealt["set"].eq("train")]
    facts = style.Facts(train["sample"].nunique(), len(train), train["fold"].nunique(), seed)
    with style.style():
        style.write(sample_size.sample_size(panels, quantity, facts), figure)
    for row in records(pd.concat(made)):
        logger.info("%s, %s: %s", row["experiment"], row["question"], row["note"] or row["samples"])


if __name__ == "__main__":
    cli.run(forecast)
