"""Train one experiment on the photographs of a material: a baseline or a network."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
import torch

from assay import models
from assay.experiment import Experiment
from assay.faults import refuse
from assay.learning import devices, fitting
from assay.learning.baseline import Baseline
from assay.learning.checkpoint import Checkpoint
from assay.learning.material import Material, Predict
from assay.learning.predictor import Predictor
from assay.learning.stored import placed
from assay.learning.together import ALONE, Team
from assay.progress import progress

logger = logging.getLogger("assay")
Answers = tuple[np.ndarray, np.ndarray]  # on the photographs seen, on those held out


def device_of(name: Literal["cpu", "cuda"]) -> torch.device:
    """The device asked for; BadInput E_GPU where it is absent, never the CPU in silence.

    A GPU is leased for the life of this process: no other training of this user gets it. The same
    training gives the same bits on it each time.
    """
    if name == "cpu":
        return torch.device(name)
    if not torch.cuda.is_available():
        remedy = "Set gpu: false in the config, or run with --resources gpu=0 for the CPU."
        raise refuse("E_GPU", "a GPU was asked for, but torch sees none.", remedy)
    chosen = torch.device(name, devices.lease(torch.cuda.device_count()))
    torch.cuda.set_device(chosen)  # also for what names no card
    repeatable()
    return chosen


def repeatable() -> None:
    """Let a GPU give the same bits each time; to be called before it is first used."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # else cuBLAS may sum in any order
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


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
    last: Answers | None = None  # what the last look of the learning curve found

    def answers(self, data: Material) -> Answers:
        """What it finds on the photographs seen and on those held out; NaN if training failed."""
        if self.failure:
            return np.full(len(data.seen), np.nan), np.full(len(data.held_out), np.nan)
        found = partial(data.found, self.predict)
        return self.last or (found(data.seen), found(data.held_out))


class Curve:
    """The learning curve of a network: a row per epoch, RMSE at some of them.

    The held-out fold is looked at for the curve alone: nothing is decided by it. glance answers in
    place of predict before the last epoch.
    """

    def __init__(
        self,
        experiment: Experiment,
        stages: int,
        data: Material,
        predict: Predict,
        glance: Predict,
        rows: list[dict[str, float]],
    ):
        self.rows = rows  # of the epochs before an interruption
        self.epochs, self.data, self.watched = experiment.epochs, data, data.watched()
        self.predict, self.glance = predict, glance
        self.last: Answers | None = None
        self.look = -(-experiment.epochs // CURVE_POINTS)
        rest = range(len(rows), stages * self.epochs)
        self.bar = progress(rest, experiment.name, unit="epochs")
        next(self.bar, None)  # the first epoch begins

    def add(self, stage: int, epoch: int, loss: float, learning_rate: float) -> None:
        """Take down an epoch (from 0) of a stage."""
        row = {"stage": stage, "epoch": epoch + 1, "loss": loss, "learning_rate": learning_rate}
        if epoch + 1 == self.epochs:
            self.last = self._found(self.predict, self.data.seen)
            row |= self._errors(self.last[0][self.watched], self.last[1])
        elif (epoch + 1) % self.look == 0:
            row |= self._errors(*self._found(self.glance, self.data.seen[self.watched]))
        self.rows.append(row)
        next(self.bar, None)

    def _found(self, predict: Predict, seen: np.ndarray) -> Answers:
        return self.data.found(predict, seen), self.data.found(predict, self.data.held_out)

    def _errors(self, seen: np.ndarray, held_out: np.ndarray) -> dict[str, float]:
        """RMSE on the seen photographs that are watched, and on those held out."""
        data = self.data
        return {
            "rmse_train": data.rmse(seen, data.seen[self.watched]),
            "rmse_held_out": data.rmse(held_out, data.held_out),
        }

    def table(self) -> pd.DataFrame:
        """The history."""
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
    experiment: Experiment,
    low: float,
    high: float,
    data: Material,
    device: torch.device,
    checkpoint: Checkpoint,
    team: Team = ALONE,
) -> Trained:
    """Train a network for its budget of epochs, its stages in series, or what is left of them.

    A loss that is no longer a number, or too little memory, ends this model alone: it is marked
    as failed, with the reason, and predicts NaN.
    """
    torch.manual_seed(experiment.seed)
    predictor = Predictor(experiment, low, high).to(memory_format=torch.channels_last).to(device)
    predictor.load_pretrained()
    team.prepared(predictor, device)
    pictures, labels, _ = data.training()
    known = torch.from_numpy(labels.astype(np.float32)).to(device)
    seen = fitting.Photographs(placed(pictures, device), known)
    predictor.fit_normalisation(seen.images, seen.labels)
    predict = partial(fitting.predict, predictor)
    checkpoint.open(predictor)
    stages = predictor.stages()
    glance = partial(fitting.predict, predictor, answer=predictor.glance)
    curve = Curve(experiment, len(stages), data, predict, glance, checkpoint.rows)
    failure = ""
    try:
        with checkpoint.guarding():
            for number in range(checkpoint.stage, len(stages)):
                stage, checkpoint.stage = stages[number], number
                told = partial(curve.add, number)
                loss = fitting.in_precision(experiment.precision, stage.loss)
                fitting.fit(stage.module, loss, seen, experiment, told, checkpoint, team)
    except (fitting.Diverged, torch.OutOfMemoryError) as error:
        failure = str(error).splitlines()[0]
        logger.error("%s failed: %s", experiment.name, failure)
    learned = sum(weight.numel() for weight in predictor.parameters())
    return Trained(predict, _state(predictor), learned, curve.table(), failure, curve.last)


def _state(predictor: Predictor) -> dict[str, np.ndarray]:
    # channels_last weights lie in another order than their shape says, and would be stored so
    stored = {name: value.cpu().contiguous() for name, value in predictor.state_dict().items()}
    return {name: value.numpy() for name, value in stored.items()}


def train_model(
    experiment: Experiment,
    low: float,
    high: float,
    data: Material,
    device: torch.device,
    checkpoint: Checkpoint | None = None,
    team: Team = ALONE,
) -> Trained:
    """Train the experiment, whatever its kind, for answers between `low` and `high`.

    With a checkpoint an interrupted training goes on, and this one can be interrupted. A network
    may be trained by a team of processes.
    """
    if models.kind(experiment.architecture) == "estimator":
        return train_baseline(experiment, low, high, data)
    kept = checkpoint or Checkpoint()
    return train_network(experiment, low, high, data, device, kept, team)
