from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay import files, split
from assay.faults import BadInput
from tiny_assay import photographs


def table_of(samples: list[int], twins: list[int], labels: list[float]) -> pd.DataFrame:
    number = len(samples)
    return pd.DataFrame(
        {
            "photo": range(number),
            "image": [f"{n}.png" for n in range(number)],
            "label": labels,
            "sample": [f"s{sample}" for sample in samples],
            "group": [f"g{sample % 3}" for sample in samples],
            "split": "",
            "twin": [f"t{twin}" for twin in twins],
        }
    )


rows = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 60), st.floats(80, 350)), min_size=1, max_size=80
)


@settings(max_examples=1000, deadline=None)
@given(
    rows,
    st.integers(2, 5),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.sampled_from(["sample", "group", "level"]),
)
def test_no_sample_no_twin_is_ever_in_two_parts(
    drawn: list[tuple[int, int, float]], folds: int, test: float, block: split.Block
) -> None:
    table = table_of(*map(list, zip(*drawn, strict=True)))
    try:
        result = split.assign(table, test, folds, block, seed=1)
    except BadInput as bad:
        result, fault = None, bad.faults[0]
    if result is None:
        assert fault.code == "E_TOO_FEW"
        return
    result["twin"] = table["twin"]
    for key in {"sample", "twin", "label" if block == "level" else block}:
        parts = result.groupby(key)[["set", "fold"]].nunique()
        assert parts.to_numpy().max() == 1, key
    train = result[result["set"].eq("train")]
    assert set(train["fold"]) == set(range(folds))
    assert result.loc[result["set"].eq("test"), "fold"].eq(-1).all()


def test_parts_mirror_the_concentrations() -> None:
    generator = np.random.default_rng(3)
    labels = generator.uniform(80, 350, 400)
    part = split.deal(np.arange(400), labels, [1.0] * 5, seed=1)
    counts = np.bincount(part)
    assert counts.max() - counts.min() <= 2
    means = [labels[part == fold].mean() for fold in range(5)]
    # random dealing would spread the means by about 78 / sqrt(80) = 8.7
    assert np.std(means) < 2.5


@pytest.mark.parametrize("seed", range(8))
def test_blocks_are_dealt_as_the_formula_says(seed: int) -> None:
    generator = np.random.default_rng(seed)
    blocks = np.unique(generator.integers(0, 60, 200), return_inverse=True)[1]
    labels = generator.uniform(80, 350, blocks.max() + 1)[blocks]
    if seed % 2:  # blocks that hold several labels
        labels = generator.choice([80.0, 170.0, 260.0, 350.0], 200)
    number, share = blocks.max() + 1, np.full((3, 1), 1 / 3)
    bins = int(number / 3)
    inner = np.quantile(labels, np.linspace(0, 1, bins + 1)[1:-1])
    counts = np.zeros((number, bins + 1))
    np.add.at(counts, (blocks, np.searchsorted(inner, labels, side="right")), 1)
    counts[:, -1] = counts.sum(axis=1)
    wanted = share * np.maximum(counts.sum(axis=0), 1)
    short, part = wanted.copy(), np.empty(number, dtype=int)
    generator = np.random.default_rng(seed)
    order = generator.permutation(number)
    for block in order[np.argsort(-counts[order, -1], kind="stable")]:
        cost = ((counts[block] ** 2 - 2 * short * counts[block]) / wanted).sum(axis=1)
        part[block] = generator.choice(np.flatnonzero(cost <= cost.min() + 1e-9))
        short[part[block]] -= counts[block]
    assert split.deal(blocks, labels, [1.0] * 3, seed).tolist() == part[blocks].tolist()


def test_the_test_share_is_kept() -> None:
    table = photographs(400)[1]
    result = split.assign(table, 0.2, 5, "sample", seed=1)
    assert result["set"].eq("test").mean() == pytest.approx(0.2, abs=0.01)


def test_an_official_split_is_honoured_and_its_leaks_are_kept_out_of_training() -> None:
    table = photographs(40)[1]
    table["split"] = np.where(table["photo"] < 10, "test", "train")
    table.loc[20, "twin"] = table.loc[3, "twin"]
    result = split.assign(table, 0.5, 3, "sample", seed=1)
    assert (result["set"].eq("test") == (table["photo"] < 10)).all()
    assert result.loc[20, "set"] == "excluded"
    assert result.loc[20, "fold"] == -1


def test_fewer_blocks_than_folds_says_the_largest_possible_number() -> None:
    table = photographs(8)[1]
    with pytest.raises(BadInput, match=r"Set split\.folds to at most 4"):
        split.assign(table, 0.0, 5, "sample", seed=1)


def test_as_many_folds_as_groups_leaves_one_group_out() -> None:
    result = split.assign(photographs(60)[1], 0.0, 5, "group", seed=1)
    assert result.groupby("fold")["group"].nunique().eq(1).all()


def test_the_same_seed_deals_the_same(tiny: Path) -> None:
    first = (tiny / "split.csv").read_bytes()
    split.split(tiny / "photos.csv", tiny / "again.csv", folds=3)
    split.split(tiny / "photos.csv", tiny / "other.csv", folds=3, seed=2)
    assert (tiny / "again.csv").read_bytes() == first
    assert (tiny / "other.csv").read_bytes() != first


def test_names_that_look_like_numbers_stay_names(tiny: Path) -> None:
    table = files.read_table(tiny / "photos.csv")
    table["sample"] = [f"{number // 2:03d}" for number in range(len(table))]
    files.write_table(tiny / "photos.csv", table)
    split.split(tiny / "photos.csv", tiny / "split.csv", folds=3)
    assert files.read_table(tiny / "split.csv")["sample"][2] == "001"
