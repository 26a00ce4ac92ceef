from __future__ import annotations

from pathlib import Path

import runs
from assay import plot_history


def test_learning_curves_are_written_in_both_formats(tiny: Path) -> None:
    runs.make(tiny)
    mine = [tiny / "train" / "vgg" / f"fold{fold}" / "model.json" for fold in range(3)]
    out = [tiny / "learning.png", tiny / "learning.svg"]
    histories = [path.with_name("history.csv") for path in mine]
    plot_history.plot_history(tiny / "split.csv", mine, histories, runs.QUANTITY, out)
    assert out[0].read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in out[1].read_bytes()
