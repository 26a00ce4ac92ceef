"""Signatures are compared part by part, and first by a quick distance: both change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from assay.intake import nearness


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signatures of 120 photographs of 40 samples, their labels and shapes; some lie on a side."""
    generator = np.random.default_rng(1)
    scenes = generator.uniform(0, 255, (40, 8, 8, 3))
    shots = scenes.repeat(3, axis=0) + generator.normal(0, 1, (120, 8, 8, 3))
    shots[::7] = np.rot90(shots[::7], axes=(1, 2))
    shapes = np.tile([30.0, 40.0], (120, 1))
    shapes[::7] = [40.0, 30.0]
    return shots.astype(np.float32), np.arange(120.0) // 3, shapes


def test_parts_and_the_quick_distance_change_no_candidate(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    signatures, labels, shapes = drawn
    pairs, distances, turn, limit = nearness.candidates(*drawn)
    every = nearness._neighbours(signatures)
    exact, turns = nearness._distances(signatures, shapes, every)
    same = labels[every[:, 0]] == labels[every[:, 1]]
    assert limit == min(3.0, 0.75 * float(exact[~same].min(initial=np.inf)))
    near = same & (exact <= limit)
    assert near.sum() > 50
    chosen = distances <= limit
    assert pairs[chosen].tolist() == every[near].tolist()
    assert distances[chosen].tolist() == exact[near].tolist()
    assert turn[chosen].tolist() == turns[near].tolist()
    monkeypatch.setattr(nearness, "CHUNK", 7)
    monkeypatch.setattr(nearness, "QUICK_CHUNK", 3)
    assert nearness.candidates(*drawn)[0].tolist() == pairs.tolist()
