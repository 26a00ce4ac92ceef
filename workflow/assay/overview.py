"""Draw what concerns all experiments: leaderboard, differences, split, test set, the worst."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from assay import cli, files, models
from assay.figures import leaderboard as leaderboards
from assay.figures import residuals, style, wall
from assay.figures import split as splits
from assay.figures.found_known import found_known
from assay.pictures.stack import Pictures, Stack
from assay.quantity import Quantity

logger = logging.getLogger("assay")


def kind(architecture: str) -> str:
    """network, estimator, or constant for the one baseline that sees no colour."""
    return "constant" if architecture == "constant" else models.kind(architecture)


def facts_of(rows: pd.DataFrame, folds: int, seed: int) -> style.Facts:
    """Counts of the rows."""
    return style.Facts(rows["sample"].nunique(), len(rows), folds, seed)


def of_test(scores: dict[str, Any], table: pd.DataFrame, quantity: Quantity, seed: int) -> Figure:
    """Found against known on the test set, or a sentence where there is none."""
    facts = facts_of(table, 0, seed)
    if table.empty:
        return style.sentence("Test set", "No test set was set aside.", str(facts))
    what = f"test set, scored once by the mean of {scores['models']} fold models"
    return found_known(table, quantity, scores["experiment"], facts, what)


def of_worst(
    table: pd.DataFrame, images: Pictures, quantity: Quantity, name: str, facts: style.Facts
) -> Figure:
    """The worst photographs of one experiment, or a sentence where none was scored."""
    scored = table[table["experiment"].eq(name)].dropna(subset="found")
    if scored.empty:
        return style.sentence("The largest residuals", "No experiment was scored.", str(facts))
    rows = residuals.worst(scored, quantity, wall.PLACES)
    return wall.wall(rows, images[rows["photo"].to_numpy()], quantity, name, facts)


def overview(
    split: Path,
    leaderboard: Path,
    comparisons: Path,
    predictions: Path,
    test: Path,
    scores: Path,
    images: list[Path],
    reference: str,
    quantity: Quantity,
    seed: int,
    out: Path,
) -> None:
    """Write leaderboard, differences, split, test and wall to the folder OUT, as PNG and SVG.

    PREDICTIONS are pooled out of fold, TEST and SCORES those of the test set; IMAGES is an array of
    all photographs; SEED is that of the split.
    """
    board, pooled = files.read_table(leaderboard), files.read_table(predictions)
    dealt = files.read_table(split)
    train = dealt[dealt["set"].eq("train")]
    facts = facts_of(train, train["fold"].nunique(), seed)
    array = Stack(files.load_shards(images, "resize"))
    best = board["experiment"].iloc[0]
    kinds = [kind(architecture) for architecture in board["architecture"]]
    with style.style():
        figures = {
            "leaderboard": leaderboards.leaderboard(board, kinds, quantity, facts),
            "differences": leaderboards.differences(
                files.read_table(comparisons), reference, quantity, facts
            ),
            "split": splits.split(dealt, quantity, seed),
            "test": of_test(files.read_json(scores), files.read_table(test), quantity, seed),
            "wall": of_worst(pooled, array, quantity, best, facts),
        }
        for name, figure in figures.items():
            style.write(figure, [out / f"{name}.png", out / f"{name}.svg"])
    logger.info("Drew %s", ", ".join(figures))


if __name__ == "__main__":
    cli.run(overview)
