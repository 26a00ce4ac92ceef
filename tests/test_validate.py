from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import validations
from assay import cli, files, validate
from assay.faults import BadInput
from assay.quantity import Quantity
from assay.validation import accuracy, rows
from validations import holds, make, photographs, row


def test_nothing_planted_nothing_found(tmp_path: Path) -> None:
    folder = make(tmp_path, photographs())
    for what in ("joint test", "lack of fit", "Mandel", "Brown-Forsythe"):
        assert row(folder, "linearity", what)["p"] > 0.01
    assert holds(row(folder, "linearity", "slope"), 1)
    assert holds(row(folder, "agreement", "bias"), 0)
    assert set(files.read_table(folder / "levels.csv")["verdict"]) == {"meets"}
    assert files.read_table(folder / "suspects.csv").empty
    assert files.read_json(folder / "summary.json")["groups"]["p"] > 0.05


def test_a_proportional_error_of_two_percent_is_found_and_sized(tmp_path: Path) -> None:
    table = photographs()
    table["found"] *= 1.02
    folder = make(tmp_path, table)
    assert row(folder, "linearity", "joint test")["p"] < 0.001
    assert holds(row(folder, "linearity", "slope"), 1.02)
    for name in ("Deming", "Passing"):
        assert holds(row(folder, "lines", name, "method"), 1.02)
    recovery = files.read_table(folder / "levels.csv")
    held = recovery["recovery_low"].le(102) & recovery["recovery_high"].ge(102)
    assert held.sum() >= 5


def test_a_constant_bias_and_curvature_are_found(tmp_path: Path) -> None:
    table = photographs()
    table["found"] += 5 + 12 * ((table["label"] - 215) / 135) ** 2
    folder = make(tmp_path, table)
    assert holds(
        row(folder, "agreement", "bias"), 5 + 12 * np.mean(((np.arange(6) - 2.5) / 2.5) ** 2)
    )
    assert holds(row(folder, "linearity", "curvature"), 12)
    assert row(folder, "linearity", "Mandel")["p"] < 0.001
    assert row(folder, "linearity", "lack of fit")["p"] < 0.001


def test_sessions_that_shift_are_found_and_sized_beside_the_photographs(tmp_path: Path) -> None:
    folder = make(tmp_path, photographs(samples=120, groups=12, session=6.0))
    assert row(folder, "precision", "test: groups", "component")["p"] < 0.001
    assert holds(row(folder, "precision", "between sessions", "component"), 6, "sd")
    assert holds(row(folder, "precision", "between photographs", "component"), 1, "sd")
    facts = files.read_json(folder / "summary.json")["groups"]
    assert facts["share"] > 0.5


def test_swapped_and_slipped_labels_are_suggested_and_never_applied(tmp_path: Path) -> None:
    table = photographs(photos=1)
    table.loc[[10, 11], "label"] = table.loc[[11, 10], "label"].to_numpy()
    table.loc[30, "label"] /= 10
    folder = make(tmp_path, table)
    found = files.read_table(folder / "suspects.csv").set_index("photo")
    assert set(found.index) == {10, 11, 30}
    assert found.loc[10, "partner"] == "11.png"
    assert found.loc[10, "kind"] == "swapped"
    assert found.loc[30, "kind"] == "decimal point"
    assert list(found["row"]) == [place + 2 for place in found.index]
    own = files.read_table(folder / "samples.csv")
    assert own.loc[30, "known"] == table.loc[30, "label"]
    assert {"s010", "s011", "s030"} <= set(files.read_table(folder / "outliers.csv")["sample"])


def test_every_level_names_the_rows_that_made_it(tmp_path: Path) -> None:
    folder = make(tmp_path, photographs(levels=0))
    own, levels = (files.read_table(folder / f"{name}.csv") for name in ("samples", "levels"))
    assert len(levels) == 5
    for one in levels.to_dict("records"):
        mine = own[own["level"].eq(one["level"])]
        assert len(mine) == one["samples"]
        assert mine["error"].mean() == pytest.approx(one["bias"])
        assert mine["known"].between(one["known_low"], one["known_high"]).all()
    assert own["error"].to_numpy() == pytest.approx(own["found"] - own["known"])


def test_on_a_log_scale_recovery_is_a_ratio_and_levels_keep_their_values(tmp_path: Path) -> None:
    table = photographs(levels=0, photos=3)
    doses = 0.1 * 3.0 ** (np.arange(60) % 6)
    rng = np.random.default_rng(1)
    table["label"] = np.repeat(doses, 3)
    table["found"] = table["label"] * 1.1 * np.repeat(10 ** rng.normal(0, 0.02, 60), 3)
    table["found_seen"] = table["found"]
    folder = make(tmp_path, table, Quantity("ppm", "", 0.1, 30, "log10"))
    levels = files.read_table(folder / "levels.csv")
    assert list(levels["known"]) == sorted(set(doses))
    assert (levels["recovery_low"] <= 110).sum() >= 5
    assert levels["recovery"].between(105, 115).all()
    assert levels["rsd"].between(1.5, 8).all()
    agreement = files.read_table(folder / "agreement.csv")
    percent = agreement[agreement["unit"].eq("%") & agreement["what"].eq("bias")].iloc[0]
    assert holds(percent.to_dict(), 10)
    assert holds(row(folder, "agreement", "bias"), np.log10(1.1))
    assert holds(row(folder, "linearity", "slope"), 1)


@pytest.mark.parametrize("samples", [1, 2, 3, 5, 12])
def test_few_samples_say_what_they_cant_support(tmp_path: Path, samples: int) -> None:
    table = photographs(samples=samples, photos=1, levels=0, groups=1)
    table["group"] = ""
    folder = make(tmp_path, table)
    missing = files.read_table(folder / "unsupported.csv").set_index("what")["why"]
    assert "no group column" in missing["repeatability and intermediate precision"]
    assert missing["the photo-to-photo part of the scatter"] == "each sample has one photograph"
    assert missing["limit of detection"].startswith("not estimable from these data")
    assert f"from {samples} samples" in missing["a narrow interval of the SD of errors"]
    assert "fewer than 5 samples" in missing["error at single levels"]
    assert files.read_json(folder / "summary.json")["thin"]


def test_a_limit_of_quantification_is_not_claimed_below_levels_that_miss_it() -> None:
    table = photographs(photos=1, noise=0.0)
    wild = table["label"].eq(350)
    table.loc[wild, "found"] += 200 * (-1) ** np.arange(wild.sum())
    own = rows.samples(table, "linear")
    judged = accuracy.judged(own, "linear", 15)
    limit = accuracy.limits_table(judged, own, 20, 20).iloc[0]
    assert limit["text"] == "not established"
    assert "missed again at the higher level 350" in limit["reason"]
    assert np.isnan(limit["value"])


def test_a_sample_in_two_groups_has_none_and_precision_says_so(tmp_path: Path) -> None:
    table = photographs()
    table.loc[0, "group"] = "elsewhere"
    folder = make(tmp_path, table)
    assert "several groups" in row(folder, "precision", "all", "component")["note"]


def test_where_every_experiment_failed_the_fault_is_a_sentence(tmp_path: Path) -> None:
    make(tmp_path, photographs())
    board = pd.DataFrame({"experiment": ["vgg"], "rmse": [np.nan]})
    files.write_table(tmp_path / "leaderboard.csv", board)
    names = ("predictions", "leaderboard", "photos", "test")
    with pytest.raises(BadInput, match="E_ALL_FAILED"):
        validate.validate(
            **{name: tmp_path / f"{name}.csv" for name in names},
            quantity=validations.QUANTITY,
            goals=validations.GOALS,
            out=tmp_path / "other",
            summary=tmp_path / "other.json",
        )


def test_the_step_has_a_command_line() -> None:
    assert "--goals" in cli.parser(validate.validate).format_help()
