"""Draw photographs of a simulated assay, whose truth is known."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from assay import cli, files
from assay.faults import refuse
from assay.simulation import camera, tiny
from assay.simulation.drawing import FileFormat, Shot, demand, image_name, in_order
from assay.simulation.laboratory import Laboratory
from assay.simulation.laboratory import Preset as Lab
from assay.simulation.scene import Scene, light

Preset = Literal[Lab, "tiny"]
Row = dict[str, Any]
BLOCK = 1000  # samples that a worker draws at once where they are tiny


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


def simulate(
    photos: Path,
    labels: Path,
    truth: Path,
    preset: Preset = "instrument",
    samples: int = 300,
    photos_per_sample: int = 1,
    levels: int = 0,
    sessions: int = 20,
    low: float = 80.0,
    high: float = 350.0,
    seed: int = 1,
    file_format: FileFormat = "png",
    workers: int = 1,
    size: int = 250,
    glare: bool = True,
    mixing: bool = True,
) -> None:
    """Write a folder of photographs and two tables: labels, and truth with every nuisance.

    Tiny photographs are PNG files of 8 px, whatever the SIZE.
    """
    counts = {"samples": samples, "photos_per_sample": photos_per_sample, "sessions": sessions}
    demand(counts | {"workers": workers, "size": size}, low, high)
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
    files.write_table(truth, pd.DataFrame(scenes))
    files.write_table(labels, pd.DataFrame([label(laboratory, file_format, s) for s in shots]))


if __name__ == "__main__":
    cli.run(simulate)
