"""What a network learns instead of the concentration."""

from __future__ import annotations

import math

import pytest
import torch

from assay.faults import BadInput
from assay.parts.targets import Target

LABELS = torch.tensor([80.0, 120.0, 200.0, 350.0])
KINDS = ["none", "range", "standardize", "log"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fitted", [False, True])
def test_the_inverse_undoes_it(kind: str, fitted: bool) -> None:
    target = Target(kind, 80, 350)
    if fitted:
        target.fit(LABELS)
    torch.testing.assert_close(target.inverse(target(LABELS)), LABELS, rtol=1e-5, atol=0)


def test_range_is_0_to_1() -> None:
    found = Target("range", 80, 350)(torch.tensor([80.0, 350.0]))
    torch.testing.assert_close(found, torch.tensor([0.0, 1.0]))


def test_none_is_the_concentration() -> None:
    assert torch.equal(Target("none", 80, 350)(LABELS), LABELS)


@pytest.mark.parametrize("kind", ["standardize", "log"])
def test_standardised_labels_have_mean_0_and_deviation_1(kind: str) -> None:
    target = Target(kind, 80, 350)
    target.fit(LABELS)
    found = target(LABELS)
    assert found.mean().abs() < 1e-6
    assert found.std(unbiased=False).item() == pytest.approx(1, abs=1e-6)


def test_equal_steps_of_a_log_target_are_equal_factors() -> None:
    target = Target("log", 80, 350)
    target.fit(LABELS)
    steps = target(torch.tensor([100.0, 200.0, 400.0])).diff()
    assert steps[0].item() == pytest.approx(steps[1].item(), rel=1e-5)
    assert (steps[0] * target.scale).item() == pytest.approx(math.log(2), rel=1e-5)


def test_a_single_level_gives_no_infinity() -> None:
    target = Target("standardize", 80, 350)
    target.fit(torch.full((5,), 100.0))
    assert target(torch.tensor([100.0])).item() == 0


def test_a_logarithm_refuses_what_has_none() -> None:
    with pytest.raises(BadInput, match="above 0, not 0"):
        Target("log", 0, 350)
    with pytest.raises(BadInput, match="the lowest is -1"):
        Target("log", 80, 350).fit(torch.tensor([100.0, -1.0]))
