"""Draw how one experiment's networks learned."""

from __future__ import annotations

import logging
from pathlib import Path

from assay import cli, files
from assay.figures import style
from assay.figures.learning import learning
from assay.quantity import Quantity

logger = logging.getLogger("assay")


def plot_history(
    split: Path,
    models: list[Path],
    histories: list[Path],
    quantity: Quantity,
    out: list[Path],
) -> None:
    """Write the learning curves of one experiment to OUT, once per file format.

    MODELS are the descriptions (json) of its folds, HISTORIES their epochs.
    """
    experiment = files.read_json(models[0])["experiment"]
    table = files.read_table(split)
    train = table[table["set"].eq("train")]
    facts = style.Facts(train["sample"].nunique(), len(train), len(histories), experiment["seed"])
    with style.style():
        figure = learning(
            [files.read_table(path) for path in histories], quantity, experiment["name"], facts
        )
        style.write(figure, out)
    logger.info("Drew the learning curves of %s", experiment["name"])


if __name__ == "__main__":
    cli.run(plot_history)
