"""Train one experiment on all folds but one, and predict the one held out; fold by fold."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import torch

from assay import cli, code_digest, files, machine
from assay.experiment import Experiment
from assay.learning import together
from assay.learning.checkpoint import Checkpoint
from assay.learning.material import Material, gather
from assay.learning.training import Trained, device_of, train_model

logger = logging.getLogger("assay")


def predictions_of(trained: Trained, data: Material) -> pd.DataFrame:
    """Found concentrations of the seen and of the held-out photographs; NaN if the model failed."""
    parts = []
    for role, rows, found in zip(
        ("seen", "held_out"), (data.seen, data.held_out), trained.answers(data), strict=True
    ):
        known = data.table["photo"].to_numpy()[rows]
        parts.append(pd.DataFrame({"photo": known, "role": role, "found": found}))
    return pd.concat(parts, ignore_index=True)


def train(
    images: list[Path],
    split: Path,
    experiment: Experiment,
    folds: list[int],
    low: float,
    high: float,
    out: Path,
    augmented: list[Path] | None = None,
    copies: list[Path] | None = None,
    threads: int = 1,
    device: Literal["cpu", "cuda"] = "cpu",
    resume: Path | None = None,
) -> None:
    """Write a model for each of FOLDS, trained on every other fold, and what it finds on its own.

    IMAGES, AUGMENTED and COPIES are shards, in order. OUT/fold0 and so on hold model.safetensors
    and model.json, which are the model; predictions.csv, a row per photograph of the training folds
    (role seen) and of the held-out fold; history.csv; and speed.json, which is not a result.
    An interrupted training leaves its state in the folder RESUME, and goes on from there. Started
    by torchrun, several processes train one network: see learning/together.py.
    """
    chosen = device_of(device)
    settle(experiment, chosen, threads)
    read = [*images, split, *(augmented or []), *(copies or [])]
    facts = [asdict(experiment), low, high, threads, device, *map(files.digest, read)]
    for fold in folds:
        data = gather(images, split, fold, augmented, copies)
        with together.joined(chosen) as team:
            name = identity(experiment, [*facts, fold, team.size])
            place = resume and resume / f"{experiment.name}-fold{fold}" / f"{name}.safetensors"
            checkpoint = Checkpoint(place)
            trained = train_model(experiment, low, high, data, chosen, checkpoint, team)
        if team.rank:
            continue  # the first process of a team writes
        speed = speed_of(chosen, threads, checkpoint.seconds(), shown(data, trained))
        description = describe(experiment, fold, low, high, data, trained)
        deliver(out / f"fold{fold}", trained, data, description, speed)
        checkpoint.close()


def settle(experiment: Experiment, device: torch.device, threads: int) -> None:
    """Set how this process computes; say so where a processor has no products in bfloat16."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # rare numbers near zero are 5 to 50 times slower
    slow = experiment.precision == "bfloat16" and device.type == "cpu"
    if slow and machine.multiplies_bfloat16() is False:
        message = "%s: this processor has no products in bfloat16; float32 is far quicker on it."
        logger.warning(message, experiment.name)


def deliver(
    folder: Path, trained: Trained, data: Material, description: dict[str, Any], speed: dict
) -> None:
    """Write a trained model and all that is told of it."""
    files.write_bytes(folder / "model.safetensors", files.safetensors(trained.state))
    files.write_json(folder / "model.json", description)
    files.write_table(folder / "history.csv", trained.history)
    files.write_table(folder / "predictions.csv", predictions_of(trained, data))
    files.write_json(folder / "speed.json", speed)


def shown(data: Material, trained: Trained) -> int:
    """How many photographs and copies a training was shown, each as often as it was."""
    return (len(data.seen) + len(data.parents)) * len(trained.history)


def identity(experiment: Experiment, facts: list[Any]) -> str:
    """A digest of all that a training hangs on: what is given, code and versions.

    A state is used by a training of the same identity alone, so that it changes no result.
    """
    code = code_digest.digest("train", f"models.{experiment.architecture}")
    text = json.dumps([*facts, code, machine.versions()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def describe(
    experiment: Experiment, fold: int, low: float, high: float, data: Material, trained: Trained
) -> dict[str, Any]:
    """What a reader of the model file must know; nothing in it depends on the time of day."""
    counts = {"seen": len(data.seen), "copies": len(data.parents), "held_out": len(data.held_out)}
    return {
        "format": 1,
        "experiment": asdict(experiment),
        "fold": fold,
        "range": [low, high],
        "photographs": counts,
        "samples": int(data.table.loc[data.seen, "sample"].nunique()),
        "parameters": trained.parameters,
        "failure": trained.failure,
        "torch": torch.__version__,
    }


def speed_of(device: torch.device, threads: int, seconds: float, shown: int) -> dict[str, Any]:
    """How long it took, on what; photographs shown per second of training, its looks included."""
    result: dict[str, Any] = {"seconds": seconds, "photos_per_second": shown / seconds}
    result |= {"device": device.type, "threads": threads, "processor": machine.processor()}
    if device.type == "cuda":
        result["gpu"] = torch.cuda.get_device_name(device)
        result["peak_bytes"] = torch.cuda.max_memory_allocated(device)
    return result


if __name__ == "__main__":
    cli.run(train)
