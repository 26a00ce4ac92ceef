"""Deal photographs to the test set and the folds: by block, balanced over the concentrations."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from assay import cli, files
from assay.faults import refuse

logger = logging.getLogger("assay")

Block = Literal["sample", "group", "level"]


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


def assign(photos: pd.DataFrame, test: float, folds: int, block: Block, seed: int) -> pd.DataFrame:
    """The photographs with their block, set (train, test, excluded) and fold (-1 outside train).

    An official split column decides the sets; a training photograph that is the twin of a test
    photograph is then excluded, never trained on. BadInput E_TOO_FEW: fewer blocks than folds.
    """
    unit = photos["label"] if block == "level" else photos[block]
    # whatever the unit, a sample and its duplicates are never torn apart
    keys = [unit, photos["sample"], photos["twin"]]
    result = photos[["photo", "image", "label", "sample", "group"]].copy()
    result["block"] = joined(*keys)
    if photos["split"].ne("").any():
        result["set"] = photos["split"].where(photos["split"].eq("test"), "train")
        leaks = photos["twin"].isin(photos.loc[result["set"].eq("test"), "twin"])
        result.loc[leaks & result["set"].eq("train"), "set"] = "excluded"
    else:
        parts = [1 - test, test] if test else [1.0]
        dealt = deal(result["block"].to_numpy(), photos["label"].to_numpy(), parts, seed)
        result["set"] = np.where(dealt == 1, "test", "train")
    result["fold"] = -1
    train = result["set"].eq("train").to_numpy()
    names, blocks = np.unique(result.loc[train, "block"], return_inverse=True)
    if len(names) < folds:
        message = f"{len(names)} {block}s are left for training, but there are {folds} folds."
        raise refuse("E_TOO_FEW", message, f"Set split.folds to at most {len(names)}.")
    labels = photos["label"].to_numpy()[train]
    result.loc[train, "fold"] = deal(blocks, labels, [1.0] * folds, seed + 1)
    return result


def split(
    table: Path,
    out: Path,
    test: float = 0.2,
    folds: int = 5,
    block: Block = "sample",
    seed: int = 1,
) -> None:
    """Write the set and fold of each photograph to OUT.

    Samples (or groups, or levels) stay whole, duplicates stay together, each part mirrors the
    range of concentrations; an official split column is honoured.
    """
    result = assign(files.read_table(table), test, folds, block, seed)
    files.write_table(out, result)
    counts = result.groupby("set")["photo"].count().to_dict()
    logger.info("%d blocks dealt by %s: %s", result["block"].nunique(), block, counts)


if __name__ == "__main__":
    cli.run(split)
