from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import deliveries
from assay import export, files
from assay.faults import BadInput
from assay.method import container


def test_a_method_holds_models_graph_card_and_all_that_is_told(
    small_run: Path, network_method: Path
) -> None:
    names = {path.name for path in network_method.iterdir()}
    folds = {"fold0.safetensors", "fold1.safetensors"}
    assert names == {"method.json", "README.md", "arrays.safetensors", "model.onnx"} | folds
    told = container.read(network_method).description
    assert (told.folds, told.kind, told.experiment) == (2, "network", deliveries.VGG)
    assert told.quantity == deliveries.QUANTITY
    summary = files.read_json(small_run / "summary.json")
    assert told.reading.fingerprint == summary["reading"]
    assert told.training.photographs == told.interval.units == 36
    assert told.training.formats == {"PNG": 36}
    assert {"features_t", "colour_q", "saturated"} <= set(told.limits)
    scores = files.read_json(small_run / "vgg" / "scores.json")
    assert told.scores["test"]["rmse"] == scores["rmse"]["estimate"]


def test_the_card_tells_data_scores_intervals_and_limits(network_method: Path) -> None:
    card = (network_method / "README.md").read_text(encoding="utf-8")
    for words in ("36 **simulated** photographs of 36 samples", "80 to 350 mg/L", "out of fold"):
        assert words in card
    assert "| **single models, out of fold** | 36 |" in card
    assert "held-out training photographs" in card
    assert not {"None", "nan"} & set(card.replace("|", " ").split())


def test_the_same_run_gives_the_same_bytes(small_run: Path, baseline_method: Path) -> None:
    again = deliveries.deliver(small_run, deliveries.MEAN, small_run / "again")
    for path in baseline_method.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def test_arrays_of_models_are_those_of_training(small_run: Path, network_method: Path) -> None:
    method = container.read(network_method)
    for fold in range(2):
        trained = small_run / "train" / "vgg" / f"fold{fold}" / "model.safetensors"
        stored = export.load_arrays(trained.read_bytes())
        delivered = method.fold(fold)
        assert stored.keys() == delivered.keys()
        assert all(np.array_equal(stored[name], delivered[name]) for name in stored)


def test_a_failed_or_unknown_experiment_is_refused(small_run: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="E_EXPERIMENT"):
        deliveries.deliver(small_run, deliveries.MEAN, tmp_path / "m", experiment="nobody")
    models = sorted(small_run.glob("train/mean/fold*/model.safetensors"))
    copies = [tmp_path / "mean" / path.parent.name / path.name for path in models]
    for model, copy in zip(models, copies, strict=True):
        shutil.copytree(model.parent, copy.parent)
    description = files.read_json(copies[1].with_suffix(".json")) | {"failure": "loss is nan"}
    files.write_json(copies[1].with_suffix(".json"), description)
    with pytest.raises(BadInput, match=r"E_FAILED.*loss is nan"):
        export.fold_models(copies, "mean")


def test_models_that_do_not_give_their_own_predictions_are_refused(
    small_run: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(small_run, run, ignore=shutil.ignore_patterns("method*", "again"))
    table = files.read_table(run / "mean" / "predictions.csv")
    files.write_table(run / "mean" / "predictions.csv", table.assign(found=table["found"] + 5))
    with pytest.raises(BadInput, match="off their out-of-fold values by 5"):
        deliveries.deliver(run, deliveries.MEAN, tmp_path / "m")


def test_a_photograph_that_changed_since_is_refused(small_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(small_run, run, ignore=shutil.ignore_patterns("method*", "again"))
    table = files.read_table(run / "photos.csv")
    first, second = (run / "photos" / name for name in table["image"][:2])
    shutil.copy(second, first)
    with pytest.raises(BadInput, match="E_CHANGED"):
        deliveries.deliver(run, deliveries.MEAN, tmp_path / "m")
