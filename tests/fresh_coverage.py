"""How often do a method's intervals hold on fresh photographs? Prints a table.

python tests/fresh_coverage.py PREDICTIONS LABELS [CONFIDENCE]: what `assay.predict` wrote of them,
and their label table (image, concentration).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy import stats

from assay import files

PARTS = 5


def tell(predictions: Path, labels: Path, confidence: float) -> None:
    """Coverage with the 99 % band of the binomial law, and median width, by part of the range."""
    known = files.read_table(labels)[["image", "concentration"]]
    table = files.read_table(predictions).merge(known, on="image", suffixes=("", "_known"))
    print(table["verdict"].value_counts().to_dict(), f"of {len(table)}")
    table = table[table["verdict"].ne("REFUSE")]
    x, error = table["concentration_known"], table["concentration"] - table["concentration_known"]
    inside = (table["lower"] <= x) & (x <= table["upper"])
    edges = np.linspace(x.min(), x.max(), PARTS + 1)
    part = np.digitize(x, edges[1:-1])
    rows = [("all", part >= 0)] + [
        (f"{edges[k]:.0f}-{edges[k + 1]:.0f}", part == k) for k in range(5)
    ]
    print(f"{'range':>9} {'n':>5} {'covered':>8} {'99 % band':>15} {'width':>7} {'RMSE':>7}")
    for name, chosen in rows:
        n, held = int(chosen.sum()), int(inside[chosen].sum())
        low, high = stats.binom.ppf([0.005, 0.995], n, confidence) / n
        width = (table["upper"] - table["lower"])[chosen].median()
        rmse = float(np.sqrt(np.mean(error[chosen] ** 2)))
        mark = "" if low <= held / n <= high else " outside"
        band = f"{low:.3f}-{high:.3f}"
        print(f"{name:>9} {n:5} {held / n:8.3f} {band:>15} {width:7.3g} {rmse:7.3g}{mark}")


if __name__ == "__main__":
    tell(Path(sys.argv[1]), Path(sys.argv[2]), float([*sys.argv, "0.9"][3]))
