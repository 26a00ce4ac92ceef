"""What each experiment's errors depend on: groups, and levels at which intervals fail."""

from __future__ import annotations

import logging
from pathlib import Path

import pandas as pd

from assay import cli, files
from assay.diagnosis.groups import effect_table, groups_table
from assay.diagnosis.promises import promises_table
from assay.faults import refuse
from assay.metrics import Scale
from assay.validation.rows import samples

logger = logging.getLogger("assay")


def diagnosed(photographs: pd.DataFrame, scale: Scale) -> dict[str, pd.DataFrame]:
    """The three tables of one experiment: photographs with sample, group, fold, label, found."""
    own = samples(photographs, scale)
    return {
        "groups": groups_table(own),
        "group_effect": effect_table(own, bool(photographs["group"].ne("").any()), scale),
        "interval_coverage": promises_table(photographs, scale),
    }


def diagnose(
    predictions: Path,
    groups: Path,
    group_effect: Path,
    interval_coverage: Path,
    scale: Scale = "linear",
) -> None:
    """Write, for all experiments, how errors differ between groups and whether intervals hold.

    PREDICTIONS are pooled out of fold. GROUPS: bias, SD and RMSE of each group; GROUP_EFFECT: the
    share of the variance that lies between groups; INTERVAL_COVERAGE: of 90 % intervals, per level.
    """
    pooled = files.read_table(predictions)
    paths = {"groups": groups, "group_effect": group_effect, "interval_coverage": interval_coverage}
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in paths}
    for experiment, rows in pooled.groupby("experiment", sort=False):
        scored = rows.dropna(subset="found")
        if scored.empty:
            continue
        for name, table in diagnosed(scored, scale).items():
            table.insert(0, "experiment", experiment)
            parts[name].append(table)
    if not parts["groups"]:
        raise refuse("E_ALL_FAILED", "no experiment has a score.", "See the logs of rule train.")
    for name, path in paths.items():
        files.write_table(path, pd.concat(parts[name], ignore_index=True))
    logger.info("Diagnosed %d experiments", len(parts["groups"]))


if __name__ == "__main__":
    cli.run(diagnose)
