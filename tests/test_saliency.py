from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import cli, files, saliency, train
from assay.experiment import Experiment
from assay.quantity import Quantity

QUANTITY = Quantity("concentration", "mg/L", 80.0, 350.0)


def trained(folder: Path, architecture: str = "mean_colour") -> list[Path]:
    """Train a baseline on the folds of the fixture `tiny`; the models."""
    inputs, out = ([folder / "images.npy"], folder / "split.csv"), folder / "train" / architecture
    experiment = Experiment(architecture, architecture, size=16)
    train.train(*inputs, experiment, [0, 1, 2], 80.0, 350.0, out)
    return [out / f"fold{fold}" / "model.safetensors" for fold in range(3)]


def look(folder: Path, models: list[Path], number: int = 4) -> Path:
    """Run the step; the folder that it wrote."""
    saliency.saliency(
        [folder / "images.npy"],
        folder / "split.csv",
        models,
        [path.with_name("predictions.csv") for path in models],
        QUANTITY,
        number,
        folder / "saliency",
    )
    return folder / "saliency"


def test_each_photograph_is_judged_by_the_model_that_was_trained_without_it(tiny: Path) -> None:
    models = trained(tiny)
    out = look(tiny, models)
    rows = files.read_table(out / "photographs.csv")
    assert list(rows["role"]) == ["lowest known", "between", "highest known", "largest residual"]
    assert rows["photo"].is_unique
    for row in rows.to_dict("records"):
        held_out = files.read_table(models[row["fold"]].with_name("predictions.csv"))
        held_out = held_out[held_out["role"].eq("held_out")].set_index("photo")["found"]
        assert held_out[row["photo"]] == row["found"]
    cells = files.read_table(out / "cells.csv")
    assert len(cells) == 4 * 8 * 8
    curves = files.read_table(out / "curves.csv")
    assert (curves["random_lowest"] <= curves["random_mean"]).all()
    assert (curves["random_mean"] <= curves["random_highest"]).all()
    assert files.read_json(out / "summary.json")["photographs"] == 4


def test_the_constant_has_no_map(tiny: Path) -> None:
    out = look(tiny, trained(tiny, "constant"))
    summary = files.read_json(out / "summary.json")
    assert summary == {"photographs": 4, "maps": 0, "p": None, "verdict": "no map"}
    assert files.read_table(out / "photographs.csv")["direction"].eq(0).all()


def fail(models: list[Path]) -> None:
    """Make of these what a training that failed would have left."""
    for path in models:
        description = files.read_json(path.with_suffix(".json")) | {"failure": "no number"}
        files.write_json(path.with_suffix(".json"), description)
        table = files.read_table(path.with_name("predictions.csv"))
        files.write_table(path.with_name("predictions.csv"), table.assign(found=np.nan))
        path.write_bytes(b"")


def test_the_photographs_of_a_fold_that_failed_are_left_out(tiny: Path) -> None:
    models = trained(tiny)
    fail(models[:1])
    rows = files.read_table(look(tiny, models) / "photographs.csv")
    assert len(rows) == 4
    assert not rows["fold"].eq(0).any()


def test_where_every_fold_failed_tables_are_empty_with_their_headers(tiny: Path) -> None:
    models = trained(tiny)
    fail(models)
    out = look(tiny, models)
    for name in ("photographs", "curves", "cells"):
        table = files.read_table(out / f"{name}.csv")
        assert table.empty
        assert "photo" in table
    assert files.read_json(out / "summary.json")["verdict"] == "no map"


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_as_many_are_chosen_as_were_asked_for_and_none_twice(number: int) -> None:
    label = np.array([300.0, 100, 200, 85, 345, 250])
    table = pd.DataFrame({"photo": range(6), "label": label, "found": label + 9.0 * (label == 200)})
    rows = saliency.chosen(table, number, QUANTITY)
    assert len(rows) == number
    assert rows["photo"].is_unique
    assert rows["photo"].iloc[-1] == 2
    if number > 2:
        assert list(rows["label"].iloc[[0, -2]]) == [85, 345]
    few = saliency.chosen(table[:1], number, QUANTITY)
    assert list(few["role"]) == ["largest residual"]


def test_answers_at_the_end_of_the_range_are_passed_over() -> None:
    label = np.linspace(90, 340, 11)
    found = np.where(label > 300, 350.0, label)
    table = pd.DataFrame({"photo": range(11), "label": label, "found": found})
    rows = saliency.chosen(table, 4, QUANTITY)
    assert list(rows["found"].iloc[:3]) == [90, 190, 290]
    assert rows["found"].iloc[-1] == 350, "the largest residual is shown all the same"


def test_the_same_models_give_the_same_bytes(tiny: Path) -> None:
    models = trained(tiny)
    first = {path.name: path.read_bytes() for path in look(tiny, models).iterdir()}
    assert first == {path.name: path.read_bytes() for path in look(tiny, models).iterdir()}


def test_a_model_that_was_altered_is_refused(tiny: Path) -> None:
    models = trained(tiny)
    for path in models:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Exception, match="E_CHANGED"):
        look(tiny, models)


def test_the_step_has_a_command_line() -> None:
    assert "--predictions" in cli.parser(saliency.saliency).format_help()
