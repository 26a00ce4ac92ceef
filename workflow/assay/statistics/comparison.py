"""Is an experiment better than the reference, or is that chance?

All experiments answered the same out-of-fold photographs, so they are compared pairwise by sample.
The statement is about the trained models and about samples like these; what another seed of the
training would have given is not in it.

Sources: interval, studentised bootstrap (see bootstrap.py); p-value, sign-flip randomisation test
of the difference in squared error, Good, Permutation, Parametric and Bootstrap Tests of
Hypotheses (2005), +1 in both counts after Phipson & Smyth (2010), Stat. Appl. Genet. Mol. Biol.
9(1); several experiments, Holm (1979), Scand. J. Statist. 6, 65.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from assay.faults import refuse
from assay.metrics import Floats, Scale, pair
from assay.statistics import bootstrap
from assay.statistics.interval import Interval

MINIMUM_SAMPLES = 10  # 2 / 2**10 = 0.002 is then the least p-value of a two-sided sign-flip test
Verdict = Literal["better", "worse", "no difference shown"]


@dataclass(frozen=True)
class Comparison:
    """An experiment against the reference; RMSEs in units of the scale, p None with few samples."""

    experiment: str
    reference: str
    samples: int
    photographs: int
    rmse: float
    rmse_reference: float
    difference: Interval  # RMSE of the experiment - RMSE of the reference: below zero is better
    p: float | None
    p_holm: float | None  # Holm's, over all experiments compared
    verdict: Verdict


def compare(
    known: ArrayLike,
    found: Mapping[str, ArrayLike],
    sample: ArrayLike,
    reference: str,
    *,
    scale: Scale = "linear",
    confidence: float = 0.95,
    count: int = 2000,
    flips: int = 10_000,
    seed: int = 0,
) -> list[Comparison]:
    """Compare found values (N,) of each experiment with those of the reference, photo by photo.

    count and flips: replicates of the bootstrap and of the randomisation test. Better or worse:
    Holm's p is at most 1 - confidence and the interval leaves zero out.
    """
    _demand(reference, found)
    names = [name for name in found if name != reference]
    squared = {name: _squared(known, values, scale) for name, values in found.items()}
    p = _p_values(_differences(squared, names, reference, sample), flips, seed)
    rows = []
    for name, p_one, p_holm in zip(names, p, _holm_or_none(p), strict=True):
        sums = _sums(squared[name], squared[reference], sample)
        shown = _interval(sums, confidence, count, seed)
        rows.append(
            Comparison(
                experiment=name,
                reference=reference,
                samples=len(sums),
                photographs=squared[name].size,
                rmse=_root(squared[name]),
                rmse_reference=_root(squared[reference]),
                difference=shown,
                p=p_one,
                p_holm=p_holm,
                verdict=_verdict(shown, p_holm),
            )
        )
    return rows


def together(rows: Sequence[Comparison]) -> list[Comparison]:
    """The same comparisons, against whatever references, with p and verdict by Holm over all."""
    adjusted = _holm_or_none([row.p for row in rows])
    return [
        replace(row, p_holm=p, verdict=_verdict(row.difference, p))
        for row, p in zip(rows, adjusted, strict=True)
    ]


def _interval(sums: Floats, confidence: float, count: int, seed: int) -> Interval:
    scores = {"rmse": DIFFERENCE}
    return bootstrap.intervals(sums, scores, confidence=confidence, count=count, seed=seed)["rmse"]


def _root(squared: Floats) -> float:
    return float(np.sqrt(squared.mean()))


def _demand(reference: str, found: Mapping[str, ArrayLike]) -> None:
    if reference not in found:
        raise refuse(
            "E_REFERENCE",
            f"the reference experiment {reference!r} gave no predictions.",
            f"Choose one of: {', '.join(sorted(found))}.",
        )


def _squared(known: ArrayLike, found: ArrayLike, scale: Scale) -> Floats:
    one, other = pair(known, found, scale)
    return (other - one) ** 2


def _sums(one: Floats, other: Floats, sample: ArrayLike) -> Floats:
    return bootstrap.sums_per_sample(np.column_stack([one, other, np.ones(one.size)]), sample)


def _rmse_difference(sums: Floats) -> tuple[Floats, Floats]:
    """RMSE - RMSE of the reference, and its gradient, from sums (..., 3) of _sums."""
    one, other, count = (sums[..., k] for k in range(3))
    root, other_root = np.sqrt(one / count), np.sqrt(other / count)
    by_sum = [1 / (2 * root * count), -1 / (2 * other_root * count)]
    return root - other_root, np.stack([*by_sum, (other_root - root) / (2 * count)], axis=-1)


DIFFERENCE = bootstrap.Score(_rmse_difference)


def _differences(
    squared: Mapping[str, Floats], names: Sequence[str], reference: str, sample: ArrayLike
) -> Floats:
    """Difference in summed squared error to the reference, (samples, experiments)."""
    columns = [squared[name] - squared[reference] for name in names]
    if not columns:
        return np.empty((0, 0))
    return bootstrap.sums_per_sample(np.column_stack(columns), sample)


def _p_values(differences: Floats, flips: int, seed: int) -> list[float | None]:
    """Two-sided sign-flip p-values, one per column; None where the samples are too few."""
    n = len(differences)
    if n < MINIMUM_SAMPLES:
        return [None] * differences.shape[1]
    rng = np.random.default_rng(seed)
    observed = np.abs(differences.sum(axis=0))
    slack = 1e-9 * np.abs(differences).sum(axis=0)  # a tie stays a tie under rounding
    extreme = np.zeros(differences.shape[1])
    chunk = max(1, 2_000_000 // n)
    for start in range(0, flips, chunk):
        signs = 2.0 * rng.integers(2, size=(min(chunk, flips - start), n), dtype=np.int8) - 1
        extreme += np.sum(np.abs(signs @ differences) >= observed - slack, axis=0)
    return ((1 + extreme) / (1 + flips)).tolist()


def _holm_or_none(p: list[float | None]) -> list[float | None]:
    adjusted = iter(holm([value for value in p if value is not None]))
    return [None if value is None else next(adjusted) for value in p]


def holm(p: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values)
    stepped = values[order] * np.arange(values.size, 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return [float(value) for value in adjusted]


def _verdict(difference: Interval, p: float | None) -> Verdict:
    # 1e-12: 1 - 0.95 is a little above 0.05 in binary
    if p is None or difference.contains(0) or p > 1 - difference.confidence + 1e-12:
        return "no difference shown"
    return "better" if difference.estimate < 0 else "worse"
