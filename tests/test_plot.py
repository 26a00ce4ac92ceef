from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import runs
from assay import files, plot


def draw(folder: Path, name: str) -> list[Path]:
    """Plot one experiment of a run; the figures written."""
    figures = [folder / f"{kind}.{suffix}" for kind in "rf" for suffix in ("png", "svg")]
    mine = [path for path in runs.jobs(folder, "model.json") if path.parent.parent.name == name]
    plot.plot(
        folder / "split.csv",
        mine,
        [path.with_name("predictions.csv") for path in mine],
        runs.QUANTITY,
        residuals=figures[:2],
        found_known=figures[2:],
    )
    return figures


def test_only_the_held_out_model_speaks_for_a_photograph(tiny: Path) -> None:
    runs.make(tiny)
    mine = [tiny / "train" / "vgg" / f"fold{fold}" / "predictions.csv" for fold in range(3)]
    table = plot.out_of_fold(mine, tiny / "split.csv")
    pooled = files.read_table(tiny / "predictions.csv")
    pooled = pooled[pooled["experiment"].eq("vgg")]
    assert list(table["photo"]) == list(pooled["photo"])
    assert np.array_equal(table["found"], pooled["found"])


def test_both_figures_are_written_in_both_formats(tiny: Path) -> None:
    for path in draw(runs.make(tiny), "vgg"):
        head = path.read_bytes()[:100]
        assert head.startswith(b"\x89PNG") if path.suffix == ".png" else b"<?xml" in head


@pytest.mark.parametrize("name", ["vgg", "constant"])
def test_a_failed_fold_is_left_out_and_told(tiny: Path, name: str) -> None:
    runs.make(tiny, failing=name)
    mine = [tiny / "train" / name / f"fold{fold}" / "predictions.csv" for fold in range(3)]
    table = plot.out_of_fold(mine, tiny / "split.csv")
    assert table["found"].isna().any()
    with plot.style.style():
        _, found_known = plot.figures(table, runs.QUANTITY, name, 1, ["diverged"])
    told = "\n".join(text.get_text() for text in found_known.texts)
    assert "1 of 3 folds failed" in told
    assert all(path.is_file() for path in draw(tiny, name))


def test_an_experiment_that_failed_everywhere_has_figures_that_say_so(tiny: Path) -> None:
    runs.make(tiny)
    mine = [tiny / "train" / "vgg" / f"fold{fold}" / "predictions.csv" for fold in range(3)]
    table = plot.out_of_fold(mine, tiny / "split.csv").assign(found=np.nan)
    with plot.style.style():
        drawn = plot.figures(table, runs.QUANTITY, "vgg", 1, ["out of memory"] * 3)
    for figure in drawn:
        assert "Every fold failed: out of memory" in [text.get_text() for text in figure.texts]
