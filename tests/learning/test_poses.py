from __future__ import annotations

from dataclasses import replace

import torch

from assay.experiment import Experiment
from assay.learning import fitting, poses


def test_the_poses_are_those_of_the_orbit_each_once() -> None:
    picture = torch.randint(256, (1, 5, 5, 3), dtype=torch.uint8)
    found = poses.posed(picture.expand(8, -1, -1, -1), torch.arange(8))
    assert torch.equal(found[:1], picture), "0 is as it is"
    wanted = {pose.numpy().tobytes() for pose in poses.orbit(picture)}
    assert {pose.numpy().tobytes() for pose in found} == wanted
    assert len(wanted) == 8


def test_a_number_means_the_same_pose_for_ever() -> None:
    picture = torch.randint(256, (1, 5, 5, 3), dtype=torch.uint8)
    found = poses.posed(picture.expand(8, -1, -1, -1), torch.arange(8))
    for number, pose in enumerate(found):
        wanted = picture[0].transpose(0, 1) if number & 1 else picture[0]
        wanted = wanted.flip([axis for axis in (0, 1) if number & (2, 4)[axis]])
        assert torch.equal(pose, wanted)


def shown(experiment: Experiment) -> torch.Tensor:
    """The pictures that a training of two epochs shows of 16 photographs, in order."""
    images = torch.arange(16 * 27).reshape(16, 3, 3, 3).to(torch.uint8)
    photographs = fitting.Photographs(images, torch.rand(16))
    module, told = torch.nn.Linear(27, 1), []

    def loss(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        told.append(images.clone())
        return module(images.flatten(1).float()).mean()

    fitting.fit(module, loss, photographs, experiment, lambda *_: None)
    return torch.cat(told)


def test_each_showing_draws_a_pose_anew_and_a_seed_repeats_it() -> None:
    still = Experiment("net", epochs=4, batch_size=16)
    plain = shown(still)
    drawn = shown(replace(still, poses=True))
    assert not torch.equal(plain, drawn)
    assert torch.equal(drawn, shown(replace(still, poses=True)))
    # the same photographs in the same order, in any of their poses
    assert torch.equal(plain.flatten(1).sort().values, drawn.flatten(1).sort().values)
    moved = [one for one, other in zip(drawn, plain, strict=True) if not torch.equal(one, other)]
    assert 40 < len(moved) < 64, "seven of eight"
