"""Verdicts: false ones at the nominal rate, true ones found, none from too few samples."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from assay.faults import BadInput
from assay.statistics import comparison


def experiments(generator, samples, sds):
    """Predictions whose errors share a part with SD 1 (the sample) and have one of their own."""
    known = generator.uniform(80, 350, samples)
    shared = generator.normal(0, 1, samples)
    found = {f"m{k}": known + shared + generator.normal(0, sd, samples) for k, sd in enumerate(sds)}
    return known, found, np.arange(samples)


def false_rate(make, trials=200):
    wrong = 0
    for trial in range(trials):
        rows = comparison.compare(*make(trial), count=300, flips=500, seed=trial)
        wrong += any(row.verdict != "no difference shown" for row in rows)
    return wrong / trials


@pytest.mark.parametrize("models", [2, 5])
@pytest.mark.parametrize("samples", [10, 60])
def test_false_verdicts_stay_at_the_nominal_rate(models, samples):
    generator = np.random.default_rng(models * samples)
    rate = false_rate(lambda _: (*experiments(generator, samples, [1.5] * models), "m0"))
    assert rate <= stats.binom.ppf(0.999, 200, 0.05) / 200
    assert rate > 0


def test_false_verdicts_with_equal_rmse_but_other_shapes():
    generator = np.random.default_rng(2)

    def make(_):
        known = generator.uniform(80, 350, 60)
        heavy = generator.standard_t(5, 60) / (5 / 3) ** 0.5
        found = {"normal": known + generator.normal(0, 1, 60), "heavy": known + heavy}
        return known, found, np.arange(60), "normal"

    assert false_rate(make) <= stats.binom.ppf(0.999, 200, 0.05) / 200


def test_photographs_of_a_sample_do_not_make_verdicts():
    generator = np.random.default_rng(3)

    def make(_):
        known, found, sample = experiments(generator, 30, [1.5, 1.5])
        copies = {name: np.repeat(values, 20) for name, values in found.items()}
        return np.repeat(known, 20), copies, np.repeat(sample, 20), "m0"

    assert false_rate(make) <= stats.binom.ppf(0.999, 200, 0.05) / 200


def test_a_true_difference_is_found_signed_and_sized():
    generator = np.random.default_rng(4)
    truth = (1 + 0.5**2) ** 0.5 - (1 + 1.5**2) ** 0.5
    held = 0
    for trial in range(100):
        data = experiments(generator, 100, [1.5, 0.5, 3])
        better, worse = comparison.compare(*data, "m0", count=300, flips=500, seed=trial)
        assert (better.verdict, worse.verdict) == ("better", "worse")
        held += better.difference.contains(truth)
    assert held >= 90


def test_rmse_and_counts_in_the_row():
    known, found, sample = experiments(np.random.default_rng(5), 20, [1, 2])
    (row,) = comparison.compare(known, found, sample // 2, "m0")
    assert (row.samples, row.photographs, row.reference) == (10, 20, "m0")
    assert row.rmse == pytest.approx(np.sqrt(np.mean((found["m1"] - known) ** 2)))
    assert row.difference.estimate == pytest.approx(row.rmse - row.rmse_reference)


def test_p_value_agrees_with_all_sign_flips():
    difference = np.random.default_rng(6).normal(0.5, 1, 10)
    sums = [abs(np.dot(signs, difference)) for signs in itertools.product([-1, 1], repeat=10)]
    exact = np.mean(np.array(sums) >= abs(difference.sum()) - 1e-9)
    (p,) = comparison._p_values(difference[:, None], 50_000, 0)
    assert p == pytest.approx(exact, abs=0.01)


def test_too_few_samples_show_no_difference():
    known = np.arange(9.0)
    found = {"good": known + 0.01, "bad": known + 100}
    (row,) = comparison.compare(known, found, np.arange(9), "good")
    assert (row.verdict, row.p, row.p_holm) == ("no difference shown", None, None)
    assert not row.difference.available


def test_equal_predictions_are_no_difference():
    known, found, sample = experiments(np.random.default_rng(7), 40, [1])
    (row,) = comparison.compare(known, found | {"copy": found["m0"]}, sample, "m0")
    assert (row.verdict, row.p) == ("no difference shown", 1)
    assert (row.difference.low, row.difference.high) == (0, 0)


def test_holm_agrees_with_statsmodels():
    p = [0.04, 0.001, 0.3, 0.012, 0.9, 0.02]
    assert comparison.holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_a_missing_reference_and_nan_are_refused():
    with pytest.raises(BadInput, match="E_REFERENCE"):
        comparison.compare([1, 2], {"a": [1, 2]}, [0, 1], "b")
    with pytest.raises(BadInput, match="E_NOT_FINITE"):
        comparison.compare([1, 2], {"a": [1, 2], "b": [1, np.nan]}, [0, 1], "a")


def test_the_reference_alone_gives_no_rows():
    assert comparison.compare([1, 2], {"a": [1, 2]}, [0, 1], "a") == []
