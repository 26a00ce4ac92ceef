"""The pages of a run that was never trained, for tests."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

import runs
from assay import diagnose, files, model_page, saliency, split
from assay.quantity import Quantity
from tiny_assay import photographs

NUMBER = 80  # photographs, two a sample: enough for intervals
TABLES = ("groups", "group_effect", "interval_coverage")


def run(folder: Path) -> Path:
    """A run whose predictions were drawn, with enough samples for intervals."""
    images, table = photographs(NUMBER)
    fill = partial(np.copyto, src=images)
    files.save_array(folder / "images.npy", images.shape, fill)
    files.write_table(folder / "photos.csv", table)
    split.split(folder / "photos.csv", folder / "split.csv", folds=3)
    return runs.make(folder)


def looks(folder: Path, name: str, predict: saliency.occlusion.Predict | None = None) -> Path:
    """What the step saliency writes, for a model that sees the mean red; its folder."""
    pooled = files.read_table(folder / "predictions.csv")
    table = pooled[pooled["experiment"].eq(name)].dropna(subset="found")
    columns = ["photo", "image", "sample", "group", "fold", "label", "found"]
    rows = saliency.chosen(table[columns], 3, runs.QUANTITY)
    pictures = files.load_array(folder / "images.npy", "resize")[rows["photo"].to_numpy()]
    seen = predict or (lambda images: 100 + images[..., 0].mean(axis=(1, 2)))
    maps, tests = saliency.looked_at(rows, pictures, dict.fromkeys(range(9), seen), runs.QUANTITY)
    out = folder / "saliency" / name
    files.write_table(out / "photographs.csv", saliency.tested(rows, tests))
    files.write_table(out / "curves.csv", saliency.curves(rows, tests))
    files.write_table(out / "cells.csv", saliency.cells(rows, maps))
    files.write_json(out / "summary.json", saliency.summary_of(tests))
    return out


def drawn(folder: Path, name: str) -> Path:
    """Stand-ins for the figures that other steps draw."""
    place = folder / "figures" / "experiments" / name
    place.mkdir(parents=True, exist_ok=True)
    for figure in ("residuals", "found_known", "learning"):
        Image.new("RGB", (12, 8), "white").save(place / f"{figure}.png")
        files.write_text(place / f"{figure}.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    return place


def of_model(
    folder: Path, name: str = "vgg", quantity: Quantity = runs.QUANTITY, *, maps: bool = True
) -> Path:
    """The page of an experiment of the run that runs.make made."""
    tables = {key: folder / f"{key}.csv" for key in TABLES}
    diagnose.diagnose(folder / "predictions.csv", **tables, scale=quantity.scale)
    mine = [path for path in runs.jobs(folder, "model.json") if path.parent.parent.name == name]
    model_page.model_page(
        experiment=name,
        leaderboard=folder / "leaderboard.csv",
        predictions=folder / "predictions.csv",
        **tables,
        models=mine,
        histories=[path.with_name("history.csv") for path in mine],
        images=[folder / "images.npy"],
        figures=drawn(folder, name),
        quantity=quantity,
        title="T <b>",
        out=folder / "models" / f"{name}.html",
        saliency=looks(folder, name) if maps else None,
    )
    return folder / "models" / f"{name}.html"


def large(folder: Path, number: int, size: int = 32) -> Path:
    """The page of an experiment with so many photographs, no two alike and each hard to pack."""
    rng = np.random.default_rng(0)
    files.save_array(
        folder / "images.npy",
        (number, size, size, 3),
        lambda target: np.copyto(target, rng.integers(0, 256, target.shape, dtype=np.uint8)),
    )
    sample = np.arange(number) // 2
    label = rng.uniform(80, 350, sample[-1] + 1)[sample]
    table = pd.DataFrame({"experiment": "vgg", "photo": np.arange(number), "label": label})
    table["image"] = [f"2026-11-26/IMG_20261126_{place:06d}.jpg" for place in range(number)]
    table["sample"] = [f"sample {place:05d}" for place in sample]
    table["group"] = [f"session {place % 20}" for place in sample]
    table["fold"] = sample % 5
    table["found"] = label + rng.normal(0, 4, number)
    files.write_table(folder / "predictions.csv", table.assign(found_seen=label))
    board = {"experiment": "vgg", "rank": 1, "folds": 5, "rmse_seen": 1.0, "samples": number}
    for score in ("rmse", "bias"):
        board |= {score: 4.0, f"{score}_low": 3.9, f"{score}_high": 4.1}
    files.write_table(folder / "leaderboard.csv", pd.DataFrame([board]))
    dealt = table.drop(columns=["experiment", "found"]).assign(set="train")
    for fold in range(3):
        runs.train(folder, "vgg", fold, dealt, "")
    return of_model(folder, maps=False)
