"""Linearity: against statsmodels and R's mcr, planted slopes, curvature, and nominal rates."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from reference_pairs import FOUND, KNOWN
from scipy import stats

from assay.statistics.analytical.linearity import linearity

LEVELS = np.repeat(np.linspace(80, 350, 8), 5)


def test_line_agrees_with_mcr():
    # mcr 1.3.0, inst/unitTests, AnaIT.TD15, LinReg, stated there to a relative 1e-6
    line = linearity(KNOWN, FOUND)
    assert line.intercept.estimate == pytest.approx(1.52907247609414, rel=1e-6)
    assert line.intercept.low == pytest.approx(-3.23879503525852, rel=1e-6)
    assert line.intercept.high == pytest.approx(6.29693998744679, rel=1e-6)
    assert line.slope.estimate == pytest.approx(0.955092812261344, rel=1e-6)
    assert line.slope.low == pytest.approx(0.870115981048239, rel=1e-6)
    assert line.slope.high == pytest.approx(1.04006964347445, rel=1e-6)


def test_tests_agree_with_statsmodels():
    generator = np.random.default_rng(0)
    found = 3 + 0.98 * LEVELS + 4 * ((LEVELS - 215) / 135) ** 2 + generator.normal(0, 4, 40)
    result = linearity(LEVELS, found)
    line = sm.OLS(found, sm.add_constant(LEVELS)).fit()
    parabola = sm.OLS(found, np.vander(LEVELS, 3)).fit()
    groups = sm.OLS(found, (LEVELS[:, None] == np.unique(LEVELS)).astype(float)).fit()
    joint = line.f_test((np.eye(2), [0, 1]))
    assert result.residual_sd == pytest.approx(line.mse_resid**0.5)
    assert (result.identity.statistic, result.identity.p) == pytest.approx(
        (joint.fvalue, joint.pvalue)
    )
    f, p, df = groups.compare_f_test(line)
    assert (result.lack_of_fit.statistic, result.lack_of_fit.p) == pytest.approx((f, p))
    assert (result.lack_of_fit.df_numerator, result.lack_of_fit.df_denominator) == (df, 32)
    f, p, _ = parabola.compare_f_test(line)
    assert (result.mandel.statistic, result.mandel.p) == pytest.approx((f, p))
    low, high = parabola.conf_int()[0] * 135**2
    assert (result.curvature.low, result.curvature.high) == pytest.approx((low, high))


def test_false_verdicts_and_coverage_over_200_validations():
    generator = np.random.default_rng(1)
    alarms, held = np.zeros(3), np.zeros(3)
    for _ in range(200):
        clean = linearity(LEVELS, LEVELS + generator.normal(0, 4, 40))
        tests = (clean.identity, clean.lack_of_fit, clean.mandel)
        alarms += [test.p <= 0.05 for test in tests]
        bow = 6 * ((LEVELS - 215) / 135) ** 2
        bent = linearity(LEVELS, LEVELS + bow + generator.normal(0, 4, 40))
        off = linearity(LEVELS, 5 + 1.02 * LEVELS + generator.normal(0, 4, 40))
        held += [off.intercept.contains(5), off.slope.contains(1.02), bent.curvature.contains(6)]
    assert np.all(alarms <= stats.binom.ppf(0.999, 200, 0.05))
    assert np.all(held >= stats.binom.ppf(0.001, 200, 0.95))


def test_what_can_not_be_tested_says_why():
    single = linearity([80, 100, 120, 200], [81, 99, 122, 199])
    assert "no known value repeats" in single.lack_of_fit.note
    assert single.mandel.available
    two = linearity([80, 350], [80, 351])
    assert not two.slope.available
    assert two.residual_sd is None
    same = linearity([80, 80, 80], [80, 81, 82])
    assert "do not vary" in same.slope.note
    assert not same.identity.available
    exact = linearity(LEVELS, LEVELS)
    assert "do not scatter" in exact.identity.note
