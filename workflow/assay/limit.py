"""How well could anybody tell the concentrations of simulated photographs? The physical limit."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assay import cli, files
from assay.simulation.drawing import FileFormat, Shot, demand, image_name, in_order
from assay.simulation.laboratory import Laboratory, Preset
from assay.simulation.limit import sd_limits

Row = dict[str, Any]


def limits(
    laboratory: Laboratory, file_format: FileFormat, size: int, sizes: list[int], shot: Shot
) -> list[Row]:
    """The rows of the limit table for one photograph: one per trained size."""
    scene, image = laboratory.scene(*shot), image_name(shot, file_format)
    found = sd_limits(scene, laboratory.priors(), sizes, size)
    return [
        {"image": image, "size": trained, "concentration": scene.concentration, "sd_limit": sd}
        for trained, sd in zip(sizes, found, strict=True)
    ]


def spread(laboratory: Laboratory, shots: list[Shot], count: int) -> list[Shot]:
    """At most `count` shots, evenly spread over the concentrations' ranks, in order."""
    ranked = sorted(shots, key=lambda shot: (laboratory.concentration(shot[0]), shot))
    chosen = np.linspace(0, len(shots) - 1, min(count, len(shots))).round().astype(int)
    return sorted(ranked[number] for number in chosen)


def limit(
    out: Path,
    sizes: list[int],
    preset: Preset = "instrument",
    samples: int = 300,
    photos_per_sample: int = 1,
    levels: int = 0,
    sessions: int = 20,
    low: float = 80.0,
    high: float = 350.0,
    limit_photos: int = 40,
    seed: int = 1,
    file_format: FileFormat = "png",
    workers: int = 1,
    size: int = 250,
    glare: bool = True,
    mixing: bool = True,
) -> None:
    """Write the limit of some photographs that `simulate` draws with the same settings to OUT.

    They are LIMIT_PHOTOS, spread over the range, at each of the trained SIZES. The limit is that of
    PNG files: JPEG tells less. No photograph is read: the laboratory knows them all.
    """
    counts = {"samples": samples, "photos_per_sample": photos_per_sample, "sessions": sessions}
    demand(counts | {"workers": workers, "size": size, "sizes": min(sizes, default=1)}, low, high)
    laboratory = Laboratory(preset, seed, low, high, levels, sessions, glare, mixing)
    shots = [(sample, photo) for sample in range(samples) for photo in range(photos_per_sample)]
    bounding = partial(limits, laboratory, file_format, size, sizes)
    some = spread(laboratory, shots, limit_photos)
    bounds = [row for rows in in_order(bounding, some, workers, "limit") for row in rows]
    columns = ["image", "size", "concentration", "sd_limit"]
    files.write_table(out, pd.DataFrame(bounds, columns=columns))


if __name__ == "__main__":
    cli.run(limit)
