"""How far does a row of numbers lie from those of training? Hotelling's T2 and Q.

A principal component analysis of the training rows: T2 is the squared distance within the plane of
the components, in units of their variance (Hotelling 1931), Q the squared distance to the plane
(Jackson & Mudholkar 1979, Technometrics 21, 341). Both are given as roots over their typical size.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from assay.method.strict import damaged

EXPLAINED = 0.99  # of the variance, by the components that are kept
MOST = 10  # components
LEAST_REST = 0.1  # scaled units: below it a distance to the plane means nothing


@dataclass(frozen=True)
class Cloud:
    """centre, scale: (F,); components: (R, F); spread: (R,); rest: (1,) the typical root of Q."""

    centre: np.ndarray
    scale: np.ndarray
    components: np.ndarray
    spread: np.ndarray
    rest: np.ndarray

    def distances(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Roots of T2 / R and of Q over its typical value, (N,) each, of rows (N, F)."""
        values = (rows - self.centre) / self.scale
        scores = values @ self.components.T
        inside = np.sqrt(np.mean((scores / self.spread) ** 2, axis=1))
        outside = np.linalg.norm(values - scores @ self.components, axis=1) / self.rest[0]
        return inside, outside

    def arrays(self, prefix: str) -> dict[str, np.ndarray]:
        """Its arrays under names that begin with `prefix`."""
        return {f"{prefix}.{name}": np.asarray(array) for name, array in asdict(self).items()}


def fit(rows: np.ndarray, least: float = 0.0) -> Cloud:
    """The cloud of training rows (N, F), N at least 2; least: a deviation that means nothing yet.

    A column that hardly varies isn't blown up: what is below `least`, or below a hundredth of the
    widest column's deviation, would else look like a distance.
    """
    centre = rows.mean(axis=0)
    deviation = rows.std(axis=0)
    scale = np.maximum(deviation, max(least, 0.01 * float(deviation.max()), 1e-6))
    values = (rows - centre) / scale
    _, singular, axes = np.linalg.svd(values, full_matrices=False)
    share = np.cumsum(singular**2) / max(float(np.sum(singular**2)), 1e-12)
    kept = min(int(np.searchsorted(share, EXPLAINED)) + 1, MOST, max(1, len(rows) // 5))
    spread = np.maximum(singular[:kept] / np.sqrt(len(rows)), 1e-6)
    components = axes[:kept]
    residual = np.linalg.norm(values - values @ components.T @ components, axis=1)
    return Cloud(
        centre, scale, components, spread, np.array([max(float(residual.mean()), LEAST_REST)])
    )


def load(arrays: dict[str, np.ndarray], prefix: str, width: int) -> Cloud:
    """The cloud, of rows of `width` numbers, whose arrays have names that begin with `prefix`.

    BadInput E_METHOD if one is missing or makes no sense.
    """
    none = np.full(0, np.nan)
    found = Cloud(*(arrays.get(f"{prefix}.{name}", none) for name in Cloud.__dataclass_fields__))
    kept = len(found.components) if found.components.ndim == 2 else 0
    wanted = [(width,), (width,), (kept, width), (kept,), (1,)]
    good = [array.shape for array in vars(found).values()] == wanted and all(
        np.isfinite(array).all() for array in vars(found).values()
    )
    if not good or min(part.min() for part in (found.scale, found.spread, found.rest)) <= 0:
        raise damaged(f"its cloud of training photographs, {prefix}, makes no sense.")
    return found
