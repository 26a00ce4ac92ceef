"""A small run, step by step, and the methods that are made of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from assay import cross_validate, evaluate, export, files, ingest, resize, simulate, split, train
from assay.experiment import Experiment
from assay.quantity import Quantity
from assay.simulation import camera
from assay.simulation.laboratory import Laboratory, Preset
from assay.simulation.scene import light

QUANTITY = Quantity("concentration", "mg/L", 80.0, 350.0)
RANGE = 80.0, 350.0
MEAN = Experiment("mean", "mean_colour", size=16)
RIDGE = Experiment("ridge", "colour_statistics", size=64)
VGG = Experiment(
    "vgg", "vgg", {"width": 0.0625}, size=16, color="optical_density", epochs=2, batch_size=8
)


def draw(
    folder: Path,
    samples: int,
    size: int,
    preset: Preset = "instrument",
    seed: int = 1,
    sessions: int = 20,
) -> None:
    """Photographs in folder/photos, and labels.csv."""
    simulate.simulate(
        *(folder / name for name in ("photos", "labels.csv", "truth.csv")),
        preset=preset,
        samples=samples,
        size=size,
        seed=seed,
        sessions=sessions,
    )


def draw_lot(folder: Path, samples: int, size: int, strength: float) -> Path:
    """Photographs of a lot of reagent of another strength, and their label table."""
    laboratory = Laboratory("instrument", seed=8)
    (folder / "photos").mkdir(parents=True)
    rows = []
    for sample in range(samples):
        scene = replace(laboratory.scene(sample, 0), lot=strength)
        photo = camera.photograph(light(scene, size), laboratory.noise(sample, 0))
        (folder / "photos" / f"{sample:03d}.png").write_bytes(camera.encode(photo, "png"))
        rows.append((f"{sample:03d}.png", scene.concentration, f"{sample:03d}"))
    table = pd.DataFrame(rows, columns=["image", "concentration", "sample"])
    files.write_table(folder / "labels.csv", table)
    return folder / "labels.csv"


def prepare(
    folder: Path,
    samples: int,
    size: int,
    folds: int = 2,
    preset: Preset = "instrument",
    block: split.Block = "sample",
    seed: int = 1,
    sessions: int = 20,
) -> None:
    """Photographs, their table, and the split, up to training."""
    draw(folder, samples, size, preset, seed, sessions)
    ingest.ingest(
        folder / "photos",
        folder / "labels.csv",
        folder / "photos.csv",
        folder / "summary.json",
        sample_column="sample",
        group_column="session",
        workers=1,
    )
    split.split(folder / "photos.csv", folder / "split.csv", test=0.25, folds=folds, block=block)


def run(folder: Path, experiment: Experiment, folds: int = 2) -> None:
    """Train an experiment on every fold, score it, and score the test set."""
    array = folder / str(experiment.size) / "images.npy"
    if not array.exists():
        resize.resize(folder / "photos", folder / "photos.csv", array, experiment.size, workers=1)
    places = [folder / "train" / experiment.name / f"fold{fold}" for fold in range(folds)]
    out = folder / "train" / experiment.name
    train.train([array], folder / "split.csv", experiment, list(range(folds)), *RANGE, out)
    result = folder / experiment.name
    cross_validate.cross_validate(
        folder / "split.csv",
        [place / "model.json" for place in places],
        [place / "predictions.csv" for place in places],
        experiment.name,
        *RANGE,
        *(result / name for name in ("predictions.csv", "comparison.csv", "leaderboard.csv")),
    )
    evaluate.evaluate(
        folder / "split.csv",
        result / "leaderboard.csv",
        [place / "model.safetensors" for place in places],
        [array],
        *RANGE,
        result / "test.csv",
        result / "scores.json",
    )


def deliver(folder: Path, of: Experiment, out: Path, **options: object) -> Path:
    """Export what `run` made."""
    result = folder / of.name
    words = {"quantity": QUANTITY, "simulated": True} | options
    export.export(
        split=folder / "split.csv",
        table=folder / "photos.csv",
        summary=folder / "summary.json",
        photos=folder / "photos",
        predictions=result / "predictions.csv",
        scores=result / "scores.json",
        fold_files=sorted(folder.glob("train/*/fold*/model.safetensors")),
        out=out,
        **words,
    )
    return out


def rows_of_test_set(folder: Path) -> Path:
    """The rows of the label table that are in the test set, as a table of their own."""
    dealt = files.read_table(folder / "split.csv")
    rows = files.read_table(folder / "labels.csv")
    chosen = rows[rows["image"].isin(dealt.loc[dealt["set"].eq("test"), "image"])]
    files.write_table(folder / "test_rows.csv", chosen)
    return folder / "test_rows.csv"
