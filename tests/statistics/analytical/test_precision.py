"""Variance components: against scipy and statsmodels (REML), planted SDs, negative ones said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from assay.faults import BadInput
from assay.statistics.analytical import precision

ONE_WAY = ("repeatability", "between sessions", "intermediate")


def sessions(generator, counts, between, within):
    session = np.repeat(np.arange(len(counts)), counts)
    shift = generator.normal(0, between, len(counts))[session]
    known = np.full(session.size, 200.0)
    return known, known + shift + generator.normal(0, within, session.size), session


def photographs(generator, counts, shots):
    """SDs 3 between sessions, 2 between samples, 1 between photographs."""
    of_sample = np.repeat(np.arange(len(counts)), counts)
    sample = np.repeat(np.arange(of_sample.size), shots)
    error = generator.normal(0, 3, len(counts))[of_sample[sample]]
    error += generator.normal(0, 2, of_sample.size)[sample] + generator.normal(0, 1, sample.size)
    known = np.full(sample.size, 200.0)
    return known, known + error, sample, of_sample[sample]


def test_one_way_worked_by_hand():
    known, found = np.full(6, 100.0), [101, 103, 104, 106, 98, 100]
    result = precision.one_way(known, found, [1, 1, 2, 2, 3, 3])
    # session means 102, 105, 99: MS between 2 * 9 = 18, MS within 2, n0 = 2
    assert result["repeatability"].sd.estimate == pytest.approx(2**0.5)
    assert result["between sessions"].sd.estimate == pytest.approx(8**0.5)
    assert result["intermediate"].sd.estimate == pytest.approx(10**0.5)
    assert result["intermediate"].rsd.estimate == pytest.approx(100 * 10**0.5 / 102)
    assert (result.session_effect.statistic, result.session_effect.df_denominator) == (9, 3)
    exact = (6 / stats.chi2.ppf([0.975, 0.025], 3)) ** 0.5
    interval = result["repeatability"].sd
    assert (interval.low, interval.high) == pytest.approx(exact)


def test_session_effect_agrees_with_scipy():
    known, found, session = sessions(np.random.default_rng(0), [3, 7, 5], 2, 1)
    result = precision.one_way(known, found, session)
    f, p = stats.f_oneway(*[found[session == k] for k in range(3)])
    assert (result.session_effect.statistic, result.session_effect.p) == pytest.approx((f, p))


def test_one_way_agrees_with_reml_of_statsmodels():
    known, found, session = sessions(np.random.default_rng(1), [6] * 8, 3, 2)
    table = pd.DataFrame({"error": found - known, "session": session})
    fit = smf.mixedlm("error ~ 1", table, groups="session").fit(reml=True)
    result = precision.one_way(known, found, session)
    assert result["repeatability"].sd.estimate ** 2 == pytest.approx(fit.scale, rel=1e-3)
    between = float(fit.cov_re.iloc[0, 0])
    assert result["between sessions"].sd.estimate ** 2 == pytest.approx(between, rel=1e-3)


def test_nested_agrees_with_reml_of_statsmodels():
    known, found, sample, session = photographs(np.random.default_rng(2), [5] * 8, 2)
    table = pd.DataFrame({"error": found - known, "sample": sample, "session": session})
    parts = {"sample": "0 + C(sample)"}
    model = smf.mixedlm("error ~ 1", table, groups="session", re_formula="1", vc_formula=parts)
    fit = model.fit(reml=True)
    result = precision.nested(known, found, sample, session)
    squared = {part.name: part.sd.estimate**2 for part in result.components}
    assert squared["between photographs"] == pytest.approx(fit.scale, rel=1e-3)
    assert squared["between samples"] == pytest.approx(fit.vcomp[0], rel=1e-3)
    between = float(fit.cov_re.iloc[0, 0])
    assert squared["between sessions"] == pytest.approx(between, rel=1e-3)
    assert squared["intermediate"] == pytest.approx(
        squared["repeatability"] + squared["between sessions"]
    )


@pytest.mark.parametrize("counts", [[6] * 8, [2, 3, 4, 6, 8, 10, 5, 7, 3, 9]])
def test_planted_one_way_sds_lie_in_their_intervals(counts):
    generator, held = np.random.default_rng(3), np.zeros(3)
    truth = dict(zip(ONE_WAY, (2, 3, 13**0.5), strict=True))
    for _ in range(300):
        result = precision.one_way(*sessions(generator, counts, 3, 2))
        held += [result[name].sd.contains(value) for name, value in truth.items()]
    assert np.all(held / 300 >= 0.90)
    assert np.all(held / 300 <= 0.99)


def test_planted_nested_sds_lie_in_their_intervals():
    generator, held = np.random.default_rng(4), np.zeros(5)
    for _ in range(300):
        result = precision.nested(*photographs(generator, [5] * 8, 2))
        truth = (1, 2, 5**0.5, 3, 14**0.5)
        held += [
            part.sd.contains(value) for part, value in zip(result.components, truth, strict=True)
        ]
    assert np.all(held / 300 >= 0.90)


def test_unbalanced_nested_estimates_are_unbiased():
    generator, squares = np.random.default_rng(5), []
    for _ in range(400):
        counts = generator.integers(2, 8, 8)
        shots = generator.integers(1, 4, counts.sum())
        result = precision.nested(*photographs(generator, counts, shots))
        squares.append([part.sd.estimate**2 for part in result.components])
    mean = np.mean(squares, axis=0)
    assert mean == pytest.approx([1, 4, 5, 9, 14], rel=0.1)


def test_without_a_session_effect_few_are_claimed_and_zero_is_said():
    generator, claimed, zero = np.random.default_rng(6), 0, 0
    for _ in range(200):
        result = precision.one_way(*sessions(generator, [5] * 6, 0, 2))
        claimed += result.session_effect.p <= 0.05
        part = result["between sessions"]
        if part.sd.estimate == 0:
            zero += 1
            assert part.note == "negative variance estimate, set to 0"
            assert part.sd.low == 0
    assert claimed <= stats.binom.ppf(0.999, 200, 0.05)
    assert zero > 50


def test_designs_that_can_not_tell_say_so():
    one = precision.one_way([100, 100], [101, 102], ["a", "a"])
    assert one.components == ()
    assert "1 sessions" in one.note
    each = precision.one_way([100, 100], [101, 102], ["a", "b"])
    assert "needs 2 sessions" in each.note
    single = precision.nested([1, 1, 1], [1, 2, 3], ["s", "t", "u"], ["a", "a", "b"])
    assert "photographed twice" in single.note
    assert not single.session_effect.available


def test_per_level_splits_by_level():
    known, found, session = sessions(np.random.default_rng(7), [6] * 4, 3, 2)
    two = precision.per_level(
        np.concatenate([known, known + 100]), np.tile(found, 2), np.tile(session, 2)
    )
    assert [level.known for level in two] == [200, 300]
    assert (
        two[0]["repeatability"].sd == precision.one_way(known, found, session)["repeatability"].sd
    )


def test_a_sample_in_two_sessions_is_refused():
    with pytest.raises(BadInput, match="E_SAMPLE_IN_TWO_GROUPS"):
        precision.nested([1, 1, 1, 1], [1, 2, 3, 4], ["s", "s", "t", "t"], [1, 2, 1, 1])
