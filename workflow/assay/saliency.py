"""Find where one experiment's models look, on a few photographs that they were not trained on."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from assay import cli, files
from assay.learning import occlusion, trained
from assay.metrics import errors, on_scale
from assay.pictures.stack import Stack
from assay.quantity import Quantity

logger = logging.getLogger("assay")
RANDOM = ("mean", "lowest", "highest")  # of the random maps


def chosen(table: pd.DataFrame, number: int, quantity: Quantity) -> pd.DataFrame:
    """The worst photograph and others, `number` in all, evenly from low to high known values.

    table: photo, label, found. With the column role, which says why a photograph was chosen. An
    answer at an end of the range can't move beyond it: others are taken where there are enough.
    """
    if table.empty:  # every fold failed
        return table.assign(role="")
    error = np.abs(errors(table["label"], table["found"], quantity.scale))
    worst = table.iloc[[int(np.argmax(error))]].assign(role="largest residual")
    others = table.drop(worst.index).sort_values("label", kind="stable")
    inside = others["found"].gt(quantity.low) & others["found"].lt(quantity.high)
    others = others[inside] if inside.sum() >= number else others
    places = np.unique(np.round(np.linspace(0, len(others) - 1, number - 1)).astype(int))
    evenly = others.iloc[places[: len(others)]].copy()
    names = {0: "lowest known", len(others) - 1: "highest known"}
    evenly["role"] = [names.get(int(place), "between") for place in places[: len(others)]]
    return pd.concat([evenly, worst], ignore_index=True)


def of_folds(models: list[Path], folds: set[int]) -> dict[int, occlusion.Predict]:
    """The predicting functions of these folds' models, by fold; a model that failed has none."""
    paths = {files.read_json(path.with_suffix(".json"))["fold"]: path for path in models}
    return {fold: trained.load(paths[fold])[1] for fold in folds}


def looked_at(
    rows: pd.DataFrame,
    pictures: np.ndarray,
    predictors: dict[int, occlusion.Predict],
    quantity: Quantity,
) -> tuple[list[np.ndarray], list[occlusion.Deletion]]:
    """Map and test of each photograph, by the model that was trained without it."""
    span = float(np.ptp(on_scale([quantity.low, quantity.high], quantity.scale, "range")))
    maps, tests = [], []
    for row, picture in zip(rows.to_dict("records"), pictures, strict=True):
        predict, generator = predictors[row["fold"]], np.random.default_rng(row["photo"])
        maps.append(occlusion.saliency(predict, picture, quantity.scale))
        still = occlusion.STILL * span
        tests.append(
            occlusion.deletion(predict, picture, maps[-1], still, generator, quantity.scale)
        )
    return maps, tests


def summary_of(tests: list[occlusion.Deletion]) -> dict[str, Any]:
    """What the maps of all photographs together are worth."""
    p = occlusion.p_value(tests)
    verdict = "no map" if p is None else "beats random maps" if p <= occlusion.FINE else "not shown"
    maps = sum(bool(one.direction) for one in tests)
    return {"photographs": len(tests), "maps": maps, "p": p, "verdict": verdict}


def tested(rows: pd.DataFrame, tests: list[occlusion.Deletion]) -> pd.DataFrame:
    """One row a photograph: how far its map moves the answer, and how far random maps do."""
    means = [float(occlusion.mean_shift(one.by_map)) for one in tests]
    random = [occlusion.mean_shift(one.by_random) for one in tests]
    result = rows.assign(direction=[one.direction for one in tests], shift=means)
    result["random_mean"] = [one.mean() for one in random]
    result["random_highest"] = [one.max() for one in random]
    result["random_beaten"] = [
        int(np.sum(own > one)) for own, one in zip(means, random, strict=True)
    ]
    return result.assign(random_maps=occlusion.RANDOM)


def curves(rows: pd.DataFrame, tests: list[occlusion.Deletion]) -> pd.DataFrame:
    """One row a photograph and share hidden: the shift by the map, and by random maps."""
    header = pd.DataFrame(columns=["photo", "share", "shift", *(f"random_{x}" for x in RANDOM)])
    parts = [
        pd.DataFrame(
            {
                "photo": photo,
                "share": occlusion.SHARES,
                "shift": one.by_map,
                "random_mean": one.by_random.mean(axis=0),
                "random_lowest": one.by_random.min(axis=0),
                "random_highest": one.by_random.max(axis=0),
            }
        )
        for photo, one in zip(rows["photo"], tests, strict=True)
    ]
    return pd.concat(parts, ignore_index=True) if parts else header


def cells(rows: pd.DataFrame, maps: list[np.ndarray]) -> pd.DataFrame:
    """One row a photograph and cell: the mean shift of the answer while it is hidden."""
    header = pd.DataFrame(columns=["photo", "row", "column", "shift"])
    parts = []
    for photo, one in zip(rows["photo"], maps, strict=True):
        down, right = np.indices(one.shape).reshape(2, -1)
        parts.append(
            pd.DataFrame({"photo": photo, "row": down, "column": right, "shift": one.ravel()})
        )
    return pd.concat(parts, ignore_index=True) if parts else header


def saliency(
    images: list[Path],
    split: Path,
    models: list[Path],
    predictions: list[Path],
    quantity: Quantity,
    number: int,
    out: Path,
    threads: int = 1,
) -> None:
    """Write to the folder OUT where the fold models look on NUMBER photographs held out.

    photographs.csv has the test of each map against random ones, curves.csv how the answer moves as
    more is hidden, cells.csv the maps, summary.json the verdict. MODELS and PREDICTIONS are those
    of the folds of one experiment, in one order.
    """
    torch.set_num_threads(threads)
    split_table = files.read_table(split)[["photo", "image", "sample", "group", "fold", "label"]]
    found = pd.concat([files.read_table(path) for path in predictions], ignore_index=True)
    found = found[found["role"].eq("held_out")].drop(columns="role").dropna(subset="found")
    table = split_table.merge(found, on="photo", validate="one_to_one")
    rows = chosen(table, number, quantity)
    pictures = Stack(files.load_shards(images, "resize"))[rows["photo"].to_numpy()]
    maps, tests = looked_at(rows, pictures, of_folds(models, set(rows["fold"])), quantity)
    files.write_table(out / "photographs.csv", tested(rows, tests))
    files.write_table(out / "curves.csv", curves(rows, tests))
    files.write_table(out / "cells.csv", cells(rows, maps))
    result = summary_of(tests)
    files.write_json(out / "summary.json", result)
    logger.info("Saliency: %s", result["verdict"])


if __name__ == "__main__":
    cli.run(saliency)
