"""Planted slips of the pen are found and named; clean tables raise hardly any suspicion."""

from __future__ import annotations

import numpy as np
import pytest

from assay.statistics.analytical.label_detective import suggestions


def table(seed, n=300):
    generator = np.random.default_rng(seed)
    truth = generator.uniform(80, 350, n).round()
    return generator, truth, truth + generator.normal(0, 3, n)


def test_clean_tables_raise_hardly_any_suspicion():
    alarms = sum(len(suggestions(*table(seed)[1:])) for seed in range(100))
    assert alarms <= 3  # of 30,000 rows


@pytest.mark.parametrize("seed", range(20))
def test_a_pair_of_neighbours_swapped(seed):
    _, known, found = table(seed)
    row = next(i for i in range(50, 299) if abs(known[i] - known[i + 1]) > 40)
    known[[row, row + 1]] = known[[row + 1, row]]
    result = suggestions(known, found)
    assert {one.position for one in result} == {row, row + 1}
    for one in result:
        assert (one.kind, one.partner) == ("swapped", 2 * row + 1 - one.position)
        assert one.suggested == known[one.partner]


@pytest.mark.parametrize("seed", range(10))
def test_a_pair_far_apart_swapped(seed):
    _, known, found = table(seed)
    known[[10, 200]] = 100, 300
    found[[10, 200]] = 301, 99
    result = suggestions(known, found)
    assert {one.position: one.partner for one in result} == {10: 200, 200: 10}
    assert {one.kind for one in result} == {"swapped"}


@pytest.mark.parametrize("factor", [10, 0.1, 100])
@pytest.mark.parametrize("scale", ["linear", "log10"])
def test_a_slipped_decimal_point(factor, scale):
    generator, truth, _ = table(3)
    found = truth * np.exp(generator.normal(0, 0.02, truth.size))
    known = truth.copy()
    known[77] *= factor
    (one,) = suggestions(known, found, scale=scale)
    assert (one.position, one.kind) == (77, "decimal point")
    assert one.suggested == pytest.approx(truth[77])
    assert one.known == known[77]


def test_rows_slipped_by_one():
    _, truth, found = table(4)
    known = truth.copy()
    known[100:110] = truth[99:109]
    result = suggestions(known, found)
    slipped = [one for one in result if one.kind == "neighbouring row"]
    assert len(slipped) >= 6
    for one in slipped:
        assert 100 <= one.position < 110
        assert one.suggested == pytest.approx(truth[one.position], abs=12)


def test_photographs_of_swapped_samples():
    _, known, found = table(5, 60)
    known, found = np.repeat(known, 3), np.repeat(found, 3)
    known[30:33], known[33:36] = 300, 120
    found[30:33], found[33:36] = 121, 299
    result = suggestions(known, found)
    assert sorted(one.position for one in result) == list(range(30, 36))
    assert {(one.kind, one.suggested) for one in result} == {("swapped", 120), ("swapped", 300)}


def test_what_nothing_explains_is_said_and_evidence_is_weighed():
    _, known, found = table(6)
    known[40:43] = 340, 341, 342
    found[40:43] = 339, 200, 343
    (one,) = [row for row in suggestions(known, found) if row.position == 41]
    assert (one.kind, one.suggested, one.partner) == ("unexplained", None, None)
    assert 0 < one.chance < 0.3
    assert "look at the photograph" in one.text


def test_worst_first_and_labels_untouched():
    _, known, found = table(7)
    known[[5, 9]] += 60, 120
    before = known.copy()
    result = suggestions(known, found)
    assert [one.position for one in result] == [9, 5]
    assert np.array_equal(known, before)


def test_scatter_that_grows_with_the_level_is_allowed_for():
    generator = np.random.default_rng(8)
    truth = generator.uniform(10, 1000, 2000)
    found = truth * (1 + generator.normal(0, 0.05, 2000))
    assert len(suggestions(truth, found)) <= 5
    known = truth.copy()
    low = int(np.argmin(np.abs(truth - 100)))
    known[low] += 60
    assert low in [one.position for one in suggestions(known, found)]


def test_all_equal_or_perfect_gives_nothing():
    assert suggestions([100, 100, 100], [100, 100, 100]) == []
