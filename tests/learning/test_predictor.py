"""The predictor: scales, stages, orbit averaging, clipping."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from assay.experiment import Experiment
from assay.faults import BadInput
from assay.learning.poses import orbit
from assay.learning.predictor import Predictor
from wells import wells

NARROW = Experiment("x", options={"width": 0.125}, size=32)


def made(experiment: Experiment = NARROW) -> Predictor:
    torch.manual_seed(1)
    return Predictor(experiment, 80.0, 350.0).eval()


def test_the_orbit_holds_eight_different_poses_of_each_photograph() -> None:
    images = torch.arange(2 * 9 * 3, dtype=torch.uint8).reshape(2, 3, 3, 3)
    poses = orbit(images)
    assert torch.equal(poses[0], images)
    assert len({pose.numpy().tobytes() for pose in poses}) == 8
    for pose in poses:
        assert torch.equal(pose.flatten(1).sort().values, images.flatten(1).sort().values)


def test_orbit_averaging_makes_any_network_invariant() -> None:
    images, _ = wells(3, 32)
    plain, averaged = made(), made(replace(NARROW, orbit=True))
    with torch.no_grad():
        spread = [
            torch.stack([p.unclipped(pose) for pose in orbit(images)]) for p in (plain, averaged)
        ]
    moved = [float((found.amax(0) - found.amin(0)).max()) for found in spread]
    assert moved[0] > 1e-2
    assert moved[1] < 1e-5 * 270
    torch.testing.assert_close(spread[1][0], spread[0].mean(0))


def test_answers_do_not_leave_the_range_but_losses_see_that_they_would() -> None:
    predictor = made()
    images, labels = wells(4, 32)
    with torch.no_grad():
        predictor.net[-1].bias.fill_(100)
        assert predictor(images).tolist() == [350] * 4
        assert predictor.unclipped(images).min() > 1000
        (stage,) = predictor.stages()
        assert stage.loss(images, labels) > 1000


def test_scales_come_from_the_photographs_given() -> None:
    predictor = made()
    images, labels = wells(20, 32)
    predictor.fit_normalisation(images, labels)
    assert predictor.target.shift.item() == pytest.approx(labels.mean().item(), rel=1e-6)
    torch.testing.assert_close(
        predictor.input(images).mean((0, 2, 3)), torch.zeros(3), atol=1e-4, rtol=0
    )


def test_a_new_predictor_of_other_data_is_restored_by_the_state_alone() -> None:
    predictor, other = made(), made(replace(NARROW, seed=2))
    predictor.fit_normalisation(*wells(20, 32))
    other.load_state_dict(predictor.state_dict())
    images, _ = wells(3, 32)
    with torch.no_grad():
        assert torch.equal(predictor(images), other(images))


def test_two_stages_train_two_nets_one_after_the_other() -> None:
    predictor = made(replace(NARROW, head="two_stage"))
    images, labels = wells(8, 32)
    first, second = predictor.stages()
    assert first.module is predictor.net
    assert second.module is predictor.correction
    for stage, idle in ((first, second), (second, first)):
        predictor.zero_grad()
        stage.loss(images, labels).backward()
        assert all(p.grad is not None for p in stage.module.parameters())
        assert all(p.grad is None for p in idle.module.parameters())


def test_the_second_net_sees_the_bin_that_the_first_one_picks() -> None:
    predictor = made(replace(NARROW, head="two_stage"))
    images, _ = wells(6, 32)
    edges = torch.linspace(80, 350, 11)
    with torch.no_grad():
        picked = predictor.net(predictor.input(images)).argmax(1)
        found = predictor(images)
    assert (found >= edges[picked] - 1e-3).all()
    assert (found <= edges[picked + 1] + 1e-3).all()


def test_declared_weights_are_loaded_and_without_any_nothing_happens(tmp_path: Path) -> None:
    source = made(replace(NARROW, seed=5))
    with torch.no_grad():
        source.net[0][0].weight.fill_(0.25)
    path = tmp_path / "weights.safetensors"
    save_file(source.net.state_dict(), path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    predictor = made()
    predictor.load_pretrained()
    assert not torch.all(predictor.net[0][0].weight == 0.25)
    declared = replace(NARROW, pretrained=str(path), pretrained_sha256=sha256)
    predictor = made(declared)
    predictor.load_pretrained()
    assert torch.all(predictor.net[0][0].weight == 0.25)
    with pytest.raises(BadInput, match="second net"):
        made(replace(declared, head="two_stage")).load_pretrained()


def test_head_and_loss_must_fit() -> None:
    with pytest.raises(BadInput, match="hl_gauss does not train the head linear"):
        made(replace(NARROW, loss="hl_gauss"))


def test_a_glance_sees_one_pose_and_stays_in_the_range() -> None:
    images, labels = wells(6, 16)
    experiment = Experiment("x", options={"width": 0.125}, size=16, orbit=True)
    predictor = Predictor(experiment, 80, 350)
    predictor.fit_normalisation(images, labels)
    predictor.eval()
    one = Predictor(replace(experiment, orbit=False), 80, 350)
    one.load_state_dict(predictor.state_dict())
    one.eval()
    with torch.no_grad():
        assert torch.equal(predictor.glance(images), one(images))
        assert not torch.equal(predictor.glance(images), predictor(images))
        assert predictor.glance(images).min() >= 80
