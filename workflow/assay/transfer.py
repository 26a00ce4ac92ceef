"""Does an experiment hold for a new session, phone or lot, and do a few standards set it right?"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch

from assay import cli, files
from assay.dealing import deal, joined
from assay.experiment import Experiment
from assay.learning.groups import Found, Trainer, bundled, in_order
from assay.learning.material import Material, gather
from assay.learning.training import device_of
from assay.metrics import Scale
from assay.progress import progress
from assay.validation.transfer import errors, group_rows

logger = logging.getLogger("assay")
NO_FOLD = -1  # gather then holds out nothing
COUNTS = ["groups", "samples", "photographs", "trained_on_samples", "standards", "judged"]
PARTS = 5  # that samples are dealt to where they lie in several groups
COLUMNS = ["experiment", "group", "groups", "samples", "photographs", "trained_on_samples"]
COLUMNS += ["rmse", "rmse_low", "rmse_high", "bias", "bias_low", "bias_high"]
COLUMNS += ["standards", "method", "slope", "offset", "judged"]
COLUMNS += ["before", "before_low", "before_high", "after", "after_low", "after_high"]
COLUMNS += ["difference", "difference_low", "difference_high", "difference_p", "difference_verdict"]
COLUMNS += ["ordinary", "cost", "cost_low", "cost_high", "cost_p", "cost_verdict", "note"]
MATRIX = ["experiment", "trained_on", "group", "trained_on_samples", "samples", "photographs"]
MATRIX += ["rmse", "rmse_low", "rmse_high", "bias", "bias_low", "bias_high", "note"]


def missing(groups: pd.Series) -> str:
    """Why there is nothing to transfer between; '' where there is."""
    names = groups.unique()
    if not groups.astype(bool).any():
        return "the label table has no column of sessions, phones or lots (data.columns.group)"
    if len(names) < 2:
        return f"all training photographs are of one group, {names[0]}"
    return ""


def told(rows: pd.DataFrame, found: Found) -> pd.DataFrame:
    """Rows of photographs with what was found on them."""
    columns = rows[["photo", "group", "sample", "label", "ordinary"]]
    return columns.assign(found=found.values, trained_on_samples=found.samples, note=found.note)


def left_out(table: pd.DataFrame, names: list[str], trainer: Trainer) -> pd.DataFrame:
    """Each group answered by models trained on all the others; table: the training photographs."""
    result = []
    for name in progress(names, "groups left out", unit="groups"):
        own = table["group"].eq(name)
        found = trainer.found(table.index[~own].to_numpy(), table.index[own].to_numpy())
        result.append(told(table[own], found))
    return pd.concat(result)


def pairs(
    table: pd.DataFrame, names: list[str], trainer: Trainer, scale: Scale
) -> list[dict[str, Any]]:
    """The matrix: errors on each group of models trained on each other group alone."""
    result = []
    for name in progress(names, "groups alone", unit="groups"):
        own = table["group"].eq(name)
        found = trainer.found(table.index[own].to_numpy(), table.index[~own].to_numpy())
        for group, rows in told(table[~own], found).groupby("group"):
            row = {"trained_on": name, "group": group, "note": found.note}
            result.append(row | {"trained_on_samples": found.samples} | errors(rows, scale))
    order = {name: place for place, name in enumerate(names)}
    return sorted(result, key=lambda row: (order[row["trained_on"]], order[row["group"]]))


def ordinary(table: pd.DataFrame, predictions: list[Path]) -> pd.Series:
    """What was found out of fold on each photograph, where its group was among those trained on.

    NaN throughout where the folds hold whole groups, for then each group was new in its fold.
    """
    nothing = pd.Series(np.nan, index=table.index)
    if table.groupby("group")["fold"].nunique().max() < 2:
        return nothing
    rows = pd.concat([files.read_table(path) for path in predictions], ignore_index=True)
    known = rows[rows["role"].eq("held_out")].set_index("photo")["found"]
    return table["photo"].map(known)


def trainer_of(
    experiment: Experiment,
    ends: tuple[float, float],
    data: Material,
    photos: pd.DataFrame,
    seed: int,
    device: torch.device,
) -> Trainer:
    """The trainer; samples and duplicates are dealt to parts, should some lie in several groups."""
    twins = photos.set_index("photo")["twin"].loc[data.table["photo"]]
    units = joined(data.table["sample"], twins)
    parts = deal(units, data.table["label"].to_numpy(np.float64), [1.0] * PARTS, seed)
    return Trainer(experiment, *ends, data, units, parts, device)


def written(rows: list[dict[str, Any]], experiment: str, columns: list[str]) -> pd.DataFrame:
    """The rows as the table of one experiment."""
    table = pd.DataFrame(rows, columns=columns).assign(experiment=experiment)
    return table.astype({name: "Int64" for name in COUNTS if name in columns})


def transfer(
    images: list[Path],
    split: Path,
    photos: Path,
    experiment: Experiment,
    predictions: list[Path],
    low: float,
    high: float,
    out: Path,
    matrix: Path,
    standards: int = 4,
    most_groups: int = 12,
    alone: bool = True,
    augmented: list[Path] | None = None,
    copies: list[Path] | None = None,
    scale: Literal["linear", "log10"] = "linear",
    seed: int = 1,
    threads: int = 1,
    device: Literal["cpu", "cuda"] = "cpu",
) -> None:
    """Write the errors of EXPERIMENT on each group, trained on all others, to OUT.

    Before and after STANDARDS samples of the group set slope and bias right. MATRIX: trained on
    each group alone, no rows with --no-alone. PREDICTIONS are those of the experiment's folds. The
    test set has no part in it.
    """
    chosen = device_of(device)
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # as in training
    data = gather(images, split, NO_FOLD, augmented, copies)
    table = data.table.iloc[data.seen]
    rows: list[dict[str, Any]] = [{"group": "", "note": missing(table["group"])}]
    trained_alone: list[dict[str, Any]] = []
    if not rows[0]["note"]:
        table = table.assign(ordinary=ordinary(table, predictions))
        bundle = bundled(table["group"].tolist(), most_groups)
        table["group"] = table["group"].map(bundle)
        names = in_order(table["group"].tolist())
        ends = low, high
        trainer = trainer_of(experiment, ends, data, files.read_table(photos), seed, chosen)
        rows = group_rows(left_out(table, names, trainer), standards, scale)
        sizes = pd.Series(bundle).value_counts()
        rows = [row | {"groups": int(sizes.get(row["group"], len(bundle)))} for row in rows]
        trained_alone = pairs(table, names, trainer, scale) if alone else []
    files.write_table(out, written(rows, experiment.name, COLUMNS))
    files.write_table(matrix, written(trained_alone, experiment.name, MATRIX))
    logger.info("%s: %s", experiment.name, rows[0]["note"] or f"{len(rows) - 1} groups")


if __name__ == "__main__":
    cli.run(transfer)
