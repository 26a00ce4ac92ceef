from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from assay import models
from assay.experiment import Experiment
from assay.faults import BadInput
from assay.learning.predictor import Predictor
from assay.method import graph_check, torch_engine
from assay.quantity import Quantity

QUANTITY = Quantity("concentration", "mg/L", 80.0, 350.0)


def pictures(number: int, size: int) -> np.ndarray:
    shape = (number, size, size, 3)
    return np.random.default_rng(number).integers(0, 256, shape).astype(np.uint8)


def experiment(architecture: str, size: int, **settings: Any) -> Experiment:
    options = {"width": 0.25} if "width" in models.options(architecture) else {}
    size -= size % models.multiple(architecture)
    return Experiment("e", architecture, options, size=size, **settings)


def states(of: Experiment, folds: int = 2) -> list[dict[str, np.ndarray]]:
    """Untrained fold models, their scales learnt from noise, batch statistics from one batch."""
    found = []
    for fold in range(folds):
        torch.manual_seed(fold)
        predictor = Predictor(of, QUANTITY.low, QUANTITY.high)
        seen = torch.from_numpy(pictures(4, of.size))
        predictor.fit_normalisation(seen, torch.linspace(90, 340, 4))
        with torch.no_grad():
            predictor(seen)
        found.append({name: value.numpy() for name, value in predictor.state_dict().items()})
    return found


def worst_difference(of: Experiment) -> float:
    """Between torch and the ONNX graph, in shares of the range, over batches of 1 and 3."""
    torch.set_num_threads(1)
    trained = states(of)
    content = torch_engine.graph(of, QUANTITY, trained)
    graph_check.check(content, of.size)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    native = torch_engine.engine(of, QUANTITY, trained, 1)
    worst = 0.0
    for number in (1, 3):
        shown = pictures(number, of.size)
        wanted = native(shown)
        raw, features = session.run(["raw", "features"], {"pictures": shown})
        assert raw.shape == (number, 2)
        assert features.shape == wanted.features.shape
        assert features.shape[2] <= torch_engine.MOST_FEATURES
        scale = np.abs(wanted.features).max() + 1e-6
        assert np.abs(features - wanted.features).max() < 1e-3 * scale
        worst = max(worst, float(np.abs(raw - wanted.raw).max()))
    return worst / (QUANTITY.high - QUANTITY.low)


@pytest.mark.parametrize(
    "settings",
    [
        {"head": "two_stage"},
        {"head": "binned", "loss": "hl_gauss", "color": "gray"},
        {"head": "bounded", "color": "optical_density", "orbit": True, "target": "log"},
    ],
    ids=lambda settings: settings["head"],
)
def test_heads_and_colours_are_in_the_graph(settings: dict[str, Any]) -> None:
    assert worst_difference(experiment("vgg", 16, **settings)) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("size", [64, 250])
@pytest.mark.parametrize("architecture", models.networks())
def test_the_graph_gives_what_torch_gives(architecture: str, size: int) -> None:
    assert worst_difference(experiment(architecture, size)) < 1e-4


def test_arrays_of_another_experiment_are_refused() -> None:
    small, large = experiment("vgg", 16), experiment("vgg", 32)
    with pytest.raises(BadInput, match="not those of its experiment"):
        torch_engine.engine(large, QUANTITY, states(small), 1)
    huge = Experiment("e", "vgg", {"width": 4000.0}, size=16)
    with pytest.raises(BadInput, match="not those of its experiment"):
        torch_engine.engine(huge, QUANTITY, states(small), 1)


def test_an_orbit_in_one_pass_is_the_orbit_in_eight() -> None:
    of = experiment("vgg", 16, orbit=True)
    (state,) = states(of, folds=1)
    shown = torch.from_numpy(pictures(3, 16))
    with torch.no_grad():
        found = [
            torch_engine.Tapped(torch_engine.restored(of, QUANTITY, state), joined)(shown)
            for joined in (False, True)
        ]
    for one, other in zip(*found, strict=True):
        assert torch.allclose(one, other, rtol=1e-5, atol=1e-4)
