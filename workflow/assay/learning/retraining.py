"""Train an experiment again, on fewer or on other photographs than its folds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from assay.experiment import Experiment
from assay.learning.material import Material
from assay.learning.training import train_model

FEWEST = 5  # samples: with fewer, what is learnt says nothing about the experiment


def narrowed(data: Material, seen: np.ndarray, held_out: np.ndarray) -> Material:
    """The same material with these rows alone, (n,) and (m,); copies follow their parents."""
    kept = np.isin(data.parents, seen)
    return replace(
        data,
        seen=seen,
        held_out=held_out,
        altered=data.altered.rows(kept),
        parents=data.parents[kept],
    )


def retrained(
    experiment: Experiment, low: float, high: float, data: Material, device: torch.device
) -> tuple[np.ndarray, str]:
    """What a model trained on the seen photographs finds on the held-out ones, (m,).

    NaN, and the reason, where training failed or where there are fewer than FEWEST samples.
    """
    samples = data.table["sample"].to_numpy()[data.seen]
    nothing = np.full(len(data.held_out), np.nan)
    if len(np.unique(samples)) < FEWEST:
        return nothing, f"fewer than {FEWEST} samples to train on"
    trained = train_model(experiment, low, high, data, device)
    return trained.answers(data)[1], trained.failure
