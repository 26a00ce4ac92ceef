"""Regressions on a table of features: ridge with squares, PLS, boosted trees; states are arrays.

Each has fit(features (N, P), target (N,), groups (N,)), predict(features) -> (N,), and learned
arrays in attributes that end in _. What is tuned is tuned without ever splitting a group.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

FOLDS = 5  # of the inner cross-validation


class Regressor(Protocol):
    """What the three regressions share."""

    def fit(self, features: np.ndarray, target: np.ndarray, groups: np.ndarray) -> None:
        """Learn from features (N, P), target (N,) and groups (N,) whose members stay together."""

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Features (N, P) -> (N,)."""


class Ridge:
    """Ridge regression on features, their squares and products (Hoerl & Kennard 1970).

    The penalty is the one with the smallest squared error when each group in turn is left out.
    """

    PENALTIES = np.logspace(-6, 4, 21)

    centre_: np.ndarray  # (2, P): mean and standard deviation of the features
    scale_: np.ndarray  # (2, P (P + 3) / 2): of the features, squares and products
    coefficients_: np.ndarray  # (P (P + 3) / 2,)
    intercept_: np.ndarray  # (1,)
    penalty_: np.ndarray  # (1,)

    def fit(self, features: np.ndarray, target: np.ndarray, groups: np.ndarray) -> None:
        """Learn from features (N, P), target (N,) and groups (N,)."""
        self.centre_ = moments(features)
        terms = with_products(standardized(features, self.centre_))
        self.scale_ = moments(terms)
        terms = standardized(terms, self.scale_)
        self.intercept_ = np.array([target.mean()])
        left, values, right = np.linalg.svd(terms, full_matrices=False)
        centred = target - target.mean()
        errors = [self._error(left, values, centred, groups, a) for a in self.PENALTIES]
        self.penalty_ = self.PENALTIES[[int(np.argmin(errors))]]
        shrunk = values / (values**2 + self.penalty_)
        self.coefficients_ = right.T @ (shrunk * (left.T @ centred))

    @staticmethod
    def _error(
        left: np.ndarray, values: np.ndarray, target: np.ndarray, groups: np.ndarray, penalty: float
    ) -> float:
        """Sum of squared errors with each group left out, without refitting.

        A group's errors are (I - H)^-1 e: e its residuals, H its block of the hat matrix.
        """
        weights = values**2 / (values**2 + penalty)
        residuals = target - left @ (weights * (left.T @ target))
        total = 0.0
        for rows in members(groups):
            part = left[rows]
            hat = (part * weights) @ part.T + 1 / len(target)  # the last term is the intercept's
            left_out = np.linalg.lstsq(np.eye(len(rows)) - hat, residuals[rows], rcond=None)[0]
            total += float(left_out @ left_out)
        return total

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Features (N, P) -> (N,)."""
        terms = with_products(standardized(features, self.centre_))
        return standardized(terms, self.scale_) @ self.coefficients_ + self.intercept_


class PLS:
    """Partial least squares (Wold et al. 2001); the number of components by grouped validation."""

    MOST = 30  # components

    centre_: np.ndarray  # (2, P)
    coefficients_: np.ndarray  # (P,)
    intercept_: np.ndarray  # (1,)
    components_: np.ndarray  # (1,)

    def fit(self, features: np.ndarray, target: np.ndarray, groups: np.ndarray) -> None:
        """Learn from features (N, P), target (N,) and groups (N,)."""
        self.centre_ = moments(features)
        values = standardized(features, self.centre_)
        errors = np.zeros(self.MOST)
        for held_out in folds(groups, target):
            kept = ~held_out
            centre = values[kept].mean(axis=0)
            paths = self._paths(values[kept] - centre, target[kept] - target[kept].mean())
            found = (values[held_out] - centre) @ paths + target[kept].mean()
            squares = np.square(found - target[held_out, None]).sum(axis=0)
            errors += np.pad(squares, (0, self.MOST - len(squares)), constant_values=np.inf)
        paths = self._paths(values, target - target.mean())
        best = min(int(np.argmin(errors)), paths.shape[1] - 1)
        self.coefficients_ = paths[:, best]
        self.components_ = np.array([best + 1])
        self.intercept_ = np.array([target.mean()])

    def _paths(self, values: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Coefficients (P, K): column k - 1 those of a model with k components."""
        from sklearn.cross_decomposition import PLSRegression

        most = max(
            1, min(self.MOST, values.shape[1], len(values) - 2, np.linalg.matrix_rank(values))
        )
        model = PLSRegression(int(most), scale=False).fit(values, target)
        return np.cumsum(model.x_rotations_ * model.y_loadings_, axis=1)

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Features (N, P) -> (N,)."""
        return standardized(features, self.centre_) @ self.coefficients_ + self.intercept_


class BoostedTrees:
    """Gradient-boosted regression trees (Friedman 2001), grown by scikit-learn, kept as arrays.

    Trees (T, nodes) are padded with leaves; a leaf is a node that is its own child.
    """

    TREES, DEPTH, RATE = 400, 4, 0.05

    start_: np.ndarray  # (1,)
    children_: np.ndarray  # int32 (T, nodes, 2)
    feature_: np.ndarray  # int32 (T, nodes)
    threshold_: np.ndarray  # (T, nodes)
    value_: np.ndarray  # (T, nodes), already times the learning rate

    def fit(self, features: np.ndarray, target: np.ndarray, groups: np.ndarray) -> None:
        """Learn from features (N, P) and target (N,); nothing is tuned, so groups play no part."""
        from sklearn.ensemble import GradientBoostingRegressor

        model = GradientBoostingRegressor(
            n_estimators=self.TREES,
            max_depth=self.DEPTH,
            learning_rate=self.RATE,
            subsample=0.5,
            max_features=0.3,
            random_state=0,
        ).fit(features, target)
        trees = [row[0].tree_ for row in model.estimators_]
        nodes = max(tree.node_count for tree in trees)

        def padded(rows: list[np.ndarray]) -> np.ndarray:
            return np.stack([np.pad(row, (0, nodes - len(row))) for row in rows])

        sides = [padded([tree.children_left for tree in trees])]
        sides.append(padded([tree.children_right for tree in trees]))
        own = np.arange(nodes)
        self.children_ = np.stack([np.where(side <= 0, own, side) for side in sides], -1)
        self.children_ = self.children_.astype(np.int32)
        self.feature_ = padded([np.maximum(tree.feature, 0) for tree in trees]).astype(np.int32)
        self.threshold_ = padded([tree.threshold for tree in trees])
        self.value_ = self.RATE * padded([tree.value[:, 0, 0] for tree in trees])
        self.start_ = np.array([float(model.init_.predict(features[:1])[0])])

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Features (N, P) -> (N,)."""
        features = features.astype(np.float32)  # as scikit-learn compares them
        row, tree = np.arange(len(features))[:, None], np.arange(len(self.feature_))
        node = np.zeros((len(features), len(tree)), dtype=np.int32)
        for _ in range(self.DEPTH):
            right = features[row, self.feature_[tree, node]] > self.threshold_[tree, node]
            node = self.children_[tree, node, right.astype(np.int32)]
        return self.start_ + self.value_[tree, node].sum(axis=1)


def learned(regressor: Regressor) -> dict[str, np.ndarray]:
    """The learned arrays of a regression, by name."""
    return {name: array for name, array in vars(regressor).items() if name.endswith("_")}


def moments(values: np.ndarray) -> np.ndarray:
    """(2, P): means and standard deviations of columns; 1 for a column that never varies."""
    deviation = values.std(axis=0)
    return np.stack([values.mean(axis=0), np.where(deviation > 0, deviation, 1.0)])


def standardized(values: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Columns minus their mean, over their standard deviation."""
    return (values - centre[0]) / centre[1]


def with_products(values: np.ndarray) -> np.ndarray:
    """(N, P) -> (N, P (P + 3) / 2): the columns, then their squares and products of two."""
    first, second = np.triu_indices(values.shape[1])
    return np.hstack([values, values[:, first] * values[:, second]])


def members(groups: np.ndarray) -> list[np.ndarray]:
    """The rows of each group."""
    numbers = np.unique(groups, return_inverse=True)[1]
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.cumsum(np.bincount(numbers))[:-1])


def folds(groups: np.ndarray, target: np.ndarray) -> list[np.ndarray]:
    """Masks (N,) of held-out rows: groups in order of their mean target, dealt in turn to FOLDS.

    Fewer where there are fewer groups; none where there is one group alone.
    """
    rows = sorted(members(groups), key=lambda rows: (target[rows].mean(), rows[0]))
    count = min(FOLDS, len(rows))
    if count < 2:
        return []
    parts = [np.concatenate(rows[start::count]) for start in range(count)]
    return [np.isin(np.arange(len(groups)), part) for part in parts]
