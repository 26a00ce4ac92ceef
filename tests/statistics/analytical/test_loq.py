"""Limits: LOQ by goal, and an LOD only from blanks and low samples."""

from __future__ import annotations

import numpy as np
import pytest

from assay.statistics.analytical import accuracy, loq

LEVELS = np.repeat([5.0, 10.0, 20.0, 50.0, 100.0], 30)


def rows(sd, seed=0):
    noise = np.random.default_rng(seed).normal(0, 1, LEVELS.size)
    return accuracy.per_level(LEVELS, LEVELS + sd * noise)


def test_the_lowest_level_that_meets_the_goal():
    # SD 2: RSD 40, 20, 10, 4, 2 %
    limit = loq.limit_of_quantification(rows(2), bias_percent=10, rsd_percent=15)
    assert (limit.value, limit.text) == (20, "20")
    assert "n = 30" in limit.reason


def test_a_goal_met_everywhere_only_bounds_the_limit():
    limit = loq.limit_of_quantification(rows(0.1), bias_percent=10, rsd_percent=15)
    assert (limit.value, limit.text) == (5, "at most 5")
    assert "lowest level tested" in limit.reason


def test_a_goal_met_nowhere():
    limit = loq.limit_of_quantification(rows(50), bias_percent=10, rsd_percent=15)
    assert (limit.value, limit.text) == (None, "not reached")


def test_a_bias_counts_and_higher_failures_are_told():
    found = LEVELS + np.where(LEVELS == 100, 30, 0) + np.random.default_rng(1).normal(0, 2, 150)
    table = accuracy.per_level(LEVELS, found)
    limit = loq.limit_of_quantification(table, bias_percent=10, rsd_percent=15)
    assert limit.value == 20
    assert "missed again at the higher level 100" in limit.reason


def test_thin_levels_are_not_judged():
    few = accuracy.per_level(LEVELS[::15], LEVELS[::15])
    limit = loq.limit_of_quantification(few, bias_percent=10, rsd_percent=15)
    assert (limit.value, limit.text) == (None, "not estimable from these data")


def test_no_detection_limit_from_a_range_far_above_zero():
    known = np.random.default_rng(2).uniform(80, 350, 5000)
    limit = loq.limit_of_detection(known, known + 1)
    assert limit.value is None
    assert limit.text == "not estimable from these data"
    assert "0 blanks" in limit.reason


def test_detection_limit_from_blanks_and_low_samples():
    generator = np.random.default_rng(3)
    known = np.repeat([0.0, 4.0, 6.0], 400)
    limit = loq.limit_of_detection(known, 1 + known + generator.normal(0, 1, 1200))
    # LoB = 1 + 1.645, LOD = LoB + 1.645
    assert limit.value == pytest.approx(1 + 2 * 1.645, abs=0.2)


def test_blanks_without_low_samples_or_clipped_are_not_enough():
    known = np.repeat([0.0, 80.0], 30)
    noise = np.random.default_rng(4).normal(0, 1, 60)
    assert "0 low samples" in loq.limit_of_detection(known, known + noise).reason
    clipped = np.where(known == 0, 80, known)
    assert "clipped" in loq.limit_of_detection(known, clipped).reason
