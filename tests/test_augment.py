from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from assay import augment, files
from assay.experiment import Augmentation
from tiny_assay import photographs


def run(folder: Path, out: str, images: str = "images.npy", **changes: int) -> None:
    preset = Augmentation(copies=3, turn="any", noise=(0.0, 0.02))
    settings = {"size": 8, "seed": 1} | changes
    augment.augment(
        folder / images,
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


def test_shards_hold_the_copies_of_the_whole(tiny: Path) -> None:
    run(tiny, "whole.npy")
    images = files.load_array(tiny / "images.npy", "resize")
    for shard in range(4):  # 12, 12, 6 and no photographs
        part = images[12 * shard : 12 * (shard + 1)]
        name = f"images{shard}.npy"
        files.save_array(tiny / name, part.shape, lambda to, part=part: np.copyto(to, part))
        run(tiny, f"{shard}.npy", name, shard=shard, shard_size=12)
    arrays = files.load_shards([tiny / f"{shard}.npy" for shard in range(4)], "augment")
    assert np.array_equal(np.concatenate(arrays), files.load_array(tiny / "whole.npy", "augment"))
    whole = files.read_table(tiny / "whole.npy.csv")
    tables = [files.read_table(tiny / f"{shard}.npy.csv") for shard in range(4)]
    assert all(table["copy"].tolist() == list(range(len(table))) for table in tables)
    found = pd.concat(tables, ignore_index=True)
    pd.testing.assert_frame_equal(
        found.drop(columns="copy"), whole.drop(columns="copy"), check_dtype=False
    )
