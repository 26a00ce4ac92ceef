from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import files, price
from assay.experiment import AUGMENTATIONS, Augmentation
from assay.faults import BadInput
from test_train import BASELINE, run


def board(tiny: Path, architecture: str = "mean_colour") -> Path:
    rows = {"experiment": ["colour"], "architecture": [architecture], "rmse": [1.0]}
    files.write_table(tiny / "leaderboard.csv", pd.DataFrame(rows))
    return tiny / "leaderboard.csv"


def prices(tiny: Path, **preset: object) -> pd.DataFrame:
    jobs = [run(tiny, BASELINE, "colour", fold) for fold in range(3)]
    models = [job / "model.safetensors" for job in jobs]
    out = tiny / "prices.csv"
    images, split = tiny / "images.npy", tiny / "split.csv"
    price.price([images], split, board(tiny), models, {"mine": preset}, out)
    return files.read_table(out).set_index(["operation", "value"])


def test_brightness_shifts_the_answer_and_a_turn_does_not(tiny: Path) -> None:
    table = prices(tiny, brightness=[-0.05, 0.05], turn="any", noise=[0, 0.02])
    assert set(table.index) == {
        ("brightness", -0.05),
        ("brightness", 0.05),
        ("turn", 45.0),
        ("noise", 0.02),
    }
    # the tiny assay darkens with concentration: brighter reads lower, by the slope of its colour
    assert table.loc[("brightness", 0.05), "shift"] < -10
    assert table.loc[("brightness", -0.05), "shift"] > 10
    assert abs(table.loc[("turn", 45.0), "shift"]) < 2
    assert (table["photographs"] == 24).all()
    assert (table["by"] == "colour").all()


def test_the_operations_are_those_of_the_preset_at_its_ends() -> None:
    names = [(name, value) for name, value, _ in price.operations(AUGMENTATIONS["fischer"])]
    assert names == [
        ("turn", 45.0),
        ("shift", 0.05),
        ("brightness", -0.2),
        ("brightness", 0.2),
        ("gamma", -0.5),
        ("gamma", 0.1),
        ("noise", 0.02),
    ]
    assert price.operations(Augmentation(turn="right_angles", mirror=True)) == []


def test_without_a_colour_baseline_there_is_no_price(tiny: Path) -> None:
    with pytest.raises(BadInput, match="E_BASELINE"):
        price.best_baseline(files.read_table(board(tiny, "constant")))


def test_a_still_picture_has_no_shift() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    change = price.shifts(lambda images: images.mean((1, 2, 3)), pictures, 8, price.STILL, "linear")
    assert np.array_equal(change, np.zeros(3))
