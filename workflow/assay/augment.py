"""Materialised copies: turned, mirrored, shifted, recoloured from the full-size picture."""

from __future__ import annotations

from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from assay import cli, files, shards
from assay.experiment import Augmentation
from assay.pictures.altering import Draw, altered, draw
from assay.progress import progress

DRAWN = [field.name for field in fields(Draw)]


def augment(
    images: Path,
    split: Path,
    preset: Augmentation,
    size: int,
    out: Path,
    copies: Path,
    seed: int,
    shard: int = 0,
    shard_size: int = 0,
) -> None:
    """Write the altered copies of training photographs to OUT, what was drawn to COPIES.

    IMAGES is the full-size array of SHARD (from 0) of SHARD_SIZE photographs; 0: of all. Those of
    the test set get no copies. A copy carries the number and the fold of its parent.
    """
    torch.set_num_threads(1)  # the copies are small; threads would only add overhead
    full = files.load_array(images, "resize")
    dealt = files.read_table(split, only=("photo", "set", "fold"))
    part = shards.part(shard, shard_size, len(dealt))
    dealt = dealt.iloc[part]
    train = dealt["set"].eq("train")
    parents = dealt.loc[train, ["photo", "fold"]].to_numpy().repeat(preset.copies, axis=0)
    rows = pd.DataFrame(parents, columns=["photo", "fold"])
    rows["nth"] = np.arange(len(rows)) % preset.copies
    changes = np.empty((len(rows), len(DRAWN)))

    def fill(target: np.ndarray) -> None:
        listed = zip(rows["photo"].tolist(), rows["nth"].tolist(), strict=True)
        for number, (photo, nth) in enumerate(progress(listed, "augment", len(rows), "copies")):
            drawn = draw(preset, photo, nth, seed)
            changes[number] = astuple(drawn)
            key = [seed, photo, nth, 1]
            target[number] = altered(full[photo - part.start], size, drawn, key)

    with threadpool_limits(1):
        files.save_array(out, (len(rows), size, size, 3), fill)
    rows.insert(0, "copy", range(len(rows)))
    rows[DRAWN] = changes
    files.write_table(copies, rows.astype({"mirror": bool}))


if __name__ == "__main__":
    cli.run(augment)
