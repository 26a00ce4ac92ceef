"""Read the photographs of one shard: a million are looked at by several jobs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assay import cli, shards
from assay.images import ReadingOptions
from assay.intake import examination, labels
from assay.intake.findings import collect, write_findings
from assay.intake.labels import Columns
from assay.progress import progress


def survey(
    photos: Path,
    table: Path,
    out: Path,
    shard: int = 0,
    shard_size: int = 100_000,
    image_column: str = "image",
    label_column: str = "concentration",
    sample_column: str = "",
    group_column: str = "",
    split_column: str = "",
    roi_columns: list[str] = [],  # noqa: B006 - read only; the command line needs a list
    options: ReadingOptions = ReadingOptions(),  # noqa: B008 - frozen
    workers: int = 2,
) -> None:
    """Write what reading each photograph of a shard told to OUT, a CSV, and a .npy beside it.

    A shard is so many rows of the label table, faulty ones too. Nothing is refused here: the step
    ingest tells the faults of all shards, and of the table, at once.
    """
    columns = Columns(
        image_column, label_column, sample_column, group_column, split_column, roi_columns
    )
    # which range a label must lie in, and what <80 means, is decided by the step ingest
    read = labels.read(table, columns, censored="limit")
    numbers = read.numbers[shards.part(shard, shard_size, len(read.numbers))]
    rows = read.rows.at(np.flatnonzero(np.isin(read.rows.row, numbers)))
    _, targets, _ = examination.located(photos, rows, rows.row, rows.image)
    work = progress(examination.examine(targets, options, workers), "survey", len(targets))
    write_findings(collect(work, len(targets)), targets, out)


if __name__ == "__main__":
    cli.run(survey)
