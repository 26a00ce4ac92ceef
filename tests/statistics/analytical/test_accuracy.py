"""Bias, recovery, total error: planted and found, with intervals that hold at their rate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from assay.statistics.analytical import accuracy

LEVELS = np.repeat([80.0, 150.0, 250.0, 350.0], 10)


def test_a_level_worked_by_hand():
    (row,) = accuracy.per_level([100, 100, 100], [101, 103, 105])
    assert (row.known, row.n, row.found) == (100, 3, 103)
    assert row.bias.estimate == 3
    half = stats.t.ppf(0.975, 2) * 2 / 3**0.5
    assert (row.bias.low, row.bias.high) == pytest.approx((3 - half, 3 + half))
    assert row.recovery.estimate == pytest.approx(103)
    assert row.recovery.high == pytest.approx(103 + half)
    assert (row.sd, row.rsd) == (2, 2)
    assert row.total_error == pytest.approx(3 + 1.65 * 2)
    assert row.expected.high == pytest.approx(3 + stats.t.ppf(0.975, 2) * 2 * (4 / 3) ** 0.5)


def test_a_planted_bias_of_two_percent_is_found_and_sized():
    generator, held, seen, false = np.random.default_rng(0), 0, 0, 0
    for _ in range(200):
        noise = generator.normal(0, 3, 40)
        row = accuracy.overall(LEVELS, 1.02 * LEVELS + noise)
        held += row.recovery.contains(102)
        seen += not row.recovery.contains(100)
        false += not accuracy.overall(LEVELS, LEVELS + noise).bias.contains(0)
    assert held >= stats.binom.ppf(0.001, 200, 0.95)
    assert seen >= 190
    assert false <= stats.binom.ppf(0.999, 200, 0.05)


def test_bias_over_sessions_holds_where_sessions_shift():
    generator, naive, right = np.random.default_rng(1), 0, 0
    session = np.tile(np.arange(8), 5)
    for _ in range(200):
        shift = generator.normal(0, 3, 8)[session]
        found = LEVELS + 2 + shift + generator.normal(0, 1, 40)
        naive += accuracy.overall(LEVELS, found).bias.contains(2)
        right += accuracy.bias_over_sessions(LEVELS, found, session).contains(2)
    assert right >= stats.binom.ppf(0.001, 200, 0.95)
    assert naive < 160


def test_expected_interval_holds_the_next_error():
    generator, held = np.random.default_rng(2), 0
    for _ in range(1000):
        error = generator.normal(1, 2, 7)
        interval = accuracy.overall(np.full(6, 100.0), 100 + error[:6]).expected
        held += interval.contains(error[6])
    assert held / 1000 == pytest.approx(0.95, abs=0.025)


def test_verdict_against_the_allowed_error():
    known = np.full(20, 100.0)
    found = 100 + np.random.default_rng(3).normal(0, 1, 20)
    assert accuracy.overall(known, found).verdict == "no allowed error given"
    assert accuracy.overall(known, found, allowed=5).verdict == "meets"
    assert accuracy.overall(known, found, allowed_percent=5).allowed == 5
    assert accuracy.overall(known, found, allowed=0.5).verdict == "exceeds"
    assert accuracy.overall(known, found, allowed=0.5, allowed_percent=5).verdict == "meets"
    assert accuracy.overall(known[:2], [100.1, 99.9], allowed=5).verdict == "not shown"


def test_what_has_no_number_says_why():
    (blank, single) = accuracy.per_level([0, 0, 100], [1, 2, 101])
    assert "zero" in blank.recovery.note
    assert blank.rsd is None
    assert (single.n, single.sd, single.total_error) == (1, None, None)
    assert single.bias.estimate == 1
    assert not single.bias.available


def test_levels_come_in_order_and_hold_every_sample():
    rows = accuracy.per_level(LEVELS[::-1], LEVELS[::-1])
    assert [row.known for row in rows] == [80, 150, 250, 350]
    assert sum(row.n for row in rows) == 40
