"""Heads: raw outputs to one number, inside and at the edges of the range."""

from __future__ import annotations

import math

import pytest
import torch

from assay.faults import BadInput
from assay.parts import heads
from assay.parts.heads import Binned, Correction, Value

BOUNDS = torch.tensor([80.0, 350.0])
WIDTH = 27.0


def test_linear_is_the_first_output() -> None:
    raw = torch.tensor([[1.5, 9.0], [1000.0, 9.0]])
    assert Value("mse", bounded=False).value(raw, BOUNDS).tolist() == [1.5, 1000.0]
    assert Value("beta_nll", bounded=False).outputs == 2


def test_bounded_spans_the_range_and_never_leaves_it() -> None:
    raw = torch.tensor([[-50.0], [0.0], [50.0]])
    found = Value("mse", bounded=True).value(raw, BOUNDS)
    torch.testing.assert_close(found, torch.tensor([80.0, 215.0, 350.0]))


@pytest.mark.parametrize("concentration", [80.0, 81.0, 214.2, 350.0])
def test_an_expectation_reaches_every_concentration_of_the_range(concentration: float) -> None:
    head = Binned("hl_gauss", 10)
    logits = torch.zeros(1, head.outputs, requires_grad=True)
    target = torch.tensor([concentration])
    stepper = torch.optim.LBFGS([logits], max_iter=100)

    def closure() -> torch.Tensor:
        stepper.zero_grad()
        loss = head.loss(logits, target, BOUNDS)
        loss.backward()
        return loss

    stepper.step(closure)
    assert head.value(logits, BOUNDS).item() == pytest.approx(concentration, abs=0.01 * WIDTH)


def test_hard_bins_learned_by_heart_leave_the_floor_of_their_width() -> None:
    head = Binned("hard_bins", 10)
    target = torch.linspace(80, 350, 2701)[:-1]
    edges = heads.edges_of(BOUNDS, 10, heads.MARGIN)
    logits = torch.nn.functional.one_hot(heads.losses.bin_of(target, edges), head.outputs) * 100.0
    assert head.loss(logits, target, BOUNDS) < 1e-6
    error = (head.value(logits, BOUNDS) - target).square().mean().sqrt().item()
    assert error == pytest.approx(WIDTH / math.sqrt(12), rel=0.01)  # 7.8, as the method says


def test_ten_bins_are_27_wide() -> None:
    edges = heads.edges_of(BOUNDS, 10)
    assert edges[[0, 1, -1]].tolist() == [80, 107, 350]
    wider = heads.edges_of(BOUNDS, 10, 2)
    assert wider[[0, -1]].tolist() == [80 - 2 * WIDTH, 350 + 2 * WIDTH]


def test_a_correction_stays_within_the_bin_that_was_picked() -> None:
    head = Correction("mse", 10)
    raw = torch.tensor([[-9.0], [-1.0], [0.0], [1.0], [9.0]])
    found = head.value(raw, torch.full((5,), 2), BOUNDS)
    torch.testing.assert_close(found, torch.tensor([134.0, 134.0, 147.5, 161.0, 161.0]))


def test_a_correction_without_error_has_no_loss() -> None:
    head = Correction("mse", 10)
    picked, target = torch.tensor([2, 0]), torch.tensor([134.0, 93.5])
    assert head.loss(torch.tensor([[-1.0], [0.0]]), target, picked, BOUNDS) < 1e-12


def test_the_bin_is_shown_as_a_plane_of_ones() -> None:
    shown = heads.with_bin(torch.rand(2, 3, 4, 4), torch.tensor([1, 0]), 3)
    assert shown.shape == (2, 6, 4, 4)
    assert shown[:, 3:].mean((2, 3)).tolist() == [[0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize(
    ("head", "loss"),
    [("linear", "hl_gauss"), ("bounded", "hard_bins"), ("binned", "beta_nll")],
)
def test_a_loss_that_cannot_train_a_head_is_refused(head: str, loss: str) -> None:
    with pytest.raises(BadInput, match=f"the loss {loss} does not train the head {head}"):
        heads.check(head, loss)
