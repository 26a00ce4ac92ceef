"""From photographs to samples: n in a validation is the number of samples, not of photographs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assay.faults import refuse
from assay.metrics import Floats, Scale, pair

Integers = NDArray[np.intp]


@dataclass(frozen=True)
class Samples:
    """One row per sample, in order of first appearance; values in concentration units."""

    sample: NDArray[np.str_]  # (n,)
    known: Floats  # (n,) mean over the sample's photographs
    found: Floats  # (n,) mean over the sample's photographs
    photographs: Integers  # (n,) how many there were

    @property
    def errors(self) -> Floats:
        """Found minus known, (n,)."""
        return self.found - self.known


def codes(labels: ArrayLike) -> tuple[Integers, NDArray[np.str_]]:
    """Number the labels from 0 in order of first appearance: ((N,) numbers, (n,) labels)."""
    text = np.asarray(labels).reshape(-1).astype(str)
    names, first, inverse = np.unique(text, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return rank[inverse], names[order]


def per_sample(
    sample: ArrayLike, known: ArrayLike, found: ArrayLike, scale: Scale = "linear"
) -> Samples:
    """Average the photographs of each sample; on the log10 scale the mean is the geometric one."""
    one, other = pair(known, found, scale)
    number, names = codes(sample)
    if number.size != one.size:
        raise refuse(
            "E_LENGTHS",
            f"{number.size} sample names meet {one.size} values.",
            "Each photograph needs one of each.",
        )
    count = np.bincount(number)
    means = [np.bincount(number, values) / count for values in (one, other)]
    if scale == "log10":
        means = [10**mean for mean in means]
    return Samples(names, means[0], means[1], count)


def group_per_sample(sample: ArrayLike, group: ArrayLike) -> NDArray[np.str_]:
    """The group (session, phone, lot) of each sample, (n,); refused where a sample is in two."""
    number, names = codes(sample)
    text = np.asarray(group).reshape(-1).astype(str)
    first = np.full(names.size, -1)
    first[number[::-1]] = np.arange(number.size)[::-1]
    strays = np.flatnonzero(text != text[first][number])
    if strays.size:
        raise refuse(
            "E_SAMPLE_IN_TWO_GROUPS",
            f"sample {names[number[strays[0]]]} lies in two groups.",
            "Take another column as group, or name the samples apart.",
        )
    return text[first]
