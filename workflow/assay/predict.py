"""Concentrations of new photographs, each with its interval and a verdict, on any computer."""

from __future__ import annotations

import logging
from pathlib import Path

from assay import cli, files, machine
from assay.faults import refuse
from assay.method import page, sources, tables
from assay.method.delivered import Delivered, Result
from assay.method.engines import Runtime
from assay.method.sources import Item
from assay.progress import progress

logger = logging.getLogger("assay")


def items_of(
    photos: list[Path], table: Path | None, image: str, sample: str, roi: list[str]
) -> list[Item]:
    """The photographs that are meant; with a table they lie in one folder."""
    if table is None:
        return sources.of_paths(photos)
    if len(photos) != 1:
        remedy = "Name the folder that the table's file names are relative to."
        raise refuse(
            "E_FOLDER", "a table needs one folder of photographs.", remedy, file=str(table)
        )
    return sources.of_table(photos[0], table, image, sample, roi)


def write(
    delivered: Delivered,
    results: list[Result],
    out: Path,
    samples: Path | None,
    page_out: Path | None,
    xlsx: Path | None,
) -> None:
    """The table of photographs, and of the others those that are asked for."""
    quantity = delivered.description.quantity
    by_photo = tables.by_photo(results, quantity)
    by_sample = tables.by_sample(tables.combine(results, quantity), quantity)
    files.write_text(out, tables.to_csv(by_photo), sealed=False)
    if samples:
        files.write_text(samples, tables.to_csv(by_sample), sealed=False)
    if xlsx:
        tables.write_workbook(xlsx, {"photographs": by_photo, "samples": by_sample})
    if page_out:
        files.write_text(page_out, page.text(delivered, results), sealed=False)


def predict(
    method: Path,
    photos: list[Path],
    /,
    out: Path,
    samples: Path | None = None,
    page_out: Path | None = None,
    xlsx: Path | None = None,
    table: Path | None = None,
    image_column: str = "image",
    sample_column: str = "",
    roi_columns: list[str] = [],  # noqa: B006 - read only; the command line needs a list
    confidence: float | None = None,
    runtime: Runtime = "auto",
    batch: int = 64,
    threads: int = 0,
) -> None:
    """Write value, interval and verdict of each photograph to OUT (CSV).

    METHOD is a method's folder; PHOTOS are photographs, or folders of them; with TABLE (CSV or
    Excel) one folder and the rows of the table. On demand also: one row per physical SAMPLES, a
    page (HTML) with small pictures, a workbook (XLSX). THREADS 0: all cores. RUNTIME torch gives
    the very bits of the run's own test set, onnx numbers a millionth of the range away.
    """
    if batch < 1 or not 0 < (confidence or 0.5) < 1:
        remedy = "Give a confidence between 0 and 1, and a batch of at least 1."
        raise refuse("E_OPTION", f"confidence {confidence}, batch {batch}.", remedy)
    cores = threads or machine.cores()
    delivered = Delivered(method, runtime, threads, confidence)
    items = items_of(photos, table, image_column, sample_column, roi_columns)
    found = delivered.results(items, batch, cores)
    results = list(progress(found, "predict", len(items)))
    write(delivered, results, out, samples, page_out, xlsx)
    counts = {v: sum(r.verdict == v for r in results) for v in ("OK", "WARN", "REFUSE")}
    logger.info("%s", ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))


if __name__ == "__main__":
    cli.run(predict)
