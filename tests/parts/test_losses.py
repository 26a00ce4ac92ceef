"""Losses, against their formulas."""

from __future__ import annotations

import math

import pytest
import torch

from assay.parts import losses

EDGES = torch.linspace(0, 10, 11)


def test_squared_error_and_huber() -> None:
    found, target = torch.tensor([0.0, 0.0]), torch.tensor([0.5, 3.0])
    assert losses.regression("mse", found, target).item() == pytest.approx((0.25 + 9) / 2)
    assert losses.regression("huber", found, target).item() == pytest.approx((0.125 + 2.5) / 2)


@pytest.mark.parametrize("shape", [(4, 1), (1, 4), (3,)])
def test_shapes_that_would_broadcast_are_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="against target"):
        losses.regression("mse", torch.zeros(shape), torch.zeros(4))
    with pytest.raises(ValueError, match="against target"):
        losses.beta_nll(torch.zeros(shape), torch.zeros(4), torch.zeros(4))


def test_beta_nll_is_the_likelihood_times_the_root_of_the_variance() -> None:
    raw = torch.tensor([1.3])
    variance = math.log1p(math.exp(1.3)) + 1e-6
    expected = math.sqrt(variance) * 0.5 * (math.log(variance) + 4 / variance)
    found = losses.beta_nll(torch.tensor([1.0]), raw, torch.tensor([3.0]))
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_beta_nll_has_the_gradient_of_a_weighted_error() -> None:
    mean = torch.tensor([1.0], requires_grad=True)
    raw = torch.tensor([1.3])
    losses.beta_nll(mean, raw, torch.tensor([3.0])).backward()
    variance = math.log1p(math.exp(1.3)) + 1e-6
    assert mean.grad is not None
    assert mean.grad.item() == pytest.approx(-2 / math.sqrt(variance), rel=1e-5)


def test_each_target_has_its_bin_and_those_outside_the_nearest() -> None:
    target = torch.tensor([-5.0, 0.0, 0.5, 4.2, 9.9, 10.0, 12.0])
    assert losses.bin_of(target, EDGES).tolist() == [0, 0, 0, 4, 9, 9, 9]


def test_hard_bins_ask_for_the_right_bin() -> None:
    logits = torch.zeros(1, 10)
    logits[0, 4] = 20
    right = losses.hard_bins(logits, torch.tensor([4.5]), EDGES)
    wrong = losses.hard_bins(logits, torch.tensor([5.5]), EDGES)
    assert right < 1e-6
    assert wrong.item() == pytest.approx(20, abs=1e-3)


def test_hl_gauss_is_smallest_where_the_bins_hold_the_gaussian() -> None:
    target = torch.tensor([4.8])
    cumulative = torch.special.ndtr((EDGES - 4.8) / losses.SPREAD)
    logits = (cumulative.diff() + 1e-9).log().unsqueeze(0)
    best = losses.hl_gauss(logits, target, EDGES)
    for shift in (-1, 1):
        assert losses.hl_gauss(logits.roll(shift, 1), target, EDGES) > best + 0.1
    assert logits.softmax(1) @ (EDGES[:-1] + 0.5) == pytest.approx(4.8, abs=1e-3)
