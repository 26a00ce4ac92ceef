"""Averaged weights follow the live ones, and take their place for a while."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from assay.learning.averaging import Average, swapped


def test_the_average_lags_behind_the_weights() -> None:
    line = nn.Linear(1, 1)
    average = Average(line, 0.9)
    start = line.weight.item()
    with torch.no_grad():
        line.weight += 1
    for _ in range(3):
        average.update()
    assert start < average.module.weight.item() < start + 1
    mean, last = average.module.weight.item(), line.weight.item()
    with swapped(average):
        assert line.weight.item() == mean
    assert (average.module.weight.item(), line.weight.item()) == (mean, last)


def test_the_weights_come_back_after_an_error() -> None:
    norm = nn.BatchNorm2d(2)
    average = Average(norm, 0.9)
    with torch.no_grad():
        norm.weight += 1
    before = {name: value.clone() for name, value in norm.state_dict().items()}
    with pytest.raises(KeyError), swapped(average):
        raise KeyError
    after = norm.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
