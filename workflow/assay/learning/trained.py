"""Bring a stored model back: its arrays and its description, checked, never code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load as load_arrays

from assay import files, models
from assay.experiment import Experiment
from assay.learning import fitting
from assay.learning.baseline import Baseline
from assay.learning.predictor import Predictor
from assay.pictures.stack import Pictures

Predict = Callable[[Pictures], np.ndarray]


def restore(description: dict[str, Any], state: dict[str, np.ndarray]) -> Predict:
    """A function from pictures uint8 (N, S, S, 3) to concentrations float64 (N,)."""
    experiment = Experiment(**description["experiment"])
    low, high = description["range"]
    if models.kind(experiment.architecture) == "estimator":
        baseline = Baseline(experiment, low, high)
        baseline.load(state)
        return baseline.predict
    predictor = Predictor(experiment, low, high).to(memory_format=torch.channels_last)
    predictor.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    return partial(fitting.predict, predictor)


def load(model: Path) -> tuple[dict[str, Any], Predict]:
    """The description and the predicting function of MODEL (model.safetensors, model.json beside).

    BadInput E_CHANGED if the model's bytes are not those that were written.
    """
    content = files.check(model, "train").read_bytes()
    description = files.read_json(model.with_suffix(".json"))
    return description, restore(description, load_arrays(content))
