from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assay import augment, files
from assay.experiment import Augmentation
from assay.learning import material
from assay.learning.material import gather


@pytest.mark.parametrize("fold", [0, 1, 2])
def test_no_copy_of_a_held_out_or_test_photograph_is_ever_loaded(tiny: Path, fold: int) -> None:
    copies, table = tiny / "copies.npy", tiny / "copies.csv"
    preset = Augmentation(copies=2, turn="any")
    augment.augment(tiny / "images.npy", tiny / "split.csv", preset, 16, copies, table, seed=1)
    data = gather([tiny / "images.npy"], tiny / "split.csv", fold, [copies], [table])
    dealt = files.read_table(tiny / "split.csv")
    forbidden = dealt.loc[dealt["set"].ne("train") | dealt["fold"].eq(fold), "sample"]
    pictures, labels, blocks = data.training()
    rows = np.concatenate([data.seen, data.parents])
    assert not set(dealt["sample"][rows]) & set(forbidden)
    assert len(pictures) == len(labels) == len(blocks) == 3 * len(data.seen)
    assert np.array_equal(labels, dealt["label"].to_numpy()[rows])
    # the pictures themselves, not only their numbers: a copy has the colour of its parent
    means = data.images[rows].mean((1, 2))
    assert np.abs(pictures[:].mean((1, 2)) - means).max() < 4
    held = set(map(bytes, data.images[data.held_out]))
    assert not held & set(map(bytes, pictures))


def test_without_copies_the_seen_photographs_are_all_there_is(tiny: Path) -> None:
    data = gather([tiny / "images.npy"], tiny / "split.csv", 0, None, None)
    pictures, labels, _ = data.training()
    assert np.array_equal(pictures[:], data.images[data.seen])
    mean = labels.mean()
    error = data.rmse(np.full(len(data.seen), mean), data.seen)
    assert error == pytest.approx(labels.std())


def test_a_curve_watches_as_many_seen_as_are_held_out(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = gather([tiny / "images.npy"], tiny / "split.csv", 0, None, None)
    assert list(data.watched()) == list(range(len(data.seen))), "there are few: all of them"
    monkeypatch.setattr(material, "FEWEST", 3)
    assert len(data.held_out) < len(data.seen)
    places = data.watched()
    assert len(places) == len(data.held_out)
    assert (places[0], places[-1]) == (0, len(data.seen) - 1)
    assert set(np.diff(places)) <= {2, 3}, "evenly spread, none twice"
