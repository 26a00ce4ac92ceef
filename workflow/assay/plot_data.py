"""Draw the data before any training."""

from __future__ import annotations

import logging
from pathlib import Path

from assay import cli, files
from assay.figures import data, style
from assay.quantity import Quantity

logger = logging.getLogger("assay")


def plot_data(photos: Path, appearance: Path, quantity: Quantity, size: int, out: Path) -> None:
    """Write the figures labels, exposure and card to the folder OUT, as PNG and SVG.

    SIZE is that of the pictures, in pixels, which APPEARANCE was taken from.
    """
    table, looks = files.read_table(photos), files.read_table(appearance)
    with style.style():
        figures = {
            "labels": data.labels(table, quantity),
            "exposure": data.exposure(table, looks, size),
            "card": data.card(table, looks),
        }
        for name, figure in figures.items():
            style.write(figure, [out / f"{name}.png", out / f"{name}.svg"])
    logger.info("Drew %s", ", ".join(figures))


if __name__ == "__main__":
    cli.run(plot_data)
