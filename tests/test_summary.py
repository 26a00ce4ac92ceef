"""The table of sizes, costs and invariances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from assay import cli, files
from assay.experiment import Experiment
from assay.faults import BadInput
from assay.learning.predictor import Predictor
from assay.simulation.scene import light
from assay.summary import COLUMNS, picture, remark, scenes, summary, turned

SMALL = {"width": 0.125}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    out = tmp_path_factory.mktemp("summary") / "summary.csv"
    experiments = [
        Experiment("constant", "constant"),
        Experiment("vgg", size=32, options=SMALL),
        Experiment("pair", size=32, options=SMALL, head="two_stage"),
        Experiment("gcnn", "gcnn", size=32, options=SMALL),
        Experiment("steerable", "steerable", size=32, options=SMALL),
        Experiment("orbit", size=32, options=SMALL, orbit=True),
    ]
    summary(experiments, out, seconds=0.01)
    return files.read_table(out).set_index("experiment")


def test_it_has_a_row_for_each_experiment(table: pd.DataFrame) -> None:
    assert list(table.reset_index().columns) == COLUMNS
    assert list(table.index) == ["constant", "vgg", "pair", "gcnn", "steerable", "orbit"]
    assert table.loc["constant"].drop(["architecture", "size"]).isna().all()
    numbers = table.drop(index="constant").drop(columns=["architecture", "state", "remark"])
    assert np.isfinite(numbers.to_numpy(dtype=float)).all()
    assert (table["state"].dropna() == "fresh").all()


def test_two_nets_and_eight_poses_cost_what_they_cost(table: pd.DataFrame) -> None:
    assert table.loc["orbit", "multiply_adds"] == 8 * table.loc["vgg", "multiply_adds"]
    assert table.loc["orbit", "parameters"] == table.loc["vgg", "parameters"]
    assert table.loc["pair", "parameters"] > 1.9 * table.loc["vgg", "parameters"]


def test_equivariant_networks_hardly_move(table: pd.DataFrame) -> None:
    eight = table["spread_8_poses_percent"]
    assert (eight[["gcnn", "steerable", "orbit"]] < 1e-3).all()
    assert eight["vgg"] > 0.05
    assert table.loc["steerable", "spread_45_degrees_percent"] < 2
    assert (table["spread_15_degrees_percent"].dropna() >= eight.dropna() * 0.5).all()


def test_the_remark_explains_the_count_of_the_question() -> None:
    said = remark(Experiment("x"), 502_624)
    assert "533,344" in said
    assert "32 x 32 x 32" in said
    assert "8 x 8 x 32, which gives 502,624" in said
    assert remark(Experiment("x", options={"width": 0.5}), 1) == ""
    assert remark(Experiment("x", "gcnn"), 1) == ""


def test_stored_weights_are_used(tmp_path: Path) -> None:
    experiment = Experiment("vgg", size=32, options=SMALL)
    torch.manual_seed(3)
    predictor = Predictor(experiment, 80.0, 350.0)
    model = tmp_path / "model.safetensors"
    with torch.no_grad():
        predictor.net[-1].weight.zero_()
    save_file(predictor.state_dict(), model)
    files.seal(model)
    out = tmp_path / "summary.csv"
    summary([experiment], out, trained=[model], seconds=0.01)
    row = files.read_table(out).iloc[0]
    assert row["state"] == "trained"
    assert row["spread_8_poses_percent"] == 0


def test_models_must_be_as_many_as_networks(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="1 models are given for 0 networks"):
        summary([Experiment("c", "constant")], tmp_path / "x.csv", trained=[tmp_path / "m"])


def test_it_is_a_command(tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    words = ["--experiments", '{"name": "c", "architecture": "constant"}', "--out", str(out)]
    with pytest.raises(SystemExit) as left:
        cli.run(summary, [*words, "--quiet"])
    assert left.value.code == 0
    assert len(files.read_table(out)) == 1


def test_a_scene_turned_by_a_right_angle_is_its_picture_turned() -> None:
    for scene in scenes():
        expected = np.rot90(light(scene, 64), -1)
        np.testing.assert_allclose(light(turned(scene, 90), 64), expected, atol=1e-4)
        assert picture(scene, 16).shape == (16, 16, 3)


def test_it_measures_nets_for_any_quantity(tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    angle = Experiment("digits", size=28, color="gray", options=SMALL)
    summary([angle], out, low=-45, high=45, seconds=0.01)
    assert np.isfinite(files.read_table(out)["spread_30_degrees_percent"]).all()
