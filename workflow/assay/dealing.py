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
            if (other := first.setdefault(value, item)) != item:
                parent[root(item)] = root(other)
    return np.unique([root(item) for item in range(len(parent))], return_inverse=True)[1]


def deal(blocks: np.ndarray, labels: np.ndarray, shares: Sequence[float], seed: int) -> np.ndarray:
    """(N,) part of each photograph: whole blocks, dealt so that each part mirrors the labels.

    The largest block goes first, each to the part where it least increases Pearson's chi-square
    between the counts and the wanted ones (shares x counts, per quantile bin of the labels and in
    all); ties are drawn. blocks are 0 .. B-1.
    """
    generator = np.random.default_rng(seed)
    sizes = np.bincount(blocks)
    share = np.asarray(shares, dtype=float)[:, None] / np.sum(shares)
    bin_of, wanted = _wanted(labels, share, len(sizes))
    short = wanted.copy()
    lowest, spread = _bins(blocks, bin_of, wanted.shape[1] - 1)
    # most blocks lie in one bin: for them single numbers are counted, in the memory of the arrays
    cells, aims = [memoryview(row) for row in short], wanted.tolist()
    part = np.empty(len(sizes), dtype=np.int64)
    order = generator.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    for block in order.tolist():
        n, bin_ = int(sizes[block]), int(lowest[block])
        # (short - n)^2 / wanted - short^2 / wanted
        if block in spread:
            counts = spread[block].astype(float)
            costs = ((counts**2 - 2 * short * counts) / wanted).sum(axis=1).tolist()
        else:
            costs = [
                (n**2 - 2 * s[bin_] * n) / w[bin_] + (n**2 - 2 * s[-1] * n) / w[-1]
                for s, w in zip(cells, aims, strict=True)
            ]
        least = min(costs) + 1e-9
        best = [i for i, cost in enumerate(costs) if cost <= least]
        part[block] = chosen = best[int(generator.integers(len(best)))]
        if block in spread:
            short[chosen] -= spread[block]
        else:
            cells[chosen][bin_] -= n
            cells[chosen][-1] -= n
    return part[blocks]


def _wanted(labels: np.ndarray, share: np.ndarray, blocks: int) -> tuple[np.ndarray, np.ndarray]:
    """(N,) quantile bin of each label; (parts, bins + 1) photographs wanted of each, last: all."""
    # in each bin the smallest part can still expect a block of its own
    bins = int(np.clip(blocks * share.min(), 1, 100))
    inner = np.quantile(labels, np.linspace(0, 1, bins + 1)[1:-1])
    bin_of = np.searchsorted(inner, labels, side="right")
    total = np.append(np.bincount(bin_of, minlength=bins), len(labels))
    return bin_of, share * np.maximum(total, 1)


def _bins(
    blocks: np.ndarray, bin_of: np.ndarray, bins: int
) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """The lowest bin of each block; photographs by bin and in all of those that lie in several."""
    lowest = np.full(int(blocks.max()) + 1, bins)
    np.minimum.at(lowest, blocks, bin_of)
    several = np.unique(blocks[bin_of != lowest[blocks]])
    mine = np.isin(blocks, several)
    counts = np.zeros((len(several), bins + 1), dtype=np.int32)
    np.add.at(counts, (np.searchsorted(several, blocks[mine]), bin_of[mine]), 1)
    counts[:, -1] = counts.sum(axis=1)
    return lowest, dict(zip(several.tolist(), counts, strict=True))
