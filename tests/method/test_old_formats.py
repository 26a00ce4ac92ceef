"""Methods that were written by older versions, kept as files, go on predicting their numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assay import files, predict
from assay.method import container
from assay.method.description import FORMAT

DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.mark.parametrize("number", range(1, FORMAT + 1))
@pytest.mark.parametrize(("name", "runtime"), [("mean", "auto"), ("vgg", "onnx"), ("vgg", "torch")])
def test_a_method_goes_on_giving_its_numbers(
    number: int, name: str, runtime: str, tmp_path: Path
) -> None:
    place = DATA / f"method-{number}"
    assert container.read(place / name).description.format == number
    predict.predict(place / name, [place / "photos"], out=tmp_path / "o.csv", runtime=runtime)
    found, wanted = (
        files.read_table(p, sealed=False) for p in (tmp_path / "o.csv", place / f"{name}.csv")
    )
    assert list(found["image"]) == list(wanted["image"])
    for column in ("concentration", "lower", "upper"):
        assert np.abs(found[column] - wanted[column]).max() < 1e-4 * (350 - 80)
