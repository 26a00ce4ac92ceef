"""Photographs to samples: order, means, and a sample that lies in two groups."""

from __future__ import annotations

import numpy as np
import pytest

from assay.faults import BadInput
from assay.statistics import samples


def test_codes_count_in_order_of_first_appearance():
    number, names = samples.codes(["b", "a", "b", "c"])
    assert number.tolist() == [0, 1, 0, 2]
    assert names.tolist() == ["b", "a", "c"]


def test_per_sample_averages_the_photographs():
    table = samples.per_sample(["b", "a", "b"], [100, 200, 100], [90, 210, 120])
    assert table.sample.tolist() == ["b", "a"]
    assert table.found.tolist() == [105, 210]
    assert table.errors.tolist() == [5, 10]
    assert table.photographs.tolist() == [2, 1]


def test_the_mean_on_the_log_scale_is_geometric():
    table = samples.per_sample(["a", "a"], [10, 10], [1, 100], "log10")
    assert table.found == pytest.approx([10])


def test_group_per_sample():
    assert samples.group_per_sample(["b", "a", "b"], [1, 2, 1]).tolist() == ["1", "2"]
    with pytest.raises(BadInput, match="E_SAMPLE_IN_TWO_GROUPS: sample b"):
        samples.group_per_sample(["b", "a", "b"], [1, 2, 3])


def test_lengths_must_agree():
    with pytest.raises(BadInput, match="E_LENGTHS"):
        samples.per_sample(["a"], np.arange(2), np.arange(2))
