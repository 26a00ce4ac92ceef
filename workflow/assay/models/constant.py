"""The baseline that looks at nothing: the mean of the training labels."""

from __future__ import annotations

import numpy as np

from assay.pictures.stack import Pictures


class Estimator:
    """Answers the training mean for every picture; its out-of-fold R2 is about 0."""

    mean_: float

    def fit(self, images: Pictures, target: np.ndarray, groups: np.ndarray | None = None) -> None:
        """Images uint8 (N, S, S, 3) and groups are not looked at; target float (N,)."""
        self.mean_ = float(np.mean(target))

    def predict(self, images: Pictures) -> np.ndarray:
        """Images uint8 (N, S, S, 3) -> float (N,), in the target's units."""
        return np.full(len(images), self.mean_)

    def state(self) -> dict[str, np.ndarray]:
        """What was learned, as arrays."""
        return {"mean": np.array([self.mean_])}

    def load(self, state: dict[str, np.ndarray]) -> None:
        """Restore what `state` gave."""
        self.mean_ = float(state["mean"][0])
