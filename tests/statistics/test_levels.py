"""Levels: repeated known values stay what they are, others fall into filled classes."""

from __future__ import annotations

import numpy as np

from assay.statistics.levels import levels


def test_repeated_values_are_levels():
    at = levels([350, 80, 80, 215])
    assert at.repeated
    assert at.known.tolist() == [80, 215, 350]
    assert at.index.tolist() == [2, 0, 0, 1]
    assert at.count.tolist() == [2, 1, 1]


def test_many_values_fall_into_classes_of_equal_number():
    known = np.random.default_rng(0).uniform(80, 350, 90)
    at = levels(known)
    assert not at.repeated
    assert at.count.tolist() == [10] * 9
    assert np.all(at.high[:-1] < at.low[1:])
    assert np.all((at.low <= at.known) & (at.known <= at.high))


def test_a_crowd_at_one_value_does_not_make_empty_classes():
    known = np.concatenate([np.full(80, 100.0), np.arange(101, 121)])
    at = levels(known)
    assert at.count.min() > 0
    assert at.count.sum() == 100
