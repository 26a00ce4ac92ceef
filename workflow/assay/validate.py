"""Validate the best experiment as an analytical method: what is found against what is known."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pandas as pd

from assay import cli, files
from assay.faults import refuse
from assay.metrics import Scale
from assay.quantity import Quantity
from assay.validation import accuracy, tables
from assay.validation.goals import Goals
from assay.validation.precision import precision_table
from assay.validation.rows import samples
from assay.validation.suspects import suspects_table
from assay.validation.unsupported import unsupported_table

logger = logging.getLogger("assay")


def validated(
    photographs: pd.DataFrame, test: pd.DataFrame, quantity: Quantity, goals: Goals
) -> dict[str, pd.DataFrame]:
    """Every table by name; photographs: out of fold, one row each, of one experiment."""
    scale, unit = quantity.scale, quantity.of_error.strip()
    own = samples(photographs, scale)
    judged = accuracy.judged(own, scale, goals.allowed_error_percent)
    result = {
        "samples": own,
        "levels": accuracy.levels_table(judged),
        "limits": accuracy.limits_table(judged, own, goals.loq_bias_percent, goals.loq_rsd_percent),
        "linearity": tables.linearity_table(own, scale, unit),
        "precision": precision_table(own, photographs, scale),
        "errors": tables.errors_table(sets(photographs, own, test, scale), scale),
        "agreement": tables.agreement_table(own, scale, unit),
        "lines": tables.lines_table(own, scale, unit, goals.error_ratio),
        "outliers": tables.outliers_table(own),
        "suspects": suspects_table(photographs, scale),
    }
    thin = accuracy.thin(own, scale)
    counts = len(own), int(own["photographs"].sum())
    return result | {"unsupported": unsupported_table(result, thin, *counts)}


def sets(
    photographs: pd.DataFrame, own: pd.DataFrame, test: pd.DataFrame, scale: Scale
) -> dict[str, tuple[str, pd.DataFrame]]:
    """The samples of each of the three errors of a calibration, where there are any."""
    seen = photographs.assign(found=photographs["found_seen"]).dropna(subset="found")
    found = {"RMSEC": ("samples seen in training", seen), "RMSEP": ("test set", test)}
    by_sample = {
        name: (what, samples(rows, scale)) for name, (what, rows) in found.items() if len(rows)
    }
    return {"RMSECV": ("out of fold", own)} | by_sample


def facts(result: dict[str, pd.DataFrame], scale: Scale) -> dict[str, Any]:
    """What the verdict of the report needs to know."""
    own, parts = result["samples"], result["precision"]
    known = {"samples": len(own), "thin": accuracy.thin(own, scale), "groups": None}
    if parts["p"].notna().any():
        sd = parts.drop_duplicates("component").set_index("component")["sd"]
        share = (sd["between sessions"] / sd["intermediate"]) ** 2 if sd["intermediate"] else 0.0
        known["groups"] = {
            "sd": float(sd["between sessions"]),
            "share": float(share),
            "p": float(parts["p"].dropna().iloc[0]),
        }
    return known


def validate(
    predictions: Path,
    leaderboard: Path,
    photos: Path,
    test: Path,
    quantity: Quantity,
    goals: Goals,
    out: Path,
    summary: Path,
) -> None:
    """Write the validation of the best experiment as tables to the folder OUT.

    PREDICTIONS are pooled out of fold. SUMMARY (json) holds what the report's verdict needs; n is
    samples throughout, and samples.csv has the rows that made every number.
    """
    board = files.read_table(leaderboard)
    if board["rmse"].isna().all():
        raise refuse("E_ALL_FAILED", "no experiment has a score.", "See the logs of rule train.")
    best = str(board["experiment"].iloc[0])
    pooled = files.read_table(predictions)
    chosen = pooled[pooled["experiment"].eq(best)].dropna(subset="found")
    rows = files.read_table(photos)[["photo", "row"]]
    chosen = chosen.merge(rows, on="photo", validate="one_to_one")
    result = validated(chosen, files.read_table(test), quantity, goals)
    for name, table in result.items():
        files.write_table(out / f"{name}.csv", table)
    files.write_json(summary, {"experiment": best} | facts(result, quantity.scale))
    logger.info("%s validated on %d samples", best, len(result["samples"]))


if __name__ == "__main__":
    cli.run(validate)
