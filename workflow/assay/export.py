"""Hand over the best experiment: its fold models, and what it takes to trust their numbers."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from safetensors.numpy import load as load_arrays

from assay import __version__, cli, code_digest, files, models
from assay.experiment import Experiment
from assay.faults import refuse
from assay.images import ReadingOptions
from assay.method import (
    container,
    engines,
    intervals,
    learning,
    probes,
    torch_engine,
    training,
    values,
)
from assay.method.description import FORMAT, Adjustment, Description, Intervals, Reading
from assay.method.engines import Engine, State
from assay.method.learning import HeldOut, Learnt, OutOfFold
from assay.method.training import Pictures
from assay.pictures import area
from assay.quantity import Quantity

logger = logging.getLogger("assay")

CONFIDENCE = 0.9  # of the intervals that are shown; predict gives others on demand
SAME = 1e-3  # share of the range by which a model on another processor may differ


def fold_models(paths: list[Path], experiment: str) -> tuple[Experiment, list[State]]:
    """An experiment and the learned arrays of its models, fold by fold; BadInput if one failed."""
    found = [path for path in paths if path.parent.parent.name == experiment]
    if not found:
        message = f"there are no models of an experiment {experiment!r}."
        raise refuse("E_EXPERIMENT", message, "Name one of the leaderboard.")
    found.sort(key=lambda path: int(path.parent.name.removeprefix("fold")))
    described = [files.read_json(path.with_suffix(".json")) for path in found]
    for path, one in zip(found, described, strict=True):
        if one["failure"]:
            message = f"this model failed: {one['failure']}."
            raise refuse("E_FAILED", message, "Export another experiment.", file=str(path))
    states = [load_arrays(files.check(path, "train").read_bytes()) for path in found]
    return Experiment(**described[0]["experiment"]), states


def tables(
    split: Path, table: Path, predictions: Path, experiment: str
) -> tuple[tuple[pd.DataFrame, pd.DataFrame], pd.DataFrame]:
    """The photographs of the training folds and of the test set; an experiment's found values."""
    dealt = files.read_table(split)[["photo", "block", "set", "fold"]]
    rows = files.read_table(table).merge(dealt, on="photo", validate="one_to_one")
    train, test = (rows[rows["set"].eq(part)] for part in ("train", "test"))
    pooled = files.read_table(predictions).merge(dealt[["photo", "block"]], on="photo")
    return (train, test), pooled[pooled["experiment"].eq(experiment)]


def check(train: Pictures, raw: np.ndarray, pooled: pd.DataFrame, quantity: Quantity) -> None:
    """BadInput E_CHANGED unless the stored models find what was found in training, out of fold."""
    stored = np.clip(raw[np.arange(len(raw)), train.fold], quantity.low, quantity.high)
    found = pooled.set_index("photo")["found"].loc[train.rows["photo"]].to_numpy()
    worst = float(np.abs(stored - found).max())
    if not worst <= SAME * (quantity.high - quantity.low):
        message = f"the stored models are off their out-of-fold values by {worst:.3g}."
        raise refuse("E_CHANGED", message, "Delete the folder train in the results; train anew.")


def knowledge(
    engine: Engine, train: Pictures, test: Pictures, pooled: pd.DataFrame, quantity: Quantity
) -> tuple[Learnt, Intervals]:
    """Limits and clouds of training photographs, intervals from the pooled out-of-fold values.

    The arrays of all of them are in the first.
    """
    answers = train.run(engine)
    check(train, answers.raw, pooled, quantity)
    learnt = learning.from_shots(train.shots, train.fold)
    learning.add_features(learnt, answers.features, train.fold)
    columns = ("label", "found", "fold", "block", "sample")
    data = OutOfFold(*(pooled[name].to_numpy() for name in columns))
    told, calibration = learning.calibrated(data, quantity.scale, CONFIDENCE)
    learnt.arrays |= intervals.store(calibration)
    if test.shots and not told.note:
        by_fold = values.by_fold(test.run(engine).raw, quantity, Adjustment())[1].T
        units = (test.rows[name].to_numpy() for name in ("block", "sample"))
        held_out = HeldOut(by_fold, test.label, *units)
        told = learning.tested(told, calibration, held_out, quantity.scale)
    free = values.by_fold(answers.raw, quantity, Adjustment())[0]
    own = free[train.fold, np.arange(len(train.fold))]
    learning.add_range(learnt, own, train.fold, told, calibration, quantity)
    return learnt, told


def evidence(engine: Engine, train: Pictures, made: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Pictures that prove the method, with the models' numbers, and probes of the decoder."""
    proofs = training.proofs(train)
    arrays = {"proof.pictures": proofs, "proof.raw": engine(proofs).raw}
    return arrays | {f"probe.{kind}": probe for kind, probe in made.items()}


def contents(
    experiment: Experiment, quantity: Quantity, states: list[State], arrays: dict[str, np.ndarray]
) -> dict[str, bytes]:
    """The files of a method but for its card: arrays, the model of each fold, a network's graph."""
    result = {
        f"fold{number}.safetensors": files.safetensors(one) for number, one in enumerate(states)
    }
    result[container.ARRAYS] = files.safetensors(arrays)
    if models.kind(experiment.architecture) == "network":
        result[container.GRAPH] = torch_engine.graph(experiment, quantity, states)
    return result


def export(
    split: Path,
    table: Path,
    summary: Path,
    photos: Path,
    predictions: Path,
    scores: Path,
    fold_files: list[Path],
    out: Path,
    quantity: Quantity,
    aspect: area.Aspect = "crop",
    block: Literal["sample", "group", "level"] = "sample",
    experiment: str = "",
    simulated: bool = False,
    licence: str = "",
    threads: int = 1,
) -> None:
    """Write the method's folder OUT: method.json, models, arrays and a model card.

    The experiment is the one that SCORES, of the test set, were made with, unless another is named.
    PREDICTIONS are out of fold; FOLD_FILES the models (safetensors) of all experiments; PHOTOS,
    TABLE and SUMMARY are what was ingested.
    """
    tested, read = files.read_json(scores), files.read_json(summary)
    name = experiment or tested["experiment"]
    chosen, states = fold_models(fold_files, name)
    options = ReadingOptions(**read["options"])
    sets, pooled = tables(split, table, predictions, name)
    train, test = (
        training.look(photos, some, options, chosen.size, aspect, threads) for some in sets
    )
    engine = engines.native(chosen, quantity, states, threads)
    learnt, told = knowledge(engine, train, test, pooled, quantity)
    made = probes.make(sets[0]["format"].unique())
    arrays = learnt.arrays | evidence(engine, train, made)
    digests = probes.digests(made, options, chosen.size, aspect)
    code = code_digest.digest("predict", f"models.{chosen.architecture}")
    description = Description(
        format=FORMAT,
        assay=__version__,
        quantity=quantity,
        experiment=chosen,
        kind="network" if models.kind(chosen.architecture) == "network" else "estimator",
        folds=len(states),
        aspect=aspect,
        reading=Reading(options, read["reading"], read["decoders"], digests),
        training=training.describe(sets[0], train, block, simulated, code, read["warnings"]),
        interval=told,
        limits=learnt.limits,
        refusals=(int(learnt.refused.sum()), len(learnt.refused)),
        scores=training.scores(pooled, tested if name == tested["experiment"] else {}, quantity),
        licence=licence,
    )
    written = container.write(out, description, contents(chosen, quantity, states, arrays))
    engines.open_engine(written, "auto", threads)
    logger.info("Method of %s: %d folds, digest %s", name, len(states), written.digest[:16])


if __name__ == "__main__":
    cli.run(export)
