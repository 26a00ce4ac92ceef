"""The baseline of a colorimeter: least squares on the mean colour, or on its optical density.

Optical density is -log10 of linear light, linear in concentration by Beer and Lambert's law.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from assay.pictures import colour
from assay.pictures.stack import Pictures


class Estimator:
    """Linear regression on three numbers a picture."""

    coefficients_: np.ndarray  # (4,): of the three channels and of 1

    def __init__(
        self,
        *,
        predictor: Literal["linear", "optical_density"] = "linear",
        zone: Literal["whole", "centre"] = "whole",
    ):
        self.predictor = predictor
        self.zone = zone

    def features(self, images: Pictures) -> np.ndarray:
        """Images uint8 (N, S, S, 3) -> (N, 4): the mean of each channel over the zone, and 1."""
        (mask,) = colour.zones(self.zone, images.shape[1])
        if self.predictor == "linear":
            means = np.stack([image[mask].mean(axis=0) / 255 for image in images])
        else:
            light = colour.linear_light()
            means = np.stack([light[image[mask]].mean(axis=0) for image in images])
            means = colour.optical_density(means)
        return np.column_stack([means, np.ones(len(images))])

    def fit(self, images: Pictures, target: np.ndarray, groups: np.ndarray | None = None) -> None:
        """Images uint8 (N, S, S, 3), target float (N,); least squares needs no groups."""
        self.coefficients_ = np.linalg.lstsq(self.features(images), target, rcond=None)[0]

    def predict(self, images: Pictures) -> np.ndarray:
        """Images uint8 (N, S, S, 3) -> float (N,), in the target's units."""
        return self.features(images) @ self.coefficients_

    def state(self) -> dict[str, np.ndarray]:
        """What was learned, as arrays."""
        return {"coefficients": self.coefficients_}

    def load(self, state: dict[str, np.ndarray]) -> None:
        """Restore what `state` gave."""
        self.coefficients_ = state["coefficients"]
