"""Draw photographs of a simulated assay, whose truth and whose limit are known."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from assay import cli, files, job
from assay.faults import refuse
from assay.progress import progress
from assay.simulation import camera, tiny
from assay.simulation.laboratory import Laboratory
from assay.simulation.laboratory import Preset as Lab
from assay.simulation.limit import sd_limits
from assay.simulation.scene import Scene, light

Preset = Literal[Lab, "tiny"]
FileFormat = Literal["png", "jpeg"]
Shot = tuple[int, int]  # number of the sample, and of its photograph, both from 0
Row = dict[str, Any]
Item = TypeVar("Item")
BLOCK = 1000  # samples that a worker draws at once where they are tiny


def image_name(shot: Shot, file_format: FileFormat) -> str:
    """File name of a photograph, the same whatever the number of samples."""
    return f"{shot[0]:05d}_{shot[1]}.{'png' if file_format == 'png' else 'jpg'}"


def label(laboratory: Laboratory, file_format: FileFormat, shot: Shot) -> Row:
    """A row of the label table that a user would bring."""
    sample, _ = shot
    return {
        "image": image_name(shot, file_format),
        "concentration": laboratory.concentration(sample),
        "sample": f"{sample:05d}",
        "session": f"session-{laboratory.session(sample):02d}",
        "lot": f"lot-{laboratory.lot(sample):02d}",
    }


def truth_of(scene: Scene) -> Row:
    """A scene's numbers, one column each; of the glare the number of spots, of mixing nothing."""
    row = {name: value for name, value in asdict(scene).items() if name != "mixing"}
    return row | {"spots": len(scene.spots)}


def draw(
    laboratory: Laboratory, file_format: FileFormat, size: int, folder: Path, shot: Shot
) -> Row:
    """Write one photograph into `folder`; return its row of the truth table."""
    scene = laboratory.scene(*shot)
    photo = camera.photograph(light(scene, size), laboratory.noise(*shot))
    image = image_name(shot, file_format)
    (folder / image).write_bytes(camera.encode(photo, file_format))
    return {"image": image, **truth_of(scene)}


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


def in_order(
    work: Callable[[Item], Any], items: list[Item], workers: int, what: str, unit: str = "photos"
) -> Iterator[Any]:
    """The results of `work` in the order of `items`, by `workers` processes (1: this one).

    Each computes on one thread, so that bytes don't depend on how many there are.
    """
    if workers == 1:
        with threadpool_limits(1):
            yield from progress(map(work, items), what, len(items), unit)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin) as pool:
        chunk = max(1, min(100, len(items) // (4 * workers)))
        yield from progress(pool.map(work, items, chunksize=chunk), what, len(items), unit)


def _begin() -> None:
    """What a worker starts with."""
    threadpool_limits(1)
    job.end_with_parent()


def draw_tiny(
    laboratory: Laboratory, photos: Path, samples: int, photos_per_sample: int, workers: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write a folder of tiny photographs; return their label and truth tables."""
    blocks = [range(samples)[start : start + BLOCK] for start in range(0, samples, BLOCK)]
    with files.making_folder(photos, sealed=True) as folder:
        for name in {tiny.image_name(block[0]).rpartition("/")[0] for block in blocks}:
            (folder / name).mkdir()
        drawing = partial(tiny.draw, laboratory, folder, photos_per_sample)
        unit = f"x {BLOCK} samples"
        known, exposures = zip(*in_order(drawing, blocks, workers, "simulate", unit), strict=True)
    shots = [(sample, photo) for sample in range(samples) for photo in range(photos_per_sample)]
    images = [tiny.image_name(*shot) for shot in shots]
    repeat = np.repeat(np.arange(samples), photos_per_sample)
    sessions = [f"session-{number:02d}" for number in range(laboratory.sessions)]
    labels = {
        "image": images,
        "concentration": np.concatenate(known)[repeat],
        "sample": [f"{sample:07d}" for sample in repeat.tolist()],
        "session": np.array(sessions, dtype=object)[repeat % laboratory.sessions],
        "lot": "lot-00",
    }
    truth = {"image": images, "concentration": labels["concentration"]}
    return pd.DataFrame(labels), pd.DataFrame(truth | {"exposure": np.concatenate(exposures)})


def _check(counts: dict[str, int], low: float, high: float) -> None:
    for setting, value in counts.items():
        if value < 1:
            remedy = f"Set {setting} to 1 or more."
            raise refuse("E_OPTION", f"{setting} is {value}.", remedy)
    if not 0 < low < high:
        remedy = "Give two positive numbers, the lower one first."
        raise refuse("E_OPTION", f"the range is {low:g} to {high:g}.", remedy)


def simulate(
    photos: Path,
    labels: Path,
    truth: Path,
    limit: Path | None = None,
    preset: Preset = "instrument",
    samples: int = 300,
    photos_per_sample: int = 1,
    levels: int = 0,
    sessions: int = 20,
    low: float = 80.0,
    high: float = 350.0,
    sizes: list[int] = [64],  # noqa: B006 - never changed
    limit_photos: int = 40,
    seed: int = 1,
    file_format: FileFormat = "png",
    workers: int = 1,
    size: int = 250,
    glare: bool = True,
    mixing: bool = True,
) -> None:
    """Write a folder of photographs and three tables: labels, truth (every nuisance) and limit.

    The limit is computed for LIMIT_PHOTOS photographs spread over the range, at the trained SIZES;
    the others are left out of its table. It is that of PNG files: JPEG tells less. Tiny photographs
    are PNG files of 8 px, whatever the SIZE, and have no limit.
    """
    counts = {"samples": samples, "photos_per_sample": photos_per_sample, "sessions": sessions}
    _check(counts | {"workers": workers, "size": size, "sizes": min(sizes, default=1)}, low, high)
    if preset == "tiny":
        if file_format != "png":
            raise refuse("E_OPTION", "tiny photographs are PNG files.", "Set file_format to png.")
        laboratory = Laboratory("instrument", seed, low, high, levels, sessions)
        tables = draw_tiny(laboratory, photos, samples, photos_per_sample, workers)
        files.write_table(truth, tables[1])
        files.write_table(labels, tables[0])
        return
    laboratory = Laboratory(preset, seed, low, high, levels, sessions, glare, mixing)
    shots = [(sample, photo) for sample in range(samples) for photo in range(photos_per_sample)]
    with files.making_folder(photos, sealed=True) as folder:
        drawing = partial(draw, laboratory, file_format, size, folder)
        scenes = list(in_order(drawing, shots, workers, "simulate"))
    if limit:
        bounding = partial(limits, laboratory, file_format, size, sizes)
        some = spread(laboratory, shots, limit_photos)
        bounds = [row for rows in in_order(bounding, some, workers, "limit") for row in rows]
        columns = ["image", "size", "concentration", "sd_limit"]
        files.write_table(limit, pd.DataFrame(bounds, columns=columns))
    files.write_table(truth, pd.DataFrame(scenes))
    files.write_table(labels, pd.DataFrame([label(laboratory, file_format, s) for s in shots]))


if __name__ == "__main__":
    cli.run(simulate)
