"""Growing shares of the training samples: nested, whole blocks, judged on the same folds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import augment, cli, files, metrics, sample_size, split, train
from assay.experiment import Augmentation, Experiment
from assay.learning.material import gather
from assay.learning.retraining import narrowed
from tiny_assay import photographs

SHARES = [0.2, 0.3, 0.45, 0.7, 1.0]
RIDGE = Experiment("ridge", "colour_statistics", {"regressor": "ridge"}, size=16)


def assay(folder: Path, number: int = 240) -> Path:
    """Photographs under a lamp that wavers, two a sample, dealt to three folds."""
    images, table = photographs(number)
    rng = np.random.default_rng(1)
    lamp = rng.normal(0, 15, (number, 1, 1, 1)) + rng.normal(0, 1, (number, 1, 1, 3))
    pictures = np.clip(images + lamp, 0, 255).astype(np.uint8)
    files.save_array(folder / "images.npy", images.shape, lambda to: np.copyto(to, pictures))
    files.write_table(folder / "photos.csv", table)
    split.split(folder / "photos.csv", folder / "split.csv", folds=3)
    return folder


def predictions(folder: Path, experiment: Experiment = RIDGE) -> list[Path]:
    """What the step train finds, fold by fold."""
    inputs = [folder / "images.npy"], folder / "split.csv"
    train.train(*inputs, experiment, [0, 1, 2], 80, 350, folder)
    return [folder / f"fold{fold}" / "predictions.csv" for fold in range(3)]


def made(
    folder: Path, experiment: Experiment = RIDGE, shares: list[float] = SHARES
) -> pd.DataFrame:
    sample_size.sample_size(
        [folder / "images.npy"],
        folder / "split.csv",
        experiment,
        [folder / f"fold{fold}" / "predictions.csv" for fold in range(3)],
        shares,
        80,
        350,
        folder / "points.csv",
    )
    return files.read_table(folder / "points.csv")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    folder = assay(tmp_path_factory.mktemp("assay"))
    predictions(folder)
    return folder, made(folder)


def test_shares_are_nested_balanced_and_hold_whole_blocks() -> None:
    rng = np.random.default_rng(0)
    blocks = np.repeat(np.arange(200), 3)
    labels = np.repeat(rng.uniform(80, 350, 200), 3)
    first = sample_size.nested(blocks, labels, SHARES, seed=1)
    assert pd.Series(first).groupby(blocks).nunique().max() == 1
    for place, share in enumerate(SHARES):
        held = first <= place
        assert held.mean() == pytest.approx(share, abs=0.02)
        quartiles = np.quantile(labels[held], [0.25, 0.5, 0.75])
        assert quartiles == pytest.approx(np.quantile(labels, [0.25, 0.5, 0.75]), abs=20)
    assert list(first) == list(sample_size.nested(blocks, labels, SHARES, seed=1))
    assert list(first) != list(sample_size.nested(blocks, labels, SHARES, seed=2))


def test_every_share_trains_on_more_and_never_on_the_fold_held_out(tmp_path: Path) -> None:
    folder = assay(tmp_path, 60)
    copies, drawn = tmp_path / "copies.npy", tmp_path / "copies.csv"
    preset = Augmentation(copies=2, turn="right_angles")
    augment.augment(folder / "images.npy", folder / "split.csv", preset, 16, copies, drawn, seed=1)
    data = gather([folder / "images.npy"], folder / "split.csv", 1, [copies], [drawn])
    before: set[int] = set()
    for part in sample_size.parts_of(data, SHARES, seed=1):
        assert before < set(part.seen)
        before = set(part.seen)
        blocks = part.table["block"].to_numpy()
        assert not set(blocks[part.seen]) & set(blocks[part.held_out])
        assert set(part.parents) == set(part.seen), "copies come with their parents, and no other"
        assert len(part.training()[0]) == 3 * len(part.seen)
        assert np.array_equal(part.held_out, data.held_out)
    whole = narrowed(data, data.seen, data.held_out)
    pairs = zip(whole.training(), data.training(), strict=True)
    assert all(np.array_equal(one[:], two[:]) for one, two in pairs), "all of it is all of it"


def test_the_whole_share_is_the_run_itself(done: tuple[Path, pd.DataFrame]) -> None:
    folder, points = done
    found = pd.concat([files.read_table(folder / f"fold{f}" / "predictions.csv") for f in range(3)])
    held = found[found["role"].eq("held_out")]
    known = files.read_table(folder / "split.csv").set_index("photo")["label"].loc[held["photo"]]
    last = points[points["fold"].eq("pooled")].iloc[-1]
    assert last["rmse"] == pytest.approx(metrics.rmse(known, held["found"]), rel=1e-12)
    again = made(folder, shares=[0.5, 0.999999, 1.0])
    trained, reused = (again[again["share"].eq(share)] for share in (0.999999, 1.0))
    assert list(trained["rmse"]) == pytest.approx(list(reused["rmse"])), "trained again, the same"


def test_the_error_falls_and_rows_say_what_they_rest_on(done: tuple[Path, pd.DataFrame]) -> None:
    points = done[1]
    pooled = points[points["fold"].eq("pooled")]
    assert list(pooled["share"]) == SHARES
    assert pooled["rmse"].iloc[0] > 1.15 * pooled["rmse"].iloc[-1]
    assert pooled["rmse"].between(pooled["rmse_low"], pooled["rmse_high"]).all()
    assert list(pooled["judged"].unique()) == [96]
    assert list(pooled["samples"]) == pytest.approx([64 * share for share in SHARES], abs=2)
    assert list(pooled["photographs"]) == pytest.approx(list(2 * pooled["samples"]), abs=1)
    assert list(points["fold"].unique()) == ["0", "1", "2", "pooled"]
    assert points["note"].isna().all()


def test_too_few_samples_and_a_failed_training_are_told(tmp_path: Path) -> None:
    folder = assay(tmp_path, 40)
    paths = predictions(folder)
    broken = files.read_table(paths[0]).assign(found=np.nan)
    files.write_table(paths[0], broken)
    points = made(folder).set_index(["share", "fold"])
    assert np.isnan(points.loc[(0.2, "pooled"), "rmse"])
    assert points.loc[(0.2, "pooled"), "note"] == "3 of 3 folds: fewer than 5 samples to train on"
    assert points.loc[(1.0, "0"), "note"] == "1 of 1 folds: training failed"
    assert points.loc[(1.0, "pooled"), "note"] == "1 of 3 folds: training failed"
    assert points.loc[(1.0, "pooled"), "rmse"] > 0


@pytest.mark.slow
def test_a_network_is_trained_again_as_well(tmp_path: Path) -> None:
    folder = assay(tmp_path, 40)
    options = {"width": 0.0625}
    network = Experiment("vgg", "vgg", options, size=16, epochs=1, batch_size=8)
    predictions(folder, network)
    points = made(folder, network, [0.6, 1.0])
    assert points["rmse"].gt(0).all()


def test_the_step_has_a_command_line() -> None:
    assert "--shares" in cli.parser(sample_size.sample_size).format_help()
