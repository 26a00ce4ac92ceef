"""How repeatable? Variance components of the errors by random-effects ANOVA over sessions.

one_way works on one value per sample: repeatability s_r, between sessions s_L, intermediate s_I.
nested works on photographs of samples of sessions and adds the photo-to-photo part.

Sources: ISO 5725-2 (one-way, unequal n); Searle, Casella & McCulloch, Variance Components (1992)
(nested, unequal n); intervals, see mean_squares.py: exact or nearly so with equal
n, approximate otherwise. Frame: ICH Q2(R2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assay.metrics import Floats, pair
from assay.statistics.hypothesis import FTest, f_test, not_available
from assay.statistics.interval import Interval
from assay.statistics.levels import Levels, levels
from assay.statistics.mean_squares import MeanSquare, Terms, sd_interval
from assay.statistics.samples import Integers, codes, group_per_sample


@dataclass(frozen=True)
class Component:
    """One part of the scatter: its SD in concentration units, and as % of the mean found value."""

    name: str
    sd: Interval
    rsd: Interval
    note: str = ""


@dataclass(frozen=True)
class Precision:
    """Components by name; empty, with a note, where the data can't tell them apart."""

    known: float  # mean known value
    found: float  # mean found value
    sessions: int
    samples: int
    photographs: int
    components: tuple[Component, ...]
    session_effect: FTest
    note: str = ""

    def __getitem__(self, name: str) -> Component:
        return next(component for component in self.components if component.name == name)


def one_way(
    known: ArrayLike, found: ArrayLike, session: ArrayLike, confidence: float = 0.95
) -> Precision:
    """Components "repeatability", "between sessions", "intermediate" of (n,) samples."""
    x, y = pair(known, found)
    number, names = codes(session)
    n, a = x.size, names.size
    if a < 2 or n == a:
        note = f"{n} samples in {a} sessions: needs 2 sessions, one of them with 2 samples"
        return Precision(x.mean(), y.mean(), a, n, n, (), not_available(note), note)
    count = np.bincount(number)
    within, between = _squares(y - x, number), _squares_between(y - x, number)
    each = float((n - np.sum(count**2) / n) / (a - 1))
    error, group = MeanSquare(within / (n - a), n - a), MeanSquare(between / (a - 1), a - 1)
    terms: dict[str, Terms] = {
        "repeatability": [(1.0, error)],
        "between sessions": [(1 / each, group), (-1 / each, error)],
        "intermediate": [(1 / each, group), (1 - 1 / each, error)],
    }
    effect = f_test(between, a - 1, within, n - a)
    parts = _components(terms, float(y.mean()), confidence)
    return Precision(float(x.mean()), float(y.mean()), a, n, n, parts, effect)


def per_level(
    known: ArrayLike,
    found: ArrayLike,
    session: ArrayLike,
    *,
    at: Levels | None = None,
    confidence: float = 0.95,
) -> list[Precision]:
    """one_way at each level of (n,) samples, ascending."""
    x, y = pair(known, found)
    names, index = np.asarray(session).astype(str), (at or levels(x)).index
    return [
        one_way(x[index == k], y[index == k], names[index == k], confidence)
        for k in range(int(index.max()) + 1)
    ]


def nested(
    known: ArrayLike,
    found: ArrayLike,
    sample: ArrayLike,
    session: ArrayLike,
    confidence: float = 0.95,
) -> Precision:
    """Components of (N,) photographs, each sample lying in one session.

    "between photographs" of a sample, "between samples" of a session, "repeatability" of one
    photograph of one sample (both together), "between sessions", "intermediate" (all three).
    """
    x, y = pair(known, found)
    inner, samples = codes(sample)
    of_sample, sessions = codes(group_per_sample(sample, session))
    n, b, a = x.size, samples.size, sessions.size
    if a < 2 or b == a or n == b:
        note = (
            f"{n} photographs of {b} samples in {a} sessions: needs 2 sessions, one of them with "
            "2 samples, and a sample photographed twice"
        )
        return Precision(x.mean(), y.mean(), a, b, n, (), not_available(note), note)
    terms, effect = _nested_terms(y - x, inner, of_sample)
    parts = _components(terms, float(y.mean()), confidence)
    return Precision(float(x.mean()), float(y.mean()), a, b, n, parts, effect)


def _nested_terms(
    error: Floats, inner: Integers, of_sample: Integers
) -> tuple[dict[str, Terms], FTest]:
    """Expected mean squares of the unbalanced nested design, solved for the components."""
    outer = of_sample[inner]
    per_sample, per_session = np.bincount(inner), np.bincount(outer)
    n, b, a = error.size, per_sample.size, per_session.size
    shared = float(np.sum(per_sample**2 / per_session[of_sample]))
    k1 = (n - shared) / (b - a)
    k2 = (shared - float(np.sum(per_sample**2)) / n) / (a - 1)
    k3 = (n - float(np.sum(per_session**2)) / n) / (a - 1)
    within, sessions = _squares(error, inner), _squares_between(error, outer)
    samples = _squares(error, outer) - within
    photo = MeanSquare(within / (n - b), n - b)
    middle = MeanSquare(max(0.0, samples) / (b - a), b - a)
    top = MeanSquare(sessions / (a - 1), a - 1)
    between = [(1 / k3, top), (-k2 / k1 / k3, middle), (-(1 - k2 / k1) / k3, photo)]
    repeatability = [(1 / k1, middle), (1 - 1 / k1, photo)]
    terms: dict[str, Terms] = {
        "between photographs": [(1.0, photo)],
        "between samples": [(1 / k1, middle), (-1 / k1, photo)],
        "repeatability": repeatability,
        "between sessions": between,
        "intermediate": _added(between, repeatability),
    }
    return terms, f_test(sessions, a - 1, middle.value * (b - a), b - a)


def _added(one: Terms, other: Terms) -> Terms:
    """Sum of two combinations, each mean square once; weights that cancel are left out."""
    weights: dict[MeanSquare, float] = {}
    for weight, square in (*one, *other):
        weights[square] = weights.get(square, 0.0) + weight
    return [(weight, square) for square, weight in weights.items() if abs(weight) > 1e-12]


def _squares(values: Floats, number: Integers) -> float:
    """Sum of squares about the group means."""
    mean = np.bincount(number, values) / np.bincount(number)
    return float(np.sum((values - mean[number]) ** 2))


def _squares_between(values: Floats, number: Integers) -> float:
    """Sum of squares of the group means about the grand mean, by photograph or sample."""
    count = np.bincount(number)
    mean = np.bincount(number, values) / count
    return float(np.sum(count * (mean - values.mean()) ** 2))


def _components(terms: dict[str, Terms], level: float, confidence: float) -> tuple[Component, ...]:
    parts = []
    for name, combination in terms.items():
        sd = sd_interval(combination, confidence)
        parts.append(Component(name, sd, sd.scaled(100 / abs(level)), sd.note))
    return tuple(parts)
