"""An estimator of models/ as a whole model: uint8 pictures in, concentrations out."""

from __future__ import annotations

import numpy as np

from assay import models
from assay.experiment import Experiment
from assay.pictures.stack import Pictures


class Baseline:
    """A baseline with its target's logarithm, where one is asked for, and its clipping.

    Only `target: log` changes a baseline; shifting or scaling the target would change nothing.
    """

    def __init__(self, experiment: Experiment, low: float, high: float):
        self.estimator = models.load(experiment.architecture).Estimator(**experiment.options)
        self.log = experiment.target == "log"
        self.low, self.high = low, high

    def fit(self, images: Pictures, labels: np.ndarray, groups: np.ndarray) -> None:
        """Fit to uint8 (N, S, S, 3) and concentrations (N,); groups keep replicates together."""
        self.estimator.fit(images, np.log(labels) if self.log else labels, groups=groups)

    def predict(self, images: Pictures) -> np.ndarray:
        """Concentrations float64 (N,), inside the calibrated range."""
        found = self.estimator.predict(images)
        return np.clip(np.exp(found) if self.log else found, self.low, self.high)

    def state(self) -> dict[str, np.ndarray]:
        """The learned arrays."""
        return self.estimator.state()

    def load(self, state: dict[str, np.ndarray]) -> None:
        """Take back what `state` gave."""
        self.estimator.load(state)
