"""Train on some groups (sessions, phones, lots) and answer for others, no sample on both sides."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import torch

from assay.experiment import Experiment
from assay.learning.material import Material
from assay.learning.retraining import narrowed, retrained

Part = tuple[int, str]


def in_order(names: list[str]) -> list[str]:
    """Each name once, as people sort them: phone 2 before phone 10."""

    def key(name: str) -> tuple[list[Part], str]:
        parts = re.split(r"([0-9]+)", name)  # words and numbers take turns, words first
        return [
            (int(part), "") if place % 2 else (0, part) for place, part in enumerate(parts)
        ], name

    return sorted(set(names), key=key)


def bundled(groups: list[str], most: int) -> dict[str, str]:
    """The bundle of each group: itself, or it and its neighbours where there are more than most."""
    names = in_order(groups)
    count = min(len(names), most)
    parts = [names[len(names) * k // count : len(names) * (k + 1) // count] for k in range(count)]
    called = [part[0] if len(part) == 1 else f"{part[0]} to {part[-1]}" for part in parts]
    return {name: bundle for part, bundle in zip(parts, called, strict=True) for name in part}


@dataclass(frozen=True)
class Found:
    """Found values of the rows asked for, (m,), NaN where note says why; samples trained on."""

    values: np.ndarray
    samples: int
    note: str


@dataclass(frozen=True)
class Trainer:
    """Trains an experiment on any rows of the material, for answers between low and high.

    units and parts, (N,): what must never lie on both sides (a sample with its duplicates), and
    the part that it is dealt to, for groups that share some.
    """

    experiment: Experiment
    low: float
    high: float
    data: Material
    units: np.ndarray
    parts: np.ndarray
    device: torch.device

    def found(self, train: np.ndarray, test: np.ndarray) -> Found:
        """What the experiment, trained on the rows `train`, finds on the rows `test`.

        Where a unit lies on both sides, as a sample photographed by two phones, each part of the
        units is answered by a model trained on the others.
        """
        values, notes, samples = np.full(len(test), np.nan), [], []
        shared = bool(np.isin(self.units[train], self.units[test]).any())
        parts = self.parts if shared else np.zeros_like(self.parts)
        for part in np.unique(parts[test]):
            seen = train[parts[train] != part] if shared else train
            asked = parts[test] == part
            data = narrowed(self.data, seen, test[asked])
            values[asked], note = retrained(self.experiment, self.low, self.high, data, self.device)
            notes.append(note)
            samples.append(data.table["sample"].iloc[seen].nunique())
        return Found(values, round(float(np.mean(samples))), next(filter(None, notes), ""))
