from __future__ import annotations

from pathlib import Path

import pytest

import runs
from assay import overview

NAMES = ("leaderboard", "differences", "split", "test", "wall")


def draw(folder: Path) -> Path:
    """The figures of a whole run; their folder."""
    overview.overview(
        folder / "split.csv",
        folder / "leaderboard.csv",
        folder / "comparison.csv",
        folder / "predictions.csv",
        folder / "evaluate" / "predictions.csv",
        folder / "evaluate" / "scores.json",
        [folder / "images.npy"],
        reference="colour",
        quantity=runs.QUANTITY,
        seed=1,
        out=folder / "figures",
    )
    return folder / "figures"


@pytest.mark.parametrize("test", [True, False])
def test_every_figure_is_written_with_a_test_set_and_without(tiny: Path, test: bool) -> None:
    folder = draw(runs.make(tiny, test=test, failing="constant"))
    for name in NAMES:
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert b"<svg" in (folder / f"{name}.svg").read_bytes()


def test_what_is_not_there_is_said(tiny: Path) -> None:
    table = overview.files.read_table(tiny / "split.csv")[:0]
    with overview.style.style():
        figure = overview.of_test({"experiment": "vgg", "models": 3}, table, runs.QUANTITY, 1)
    assert "No test set was set aside." in [text.get_text() for text in figure.texts]
