"""Draw how experiments fare on new groups, and put their tables together."""

from __future__ import annotations

import logging
from pathlib import Path

import pandas as pd

from assay import cli, files
from assay.figures import style
from assay.figures import transfer as figures
from assay.quantity import Quantity

logger = logging.getLogger("assay")


def plot_transfer(
    groups: list[Path],
    pairs: list[Path],
    split: Path,
    quantity: Quantity,
    seed: int,
    table: Path,
    matrix: Path,
    out: Path,
) -> None:
    """Write the GROUPS of all experiments as one table to TABLE, their PAIRS to MATRIX.

    Both are those of the step transfer, in one order. Two figures of each experiment, as PNG and
    SVG, go to a folder of its name in OUT.
    """
    dealt = files.read_table(split)
    train = dealt[dealt["set"].eq("train")]
    facts = style.Facts(train["sample"].nunique(), len(train), 0, seed)
    read = [tuple(map(files.read_table, paths)) for paths in zip(groups, pairs, strict=True)]
    for own, alone in read:
        name = str(own["experiment"].iloc[0])
        with style.style():
            drawn = {
                "transfer": figures.transfer(own, quantity, name, facts),
                "matrix": figures.matrix(alone, quantity, name, facts),
            }
            for figure, content in drawn.items():
                paths = [out / name / f"{figure}.{kind}" for kind in ("png", "svg")]
                style.write(content, paths)
    for path, tables in ((table, [own for own, _ in read]), (matrix, [alone for _, alone in read])):
        files.write_table(path, pd.concat(tables, ignore_index=True))
    logger.info("Drew the transfer of %d experiments", len(read))


if __name__ == "__main__":
    cli.run(plot_transfer)
