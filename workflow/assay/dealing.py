"""Deal photographs to parts: whole blocks, each part a mirror of the concentrations."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import numpy as np


def joined(*keys: Iterable[Hashable]) -> np.ndarray:
    """(N,) component numbers: two photographs are in one component if they share any of the keys.

    Replicates share a sample, duplicates a twin: whatever shares either is dealt as one.
    """
    columns = [list(key) for key in keys]
    parent = list(range(len(columns[0])))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = item = parent[parent[item]]
        return item

    for key in columns:
        first: dict[Hashable, int] = {}
        for item, value in enumerate(key):
            parent[root(item)] = root(first.setdefault(value, item))
    return np.unique([root(item) for item in range(len(parent))], return_inverse=True)[1]


def histograms(blocks: np.ndarray, labels: np.ndarray, bins: int) -> np.ndarray:
    """(blocks, bins + 1) photographs of each block by quantile bin of the labels; last: all."""
    inner = np.quantile(labels, np.linspace(0, 1, bins + 1)[1:-1])
    table = np.zeros((blocks.max() + 1, bins + 1))
    np.add.at(table, (blocks, np.searchsorted(inner, labels, side="right")), 1)
    table[:, -1] = table.sum(axis=1)
    return table


def deal(blocks: np.ndarray, labels: np.ndarray, shares: Sequence[float], seed: int) -> np.ndarray:
    """(N,) part of each photograph: whole blocks, dealt so that each part mirrors the labels.

    The largest block goes first, each to the part where it least increases Pearson's chi-square
    between the counts and the wanted ones (shares x counts, per quantile bin of the labels and in
    all); ties are drawn. blocks are 0 .. B-1.
    """
    generator = np.random.default_rng(seed)
    number = int(blocks.max()) + 1
    share = np.asarray(shares, dtype=float)[:, None] / np.sum(shares)
    # in each bin the smallest part can still expect a block of its own
    counts = histograms(blocks, labels, bins=int(np.clip(number * share.min(), 1, 100)))
    wanted = share * np.maximum(counts.sum(axis=0), 1)  # (parts, bins + 1)
    short = wanted.copy()
    part = np.empty(number, dtype=np.int64)
    order = generator.permutation(number)
    for block in order[np.argsort(-counts[order, -1], kind="stable")]:
        # (short - n)^2 / wanted - short^2 / wanted
        cost = ((counts[block] ** 2 - 2 * short * counts[block]) / wanted).sum(axis=1)
        best = np.flatnonzero(cost <= cost.min() + 1e-9)
        part[block] = generator.choice(best)
        short[part[block]] -= counts[block]
    return part[blocks]
