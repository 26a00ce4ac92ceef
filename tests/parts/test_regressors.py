"""Regressions on features, against scikit-learn and by leaving groups out for real."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor

from assay.parts import regressors
from assay.parts.regressors import PLS, BoostedTrees, Ridge


def task(number: int = 80, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Features, a target with a product and a square in it, and groups of two."""
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(number, 4))
    target = 200 + 30 * features[:, 0] + 10 * features[:, 1] * features[:, 2] - features[:, 3] ** 2
    return features, target + generator.normal(0, 0.1, number), np.arange(number) // 2


def error(regressor: regressors.Regressor, seed: int = 1) -> float:
    regressor.fit(*task())
    features, target, _ = task(seed=seed)
    return float(np.sqrt(np.mean((regressor.predict(features) - target) ** 2)))


def test_ridge_finds_squares_and_products() -> None:
    assert error(Ridge()) < 0.2


def test_pls_is_linear_and_trees_are_not() -> None:
    assert 5 < error(PLS()) < 15
    assert error(BoostedTrees()) < 15


def test_left_out_errors_are_those_of_refitting_without_the_group() -> None:
    features, target, groups = task(30)
    terms = regressors.with_products(features)
    terms = regressors.standardized(terms, regressors.moments(terms))
    left, values, _ = np.linalg.svd(terms, full_matrices=False)
    found = Ridge._error(left, values, target - target.mean(), groups, 0.7)
    expected = 0.0
    for group in np.unique(groups):
        kept = groups != group
        centre = terms[kept].mean(axis=0)
        inner = terms[kept] - centre
        gram = inner.T @ inner + 0.7 * np.eye(inner.shape[1])
        weights = np.linalg.solve(gram, inner.T @ (target[kept] - target[kept].mean()))
        guess = (terms[~kept] - centre) @ weights + target[kept].mean()
        expected += float(np.sum((guess - target[~kept]) ** 2))
    assert found == pytest.approx(expected, rel=1e-8)


def test_replicates_that_stay_together_raise_the_penalty() -> None:
    generator = np.random.default_rng(0)
    features = np.repeat(generator.normal(size=(20, 12)), 5, axis=0)
    target = np.repeat(generator.normal(size=20), 5)  # of the sample, and of no feature
    features += generator.normal(0, 1e-3, features.shape)
    together, apart = Ridge(), Ridge()
    together.fit(features, target, np.arange(100) // 5)
    apart.fit(features, target, np.arange(100))
    assert together.penalty_[0] > 100 * apart.penalty_[0]


def test_pls_picks_no_component_where_there_is_nothing_to_gain() -> None:
    features, _, groups = task(60)
    target = np.random.default_rng(5).normal(size=60)
    model = PLS()
    model.fit(features, target, groups)
    assert model.components_[0] <= 2


def test_trees_as_arrays_answer_as_scikit_learn_does() -> None:
    features, target, groups = task()
    model = BoostedTrees()
    model.fit(features, target, groups)
    reference = GradientBoostingRegressor(
        n_estimators=model.TREES,
        max_depth=model.DEPTH,
        learning_rate=model.RATE,
        subsample=0.5,
        max_features=0.3,
        random_state=0,
    ).fit(features, target)
    unseen = task(seed=3)[0]
    np.testing.assert_allclose(model.predict(unseen), reference.predict(unseen), rtol=1e-10)


def test_folds_keep_groups_whole_and_deal_every_row_once() -> None:
    _, target, groups = task(50)
    held_out = regressors.folds(groups, target)
    assert len(held_out) == 5
    assert np.array_equal(np.sum(held_out, axis=0), np.ones(50))
    for mask in held_out:
        assert not set(groups[mask]) & set(groups[~mask])


@pytest.mark.parametrize("kind", [Ridge, PLS, BoostedTrees])
def test_one_group_or_a_constant_column_is_no_obstacle(kind: type) -> None:
    features, target, _ = task(20)
    features[:, 1] = 7
    model = kind()
    model.fit(features, target, np.zeros(20))
    assert np.isfinite(model.predict(features)).all()
