from __future__ import annotations

from pathlib import Path

import numpy as np

from assay import augment, files
from assay.experiment import Augmentation
from tiny_assay import photographs


def run(folder: Path, out: str, **changes: int) -> None:
    images, preset = folder / "images.npy", Augmentation(copies=3, turn="any", noise=(0.0, 0.02))
    settings = {"size": 8, "seed": 1} | changes
    augment.augment(
        images,
        folder / "split.csv",
        preset,
        out=folder / out,
        copies=folder / f"{out}.csv",
        **settings,
    )


def test_copies_follow_their_parents_fold_and_the_test_set_has_none(tiny: Path) -> None:
    run(tiny, "copies.npy")
    copies = files.read_table(tiny / "copies.npy.csv")
    dealt = files.read_table(tiny / "split.csv").set_index("photo")
    parents = dealt.loc[copies["photo"]]
    assert (parents["fold"].to_numpy() == copies["fold"].to_numpy()).all()
    assert parents["set"].eq("train").all()
    assert len(copies) == 3 * dealt["set"].eq("train").sum()
    array = files.load_array(tiny / "copies.npy", "augment")
    assert array.shape == (len(copies), 8, 8, 3)
    images = photographs()[0]
    assert np.abs(array.mean((1, 2)) - images[copies["photo"]].mean((1, 2))).max() < 4


def test_the_same_seed_draws_the_same_bytes(tiny: Path) -> None:
    run(tiny, "a.npy")
    run(tiny, "b.npy")
    run(tiny, "c.npy", seed=2)
    assert (tiny / "a.npy").read_bytes() == (tiny / "b.npy").read_bytes()
    assert (tiny / "a.npy").read_bytes() != (tiny / "c.npy").read_bytes()
