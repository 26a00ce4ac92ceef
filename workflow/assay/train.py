"""Train one experiment on all folds but one, and predict the one held out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch

from assay import cli, files, machine, models
from assay.experiment import Experiment
from assay.faults import refuse
from assay.learning import fitting
from assay.learning.baseline import Baseline
from assay.learning.material import Material, gather
from assay.learning.predictor import Predictor
from assay.progress import progress

logger = logging.getLogger("assay")
Predict = Callable[[np.ndarray], np.ndarray]


def device_of(name: Literal["cpu", "cuda"]) -> torch.device:
    """The device asked for; BadInput E_GPU where it is absent, never the CPU in silence."""
    if name == "cuda" and not torch.cuda.is_available():
        remedy = "Set gpu: false in the config, or run with --resources gpu=0 for the CPU."
        raise refuse("E_GPU", "a GPU was asked for, but torch sees none.", remedy)
    return torch.device(name)


HISTORY = ["stage", "epoch", "loss", "learning_rate", "rmse_train", "rmse_held_out"]
CURVE_POINTS = 10  # a look at the held-out fold costs a third of a training step: not each epoch


@dataclass(frozen=True)
class Trained:
    """A trained model: how it predicts, what is stored of it, how it learned, why it failed."""

    predict: Predict
    state: dict[str, np.ndarray]
    parameters: int
    history: pd.DataFrame
    failure: str = ""


class Curve:
    """The learning curve of a network: a row per epoch, RMSE at some of them.

    The held-out fold is looked at for the curve alone: nothing is decided by it.
    """

    def __init__(self, experiment: Experiment, stages: int, data: Material, predict: Predict):
        self.rows: list[dict[str, float]] = []
        self.epochs, self.data, self.predict = experiment.epochs, data, predict
        self.look = -(-experiment.epochs // CURVE_POINTS)
        self.bar = progress(range(stages * self.epochs), experiment.name, unit="epochs")

    def add(self, stage: int, epoch: int, loss: float, learning_rate: float) -> None:
        """Take down an epoch (from 0) of a stage."""
        next(self.bar)
        row = {"stage": stage, "epoch": epoch + 1, "loss": loss, "learning_rate": learning_rate}
        if (epoch + 1) % self.look == 0 or epoch + 1 == self.epochs:
            row["rmse_train"] = self.data.rmse(self.predict, self.data.seen)
            row["rmse_held_out"] = self.data.rmse(self.predict, self.data.held_out)
        self.rows.append(row)

    def table(self) -> pd.DataFrame:
        """The history; ends the progress bar."""
        next(self.bar, None)
        return pd.DataFrame(self.rows, columns=HISTORY)


def train_baseline(experiment: Experiment, low: float, high: float, data: Material) -> Trained:
    """Fit a baseline; it has no history."""
    pictures, labels, blocks = data.training()
    baseline = Baseline(experiment, low, high)
    baseline.fit(pictures, labels, blocks)
    state = baseline.state()
    learned = sum(array.size for array in state.values())
    return Trained(baseline.predict, state, learned, pd.DataFrame(columns=HISTORY))


def train_network(
    experiment: Experiment, low: float, high: float, data: Material, device: torch.device
) -> Trained:
    """Train a network for its budget of epochs, its stages in series.

    A loss that is no longer a number, or too little memory, ends this model alone: it is marked
    as failed, with the reason, and predicts NaN.
    """
    torch.manual_seed(experiment.seed)
    predictor = Predictor(experiment, low, high).to(memory_format=torch.channels_last).to(device)
    predictor.load_pretrained()
    pictures, labels, _ = data.training()
    seen = fitting.Photographs(
        torch.from_numpy(pictures).to(device),
        torch.from_numpy(labels.astype(np.float32)).to(device),
    )
    predictor.fit_normalisation(seen.images, seen.labels)
    predict = partial(fitting.predict, predictor)
    stages = predictor.stages()
    curve = Curve(experiment, len(stages), data, predict)
    failure = ""
    try:
        for number, stage in enumerate(stages):
            fitting.fit(stage.module, stage.loss, seen, experiment, partial(curve.add, number))
    except (fitting.Diverged, torch.OutOfMemoryError) as error:
        failure = str(error).splitlines()[0]
        logger.error("%s failed: %s", experiment.name, failure)
    # channels_last weights lie in another order than their shape says, and would be stored so
    stored = {name: value.cpu().contiguous() for name, value in predictor.state_dict().items()}
    state = {name: value.numpy() for name, value in stored.items()}
    learned = sum(weight.numel() for weight in predictor.parameters())
    return Trained(predict, state, learned, curve.table(), failure)


def predictions_of(trained: Trained, data: Material) -> pd.DataFrame:
    """Found concentrations of the seen and of the held-out photographs; NaN if the model failed."""
    parts = []
    for role, rows in (("seen", data.seen), ("held_out", data.held_out)):
        found = (
            np.full(len(rows), np.nan) if trained.failure else trained.predict(data.images[rows])
        )
        known = data.table["photo"].to_numpy()[rows]
        parts.append(pd.DataFrame({"photo": known, "role": role, "found": found}))
    return pd.concat(parts, ignore_index=True)


def train(
    images: Path,
    split: Path,
    experiment: Experiment,
    fold: int,
    low: float,
    high: float,
    model: Path,
    description: Path,
    history: Path,
    predictions: Path,
    speed: Path,
    augmented: Path | None = None,
    copies: Path | None = None,
    threads: int = 1,
    device: Literal["cpu", "cuda"] = "cpu",
) -> None:
    """Write one model, trained on every fold but FOLD, and what it finds on the fold held out.

    MODEL (safetensors) and DESCRIPTION (json) are the model; PREDICTIONS holds one row per
    photograph of the training folds (role seen) and of the held-out fold; SPEED is not a result.
    """
    chosen = device_of(device)
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # rare numbers near zero are 5 to 50 times slower
    data = gather(images, split, fold, augmented, copies)
    start = time.perf_counter()
    if models.kind(experiment.architecture) == "estimator":
        trained = train_baseline(experiment, low, high, data)
    else:
        trained = train_network(experiment, low, high, data, chosen)
    seconds = time.perf_counter() - start
    files.write_bytes(model, files.safetensors(trained.state))
    files.seal(model)
    files.write_json(description, describe(experiment, fold, low, high, data, trained))
    files.write_table(history, trained.history)
    files.write_table(predictions, predictions_of(trained, data))
    shown = (len(data.seen) + len(data.parents)) * len(trained.history)
    files.write_json(speed, speed_of(chosen, threads, seconds, shown))


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
