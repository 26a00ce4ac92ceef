"""The classical baseline: statistics of colour in zones of the picture, and a regression on them.

Of each zone and each of R, G, B (0 to 1) and CIE L*, a*, b*: the mean and quantiles over pixels.
Regressions: PLS (Wold et al. 2001), ridge with squares and products (Hoerl & Kennard 1970), boosted
trees (Friedman 2001).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from assay.parts import regressors
from assay.pictures import colour
from assay.pictures.stack import Pictures

CHUNK = 64  # photographs at a time
REGRESSORS: dict[str, Callable[[], regressors.Regressor]] = {
    "pls": regressors.PLS,
    "ridge": regressors.Ridge,
    "boosted": regressors.BoostedTrees,
}


class Estimator:
    """A regression on colour statistics; quantiles is how many, evenly spaced: 1 is the median.

    zones: whole; centre_border (a disc, the ring around it, the corners); left_right halves; a
    3 x 3 grid. Turning a picture changes nothing in whole and centre_border.
    """

    def __init__(
        self,
        *,
        regressor: Literal["pls", "ridge", "boosted"] = "ridge",
        zones: Literal["whole", "centre_border", "left_right", "grid"] = "centre_border",
        quantiles: int = 1,
    ):
        self.zones = zones
        self.levels = np.arange(1, quantiles + 1) / (quantiles + 1)
        self.regressor = REGRESSORS[regressor]()

    def features(self, images: Pictures) -> np.ndarray:
        """Images uint8 (N, S, S, 3) -> (N, zones x (1 + quantiles) x 6)."""
        masks = colour.zones(self.zones, images.shape[1])
        chunks = [images[start : start + CHUNK] for start in range(0, len(images), CHUNK)]
        return np.concatenate([self._features(chunk, masks) for chunk in chunks])

    def _features(self, images: np.ndarray, masks: list[np.ndarray]) -> np.ndarray:
        lab = colour.lab(colour.linear_light()[images])
        values = np.concatenate([images / 255, lab], axis=-1)  # (n, S, S, 6)
        columns = []
        for mask in masks:
            pixels = values[:, mask]  # (n, pixels, 6)
            columns += [pixels.mean(axis=1), *np.quantile(pixels, self.levels, axis=1)]
        return np.hstack(columns)

    def fit(self, images: Pictures, target: np.ndarray, groups: np.ndarray | None = None) -> None:
        """Images uint8 (N, S, S, 3), target float (N,); photographs of a group stay together."""
        groups = np.arange(len(images)) if groups is None else groups
        self.regressor.fit(self.features(images), target, groups)

    def predict(self, images: Pictures) -> np.ndarray:
        """Images uint8 (N, S, S, 3) -> float (N,), in the target's units."""
        return self.regressor.predict(self.features(images))

    def state(self) -> dict[str, np.ndarray]:
        """What was learned, as arrays."""
        return regressors.learned(self.regressor)

    def load(self, state: dict[str, np.ndarray]) -> None:
        """Restore what `state` gave."""
        vars(self.regressor).update(state)
