"""Materialised copies: turned, mirrored, shifted, recoloured from the full-size picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from assay import cli, files
from assay.experiment import Augmentation
from assay.pictures.altering import Draw, altered, draw
from assay.progress import progress


def augment(
    images: Path, split: Path, preset: Augmentation, size: int, out: Path, copies: Path, seed: int
) -> None:
    """Write the altered copies of all training photographs to OUT, what was drawn to COPIES.

    IMAGES is the full-size array; photographs of the test set get no copies. A copy carries the
    number and the fold of its parent.
    """
    torch.set_num_threads(1)  # the copies are small; threads would only add overhead
    full = files.load_array(images, "resize")
    dealt = files.read_table(split)
    parents = dealt.loc[dealt["set"].eq("train"), ["photo", "fold"]].to_numpy()
    rows = [
        {"copy": number * preset.copies + copy, "photo": photo, "fold": fold, "nth": copy}
        | vars(draw(preset, photo, copy, seed))
        for number, (photo, fold) in enumerate(parents.tolist())
        for copy in range(preset.copies)
    ]

    def fill(target: np.ndarray) -> None:
        for row in progress(rows, "augment", unit="copies"):
            drawn = Draw(**{name: row[name] for name in Draw.__dataclass_fields__})
            key = [seed, row["photo"], row["nth"], 1]
            target[row["copy"]] = altered(full[row["photo"]], size, drawn, key)

    with threadpool_limits(1):
        files.save_array(out, (len(rows), size, size, 3), fill)
    files.write_table(copies, pd.DataFrame(rows))


if __name__ == "__main__":
    cli.run(augment)
