"""Draw what one experiment found out of fold: residuals, and found against known."""

from __future__ import annotations

import logging
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from assay import cli, files
from assay.figures import style
from assay.figures.found_known import found_known as draw_found_known
from assay.figures.residuals import residuals as draw_residuals
from assay.quantity import Quantity

logger = logging.getLogger("assay")


def out_of_fold(predictions: list[Path], split: Path) -> pd.DataFrame:
    """What each photograph's own held-out model found; NaN where that model failed.

    Columns: photo, found, image, label, sample, fold.
    """
    found = pd.concat([files.read_table(path) for path in predictions], ignore_index=True)
    found = found[found["role"].eq("held_out")].drop(columns="role")
    known = files.read_table(split)[["photo", "image", "label", "sample", "fold"]]
    return found.merge(known, on="photo", validate="one_to_one").sort_values("photo")


def facts_of(table: pd.DataFrame, seed: int) -> style.Facts:
    """Counts of the rows."""
    return style.Facts(table["sample"].nunique(), len(table), table["fold"].nunique(), seed)


def figures(
    table: pd.DataFrame, quantity: Quantity, name: str, seed: int, failures: list[str]
) -> tuple[Figure, Figure]:
    """Both figures; sentences in their place where no fold was scored."""
    scored = table.dropna(subset="found")
    facts = facts_of(scored, seed)
    if scored.empty:
        reason = f"Every fold failed: {failures[0]}"
        return tuple(style.sentence(name, reason, str(facts)) for _ in range(2))  # type: ignore[return-value]
    what = "out of fold"
    if failures:
        what += f"; {len(failures)} of {table['fold'].nunique()} folds failed and are left out"
    return (
        draw_residuals(scored, quantity, name, facts),
        draw_found_known(scored, quantity, name, facts, what),
    )


def plot(
    split: Path,
    models: list[Path],
    predictions: list[Path],
    quantity: Quantity,
    residuals: list[Path],
    found_known: list[Path],
) -> None:
    """Write the figures RESIDUALS and FOUND_KNOWN of one experiment, each once per file format.

    MODELS are the descriptions (json) of its folds, PREDICTIONS what they found.
    """
    descriptions = [files.read_json(path) for path in models]
    experiment = descriptions[0]["experiment"]
    failures = [one["failure"] for one in descriptions if one["failure"]]
    table = out_of_fold(predictions, split)
    with style.style():
        drawn = figures(table, quantity, experiment["name"], experiment["seed"], failures)
        for figure, paths in zip(drawn, (residuals, found_known), strict=True):
            style.write(figure, paths)
    logger.info("Drew %s: %d photographs", experiment["name"], len(table))


if __name__ == "__main__":
    cli.run(plot)
