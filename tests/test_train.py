from __future__ import annotations

import hashlib
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from assay import files, train
from assay.experiment import Experiment
from assay.faults import BadInput
from assay.learning import fitting, trained, training

NETWORK = Experiment(
    "net", options={"width": 0.125, "dropout": 0.0}, size=16, epochs=4, batch_size=8
)
BASELINE = Experiment("colour", architecture="mean_colour", size=16)


def run(folder: Path, experiment: Experiment, out: str = "job", fold: int = 1) -> Path:
    inputs = [folder / "images.npy"], folder / "split.csv"
    train.train(*inputs, experiment, [fold], 80.0, 350.0, folder / out)
    return folder / out / f"fold{fold}"


@pytest.mark.parametrize("experiment", [NETWORK, BASELINE], ids=["network", "baseline"])
def test_a_stored_model_predicts_what_was_written(tiny: Path, experiment: Experiment) -> None:
    job = run(tiny, experiment)
    description, predict = trained.load(job / "model.safetensors")
    written = files.read_table(job / "predictions.csv")
    held_out = written[written["role"].eq("held_out")]
    images = files.load_array(tiny / "images.npy", "resize")
    assert np.array_equal(predict(images[held_out["photo"]]), held_out["found"])
    assert description["fold"] == 1
    # batch norm's running means are stored, but not learned
    stored = sum(array.size for array in load_file(job / "model.safetensors").values())
    assert 0 < description["parameters"] <= stored
    dealt = files.read_table(tiny / "split.csv")
    assert set(held_out["photo"]) == set(dealt.loc[dealt["fold"].eq(1), "photo"])
    assert set(written["photo"]) == set(dealt.loc[dealt["set"].eq("train"), "photo"])


def test_a_colour_baseline_finds_the_concentration(tiny: Path) -> None:
    found = files.read_table(run(tiny, BASELINE) / "predictions.csv")
    known = files.read_table(tiny / "split.csv").set_index("photo")["label"]
    assert np.abs(found["found"] - known[found["photo"]].to_numpy()).max() < 5


def test_twice_the_same_is_the_same_to_the_byte(tiny: Path) -> None:
    jobs = [run(tiny, NETWORK, out) for out in ("a", "b")]
    for name in ("model.safetensors", "model.json", "history.csv", "predictions.csv"):
        assert (jobs[0] / name).read_bytes() == (jobs[1] / name).read_bytes(), name
    other = run(tiny, replace(NETWORK, seed=2), "c")
    assert (other / "model.safetensors").read_bytes() != (
        jobs[0] / "model.safetensors"
    ).read_bytes()


@pytest.mark.parametrize("experiment", [NETWORK, BASELINE], ids=["network", "baseline"])
def test_shards_teach_the_same_as_one_file(tiny: Path, experiment: Experiment) -> None:
    whole = run(tiny, experiment)
    images = files.load_array(tiny / "images.npy", "resize")
    parts = []
    for number, part in enumerate(np.split(images, [7, 7, 20])):
        parts.append(tiny / f"shard{number}.npy")
        files.save_array(parts[-1], part.shape, lambda to, part=part: np.copyto(to, part))
    train.train(parts, tiny / "split.csv", experiment, [1], 80.0, 350.0, tiny / "sharded")
    for name in ("model.safetensors", "model.json", "history.csv", "predictions.csv"):
        assert (tiny / "sharded/fold1" / name).read_bytes() == (whole / name).read_bytes(), name


def test_the_log_tells_the_time_of_all_epochs(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    learn = fitting.fit

    def slow(*given: object) -> None:
        time.sleep(0.5)  # before the first epoch has ended
        learn(*given)

    monkeypatch.setattr(fitting, "fit", slow)
    caplog.set_level("INFO", "assay")
    run(tiny, NETWORK)
    (seconds,) = re.findall(r"net: 4 epochs in (\S+) s", caplog.text)
    assert float(seconds) >= 0.5


def test_the_curve_has_every_epoch_and_both_errors_at_the_last(tiny: Path) -> None:
    history = files.read_table(run(tiny, NETWORK) / "history.csv")
    assert list(history["epoch"]) == [1, 2, 3, 4]
    assert history[["rmse_train", "rmse_held_out"]].iloc[-1].notna().all()


def test_two_stages_are_trained_in_series(tiny: Path) -> None:
    history = files.read_table(run(tiny, replace(NETWORK, head="two_stage")) / "history.csv")
    assert list(history["stage"]) == [0] * 4 + [1] * 4


def test_a_diverging_network_is_marked_and_predicts_nothing(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(*_: object) -> None:
        raise fitting.Diverged("the loss became nan in epoch 1 of 4")

    monkeypatch.setattr(fitting, "fit", diverge)
    job = run(tiny, NETWORK)
    assert files.read_json(job / "model.json")["failure"] == "the loss became nan in epoch 1 of 4"
    assert files.read_table(job / "predictions.csv")["found"].isna().all()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_an_error_with_advice() -> None:
    with pytest.raises(BadInput, match=r"E_GPU: a GPU was asked for.*--resources gpu=0"):
        training.device_of("cuda")


def test_declared_weights_are_where_training_starts(tiny: Path) -> None:
    weights = run(tiny, NETWORK) / "model.safetensors"
    net = {name[4:]: value for name, value in load_file(weights).items() if name[:4] == "net."}
    path = tiny / "weights.safetensors"
    save_file(net, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    still = replace(NETWORK, learning_rate=1e-12, epochs=1)
    declared = replace(still, pretrained=str(path), pretrained_sha256=digest)
    after = load_file(run(tiny, declared, "declared") / "model.safetensors")
    fresh = load_file(run(tiny, still, "fresh") / "model.safetensors")
    (name,) = [name for name in net if net[name].ndim == 2]
    assert np.allclose(after[f"net.{name}"], net[name], atol=1e-6)
    assert not np.allclose(fresh[f"net.{name}"], net[name], atol=1e-6)
    with pytest.raises(BadInput, match="E_PRETRAINED"):
        run(tiny, replace(declared, pretrained_sha256="0" * 64), "wrong")


def test_a_damaged_model_is_refused(tiny: Path) -> None:
    path = run(tiny, BASELINE) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\0\0")
    with pytest.raises(BadInput, match="E_CHANGED"):
        trained.load(path)


def test_shuffled_labels_can_not_be_learned(tiny: Path) -> None:
    """The canary: a model that finds shuffled labels has seen what it must not see."""
    table = files.read_table(tiny / "split.csv")
    order = np.random.default_rng(0).permutation(table["label"].to_numpy()[::2])
    table["label"] = np.repeat(order, 2)
    files.write_table(tiny / "split.csv", table)
    errors = []
    for fold in range(3):
        found = files.read_table(run(tiny, BASELINE, f"f{fold}", fold) / "predictions.csv")
        held = found[found["role"].eq("held_out")]
        errors.append(held["found"].to_numpy() - table["label"].to_numpy()[held["photo"]])
    known = table.loc[table["set"].eq("train"), "label"]
    r2 = 1 - np.sum(np.concatenate(errors) ** 2) / np.sum((known - known.mean()) ** 2)
    assert r2 <= 0.05


@pytest.mark.parametrize(
    ("has", "precision", "warned"),
    [
        (False, "bfloat16", True),
        (True, "bfloat16", False),
        (None, "bfloat16", False),
        (False, "float32", False),
    ],
)
def test_a_processor_without_bfloat16_is_told_of(
    has: bool | None,
    precision: Literal["float32", "bfloat16"],
    warned: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(train.machine, "multiplies_bfloat16", lambda: has)
    train.settle(replace(NETWORK, precision=precision), torch.device("cpu"), 1)
    assert ("net: this processor has no products in bfloat16" in caplog.text) == warned
