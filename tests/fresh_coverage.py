"""How often do a method's intervals hold on fresh photographs, and how many are refused?

python tests/fresh_coverage.py FOLDER --experiment ridge --samples 5000: photographs are simulated,
a method is made of them as the workflow's steps would, and others, drawn with other seeds, are
predicted. FOLDER keeps photographs and methods for other experiments.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

import deliveries
from assay import cli, files, machine, predict, split
from assay.experiment import Experiment
from assay.simulation.laboratory import Preset

PARTS = 5  # of the range
PER_SESSION = 10  # fresh samples of a session
COLUMNS = "range", "n", "covered", "99 % band", "width", "RMSE"
EXPERIMENTS = {
    "ridge": Experiment("ridge", "colour_statistics", size=64),
    "density": Experiment("density", "mean_colour", {"predictor": "optical_density"}, size=64),
    "boosted": Experiment("boosted", "colour_statistics", {"regressor": "boosted"}, size=64),
    "vgg": Experiment("vgg", "vgg", {"width": 0.25}, size=64, epochs=40),
}


def tell(predictions: Path, labels: Path, confidence: float = 0.9) -> None:
    """Coverage with the 99 % band of the binomial law, and median width, by part of the range."""
    known = files.read_table(labels)[["image", "concentration"]]
    table = files.read_table(predictions, sealed=False).merge(
        known, on="image", suffixes=("", "_known")
    )
    print(table["verdict"].value_counts().to_dict(), f"of {len(table)}")
    table = table[table["verdict"].ne("REFUSE")]
    edges = np.linspace(80, 350, PARTS + 1)
    part = np.digitize(table["concentration_known"], edges[1:-1])
    print("{:>9} {:>5} {:>8} {:>15} {:>7} {:>7}".format(*COLUMNS))
    print(row("all", table, confidence))
    for k in range(PARTS):
        print(row(f"{edges[k]:.0f}-{edges[k + 1]:.0f}", table[part == k], confidence))


def row(name: str, table: pd.DataFrame, confidence: float) -> str:
    """A line of the table."""
    x = table["concentration_known"]
    held, n = int(table["lower"].le(x).mul(table["upper"].ge(x)).sum()), len(table)
    low, high = stats.binom.ppf([0.005, 0.995], n, confidence) / n
    width = (table["upper"] - table["lower"]).median()
    rmse = float(np.sqrt(np.mean((table["concentration"] - x) ** 2)))
    mark = "" if low <= held / n <= high else " outside"
    band = f"{low:.4f}-{high:.4f}"
    return f"{name:>9} {n:5} {held / n:8.3f} {band:>15} {width:7.3g} {rmse:7.3g}{mark}"


def fresh_coverage(
    folder: Path,
    /,
    experiment: Literal["ridge", "density", "boosted", "vgg"] = "ridge",
    preset: Preset = "instrument",
    samples: int = 5000,
    sessions: int = 20,
    block: split.Block = "sample",
    seed: int = 1,
    fresh_seeds: list[int] = [77, 78],  # noqa: B006 - read only
    fresh_samples: int = 2000,
) -> None:
    """Print the coverage of a method's intervals on FRESH_SAMPLES photographs of each fresh seed.

    With preset field their sessions are others than those of training.
    """
    chosen, cores = EXPERIMENTS[experiment], machine.cores()
    run = folder / f"{preset}-{samples}-{sessions}-{block}-{seed}"
    if not (run / "split.csv").exists():
        deliveries.prepare(run, samples, 250, 5, preset, block, seed, sessions)
    method = run / f"method-{experiment}"
    if not (run / chosen.name / "scores.json").exists():
        deliveries.run(run, chosen, folds=5)
    if not (method / "method.json").exists():
        deliveries.deliver(run, chosen, method, block=block, threads=cores)
    print((method / "README.md").read_text().partition("## What it refuses")[0])
    for number in fresh_seeds:
        fresh = folder / f"fresh-{preset}-{fresh_samples}-{number}"
        if not (fresh / "labels.csv").exists():
            many = 20 if preset == "instrument" else fresh_samples // PER_SESSION
            deliveries.draw(fresh, fresh_samples, 250, preset, number, many)
        labels, out = fresh / "labels.csv", fresh / f"{run.name}-{experiment}.csv"
        predict.predict(method, [fresh / "photos"], table=labels, out=out, threads=cores)
        print(f"fresh seed {number}", end=" ")
        tell(out, labels)


if __name__ == "__main__":
    cli.run(fresh_coverage)
