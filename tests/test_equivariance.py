"""How far a turned disc moves an answer, after training: the steerable net beside the plain one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from assay.experiment import Experiment
from assay.learning import fitting
from assay.learning.poses import orbit
from assay.learning.predictor import Predictor
from assay.simulation.laboratory import Laboratory
from assay.summary import picture, scenes, spread, turned

LOW, HIGH, SIZE = 80.0, 350.0, 64
PHOTOGRAPHS = 80


@pytest.fixture(scope="module")
def seen() -> fitting.Photographs:
    laboratory = Laboratory(seed=3, mixing=False)
    drawn = [laboratory.scene(number, 0) for number in range(PHOTOGRAPHS)]
    images = torch.stack([picture(scene, SIZE) for scene in drawn])
    labels = torch.tensor([scene.concentration for scene in drawn]).float()
    return fitting.Photographs(images, labels)


@pytest.fixture(scope="module")
def poses() -> list[torch.Tensor]:
    """Four scenes at every multiple of 15 degrees."""
    drawn = scenes()
    return [
        torch.stack([picture(turned(scene, float(angle)), SIZE) for scene in drawn])
        for angle in np.arange(0, 360, 15)
    ]


def trained(architecture: str, seen: fitting.Photographs, **options: object) -> Predictor:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    settings = {"epochs": 10, "batch_size": 8, "learning_rate": 3e-3}
    experiment = Experiment("x", architecture, size=SIZE, options=options, **settings)
    torch.manual_seed(1)
    predictor = Predictor(experiment, LOW, HIGH).to(memory_format=torch.channels_last)
    predictor.fit_normalisation(seen.images, seen.labels)
    (stage,) = predictor.stages()
    fitting.fit(stage.module, stage.loss, seen, experiment, lambda *_: None)
    return predictor.eval()


def learned(predictor: Predictor, seen: fitting.Photographs) -> float:
    """RMSE over the standard deviation of the labels, on the photographs seen."""
    with torch.no_grad():
        return float((predictor(seen.images) - seen.labels).square().mean().sqrt() / 78)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"rotations": 16, "mirror": False}], ids=str)
def test_steerable_hardly_moves_at_any_multiple_of_15_degrees(
    options: dict[str, object], seen: fitting.Photographs, poses: list[torch.Tensor]
) -> None:
    predictor = trained("steerable", seen, width=0.25, **options)
    assert learned(predictor, seen) < 0.3, "an untrained net moves little as well"
    assert spread(predictor, poses) < 2


@pytest.mark.slow
def test_the_plain_net_moves_more_and_gcnn_only_between_right_angles(
    seen: fitting.Photographs, poses: list[torch.Tensor]
) -> None:
    plain, turning = trained("vgg", seen, width=0.25), trained("gcnn", seen, width=0.25)
    assert learned(turning, seen) < 0.5
    assert spread(turning, orbit(poses[0])) < 1e-3
    assert spread(plain, orbit(poses[0])) > 1
    assert spread(plain, poses) > 2
