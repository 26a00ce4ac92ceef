from __future__ import annotations

import torch
from torch import nn

from assay import models
from assay.experiment import Experiment
from assay.learning import fitting
from assay.learning.flat import joined

SETTINGS = Experiment("x", batch_size=8, learning_rate=0.01, weight_decay=0.1)


def network() -> nn.Module:
    torch.manual_seed(1)
    built = models.load("vgg").build(3, 16, 1, width=0.125, dropout=0.0)
    return built.to(memory_format=torch.channels_last)


def test_weights_keep_their_values_and_their_order_in_memory() -> None:
    plain, flattened = network(), network()
    flat = joined(list(flattened.parameters()))
    assert flat.numel() == sum(weight.numel() for weight in plain.parameters())
    for before, after in zip(plain.parameters(), flattened.parameters(), strict=True):
        assert torch.equal(before, after)
        assert before.stride() == after.stride()
    with torch.no_grad():
        flat.zero_()
    assert all(not weight.any() for weight in flattened.parameters())


def test_gradients_are_added_up_in_one_vector_and_absent_ones_are_zero() -> None:
    used, idle = nn.Linear(2, 1), nn.Linear(2, 1)
    flat = joined([*used.parameters(), *idle.parameters()])
    for times in (1, 2):
        used(torch.tensor([[3.0, 4.0]])).sum().backward()
        assert flat.grad is not None
        assert flat.grad.tolist() == [3.0 * times, 4.0 * times, times, 0, 0, 0]


def test_an_optimiser_takes_the_steps_that_it_takes_of_each_weight_alone() -> None:
    plain, flattened = network().double(), network().double()  # in which rounding says nothing
    groups = [
        {"params": [p for p in plain.parameters() if p.ndim > 1], "weight_decay": 0.1},
        {"params": [p for p in plain.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    alone = torch.optim.AdamW(groups, lr=0.01)
    together = fitting.optimiser(flattened, SETTINGS)
    pictures = torch.rand(8, 3, 16, 16, dtype=torch.float64)
    start = [weight.detach().clone() for weight in plain.parameters()]
    for _ in range(10):
        for module, stepper in ((plain, alone), (flattened, together)):
            stepper.zero_grad(set_to_none=False)
            module(pictures).square().mean().backward()
            held = [weight for group in stepper.param_groups for weight in group["params"]]
            nn.utils.clip_grad_norm_(held, 0.1)
            stepper.step()
    for before, one, other in zip(start, plain.parameters(), flattened.parameters(), strict=True):
        assert not torch.equal(before, one)
        torch.testing.assert_close(other, one, rtol=1e-9, atol=1e-12)
