"""Outliers: the published example of the ESD test, planted ones, and nothing dropped."""

from __future__ import annotations

import numpy as np
import pytest

from assay.statistics.analytical import outliers

# Rosner (1983), as in the NIST/SEMATECH e-Handbook, 1.3.5.17.3: 3 outliers at alpha 0.05
ROSNER = [-0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56]
ROSNER += [1.58, 1.65, 1.69, 1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10]
ROSNER += [2.14, 2.15, 2.23, 2.24, 2.26, 2.35, 2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92]
ROSNER += [2.92, 2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01]


def test_esd_agrees_with_the_published_example():
    found = outliers.by_esd(ROSNER, most=10)
    assert [one.value for one in found] == [6.01, 5.42, 5.34]
    assert [one.score for one in found] == pytest.approx([3.118, 2.942, 3.179], abs=1e-3)
    assert [one.limit for one in found] == pytest.approx([3.158, 3.151, 3.143], abs=1e-3)


def test_esd_of_normal_data_is_silent_at_the_nominal_rate():
    generator = np.random.default_rng(0)
    alarms = sum(bool(outliers.by_esd(generator.normal(0, 1, 60), most=5)) for _ in range(200))
    assert 0 < alarms <= 21


def test_robust_z_lists_the_farthest_first():
    values = np.r_[np.random.default_rng(1).normal(0, 1, 50), 12, -20]
    found = outliers.by_robust_z(values)
    assert [one.position for one in found] == [51, 50]
    assert found[0].score < -3.5 < 3.5 < found[1].score


def test_robust_z_is_not_masked_by_many_outliers():
    values = np.r_[np.random.default_rng(2).normal(0, 1, 40), np.full(15, 30.0)]
    assert len(outliers.by_robust_z(values)) == 15


def test_robust_z_scores_a_normal_sample_by_its_sd():
    z = outliers.robust_z(np.random.default_rng(3).normal(5, 3, 20_000))
    assert np.std(z) == pytest.approx(1, abs=0.03)


def test_values_that_hardly_differ():
    assert outliers.robust_z([5, 5, 5]).tolist() == [0, 0, 0]
    assert outliers.by_esd([5, 5, 5, 5]) == []
    assert [one.position for one in outliers.by_robust_z([1.0] * 9 + [2.0])] == [9]
