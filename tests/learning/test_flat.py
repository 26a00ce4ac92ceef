from __future__ import annotations

import pytest
import torch
from torch import nn

from assay import models
from assay.experiment import Experiment
from assay.learning import fitting
from assay.learning import flat as flat_weights
from assay.learning.flat import clear, grouped, joined, stepped

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


def test_large_weights_stay_alone_and_keep_no_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flat_weights, "LARGE", 6)
    layers = [nn.Linear(2, 3), nn.Linear(2, 2)]
    weights = [weight for layer in layers for weight in layer.parameters()]
    groups = grouped(weights, weight_decay=0.5)
    assert [group["weight_decay"] for group in groups] == [0.5, 0.5]
    (flat,), (large,) = (group["params"] for group in groups)
    assert flat.numel() == 3 + 4 + 2
    assert large is layers[0].weight
    stepper = torch.optim.SGD(groups, lr=0.1)
    for _ in range(2):
        clear(stepper)
        assert large.grad is None
        assert not flat.grad.any()
        sum(layer(torch.ones(1, 2)).sum() for layer in layers).backward()
        assert large.grad.tolist() == [[1, 1]] * 3
        assert flat.grad.tolist() == [1] * 9
    assert [grouped([layer.weight])[0]["joined"] for layer in layers] == [False, True]
    assert grouped([]) == []


@pytest.mark.parametrize("large", [1, 100, flat_weights.LARGE])
def test_an_optimiser_takes_the_steps_that_it_takes_of_each_weight_alone(
    large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flat_weights, "LARGE", large)
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
        alone.zero_grad()
        clear(together)
        for module, stepper in ((plain, alone), (flattened, together)):
            module(pictures).square().mean().backward()
            nn.utils.clip_grad_norm_(stepped(stepper), 0.1)
            stepper.step()
    for before, one, other in zip(start, plain.parameters(), flattened.parameters(), strict=True):
        assert not torch.equal(before, one)
        torch.testing.assert_close(other, one, rtol=1e-9, atol=1e-12)
