"""The simulated laboratory: which scene each sample and photograph shows.

Every draw comes from (seed, what, number), so that any photograph can be drawn again alone, in any
order, by any worker, whatever the number of samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from assay.simulation.scene import KNOTS, NO_SPOTS, WELL_MIXED, Scene

Preset = Literal["instrument", "field"]
Normal = tuple[float, float]  # mean and standard deviation

SAMPLE: dict[str, Normal] = {"fill": (1.0, 0.05), "meniscus": (0.0, 0.15)}
PHOTO: dict[str, Normal] = {
    "radius": (0.36, 0.015),
    "centre_x": (0.0, 0.02),
    "centre_y": (0.0, 0.02),
    "card": (0.90, 0.015),
    "exposure": (1.0, 0.08),
    "shading_x": (0.0, 0.06),
    "shading_y": (0.0, 0.06),
}
TINT: Normal = (0.0, 0.02)
INSTRUMENT_LAMP: Normal = (5000.0, 50.0)  # K
FIELD_LAMPS = (3500.0, 6500.0)  # K, uniform
FIELD_LOT: Normal = (1.0, 0.01)
SESSIONS_PER_LOT = 2  # a bottle of reagent lasts for two sessions
MEAN_SPOTS = 3.0
SPOT_WIDTHS = (0.005, 0.02)
SPOT_PEAKS = (0.3, 1.5)
SPOT_PRIOR = (0.16, 0.16, 0.0043, 0.35)  # standard deviations of a spot's x, y, width and peak

# What a random stream is for; the first part of its key.
_CONCENTRATION, _LEVELS, _SAMPLE, _SESSION, _LOT, _PHOTO, _NOISE = range(7)


@dataclass(frozen=True)
class Laboratory:
    """Settings that decide every photograph. low and high in concentration units.

    levels: 0 for uniform concentrations, else the number of equally spaced levels.
    """

    preset: Preset = "instrument"
    seed: int = 1
    low: float = 80.0
    high: float = 350.0
    levels: int = 0
    sessions: int = 20
    glare: bool = True
    mixing: bool = True

    def session(self, sample: int) -> int:
        """The session of a sample: they take turns, so that sessions are equally large."""
        return sample % self.sessions

    def lot(self, sample: int) -> int:
        """The reagent lot of a sample."""
        return self.session(sample) // SESSIONS_PER_LOT if self.preset == "field" else 0

    def concentration(self, sample: int) -> float:
        """The sample's concentration; levels come in blocks that hold each once, in drawn order.

        So levels are balanced, and aren't confounded with sessions.
        """
        if not self.levels:
            return float(_stream(self.seed, _CONCENTRATION, sample).uniform(self.low, self.high))
        block, place = divmod(sample, self.levels)
        level = _level_order(self.seed, block, self.levels)[place]
        return float(np.linspace(self.low, self.high, self.levels)[level])

    def scene(self, sample: int, photo: int) -> Scene:
        """What photograph `photo` of `sample` shows. glare=False takes away spots, changes no more.

        Photographs of a sample share the liquid and its lot, not pose, light, mixing and glare.
        """
        rng = _stream(self.seed, _PHOTO, sample, photo)
        drawn = _draw(rng, PHOTO)
        temperature, tint = self._lamp(sample, rng)
        mixing = rng.standard_normal((len(KNOTS), len(KNOTS)), dtype=np.float32)
        spots = _spots(rng, drawn)
        return Scene(
            concentration=self.concentration(sample),
            lot=self._strength(sample),
            temperature=temperature,
            tint=tint,
            mixing=mixing if self.mixing else WELL_MIXED,
            spots=spots if self.glare else NO_SPOTS,
            **_draw(_stream(self.seed, _SAMPLE, sample), SAMPLE),
            **drawn,
        )

    def priors(self) -> dict[str, Normal]:
        """What is known of a photograph before it is seen: normal per unknown of the scene.

        A uniform law is stood for by the normal one with its mean and standard deviation.
        """
        field = self.preset == "field"
        return {
            "concentration": _as_normal(self.low, self.high),
            **SAMPLE,
            **PHOTO,
            "temperature": _as_normal(*FIELD_LAMPS) if field else INSTRUMENT_LAMP,
            "tint": TINT,
            **({"lot": FIELD_LOT} if field else {}),
        }

    def noise(self, sample: int, photo: int) -> np.random.Generator:
        """The generator of the sensor's noise in one photograph."""
        return _stream(self.seed, _NOISE, sample, photo)

    def _lamp(self, sample: int, rng: np.random.Generator) -> tuple[float, float]:
        if self.preset == "instrument":
            return float(rng.normal(*INSTRUMENT_LAMP)), float(rng.normal(*TINT))
        session = _stream(self.seed, _SESSION, self.session(sample))
        return float(session.uniform(*FIELD_LAMPS)), float(session.normal(*TINT))

    def _strength(self, sample: int) -> float:
        if self.preset == "instrument":
            return 1.0
        return float(_stream(self.seed, _LOT, self.lot(sample)).normal(*FIELD_LOT))


def _as_normal(low: float, high: float) -> Normal:
    return (low + high) / 2, (high - low) / 12**0.5


def _stream(seed: int, *key: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=key)))


@lru_cache(maxsize=64)
def _level_order(seed: int, block: int, levels: int) -> np.ndarray:
    return _stream(seed, _LEVELS, block, levels).permutation(levels)


def _draw(rng: np.random.Generator, widths: dict[str, Normal]) -> dict[str, float]:
    return {name: float(rng.normal(*normal)) for name, normal in widths.items()}


def _spots(rng: np.random.Generator, drawn: dict[str, float]) -> np.ndarray:
    """Glare, (K, 4), uniform over the inner nine tenths of the well's radius."""
    count = rng.poisson(MEAN_SPOTS)
    distance = 0.9 * drawn["radius"] * np.sqrt(rng.uniform(size=count))
    angle = rng.uniform(0, 2 * np.pi, size=count)
    x = drawn["centre_x"] + distance * np.cos(angle)
    y = drawn["centre_y"] + distance * np.sin(angle)
    widths, peaks = rng.uniform(*SPOT_WIDTHS, count), rng.uniform(*SPOT_PEAKS, count)
    return np.column_stack([x, y, widths, peaks])
