"""Set a method right for a new phone, session or lot, by a few standards photographed with it."""

from __future__ import annotations

import logging
from pathlib import Path

from assay import cli, machine
from assay.intake.labels import Columns
from assay.method import container, sources, standards
from assay.method.delivered import Delivered
from assay.method.engines import Runtime
from assay.progress import progress

logger = logging.getLogger("assay")


def recalibrate(
    method: Path,
    photos: Path,
    /,
    table: Path,
    out: Path,
    image_column: str = "image",
    concentration_column: str = "concentration",
    sample_column: str = "",
    roi_columns: list[str] = [],  # noqa: B006 - read only; the command line needs a list
    runtime: Runtime = "auto",
    batch: int = 64,
    threads: int = 0,
) -> None:
    """Write a new method's folder OUT: METHOD with bias and slope adjusted by standards.

    TABLE names photographs in the folder PHOTOS and their known concentrations: three to five
    standards, spread over the range. As much is adjusted as they show to be more than chance.
    """
    cores = threads or machine.cores()
    delivered = Delivered(method, runtime, threads)
    columns = Columns(image_column, concentration_column, sample_column, roi=roi_columns)
    items = sources.of_standards(photos, table, columns)
    measured = delivered.measured(items, batch, cores)
    seen = standards.check(delivered, list(progress(measured, "standards", len(items))))
    description = standards.adjusted(delivered, seen)
    contents = {name: delivered.container.content(name) for name in delivered.description.files}
    written = container.write(out, description, contents)
    adjustment = description.adjustment
    logger.info(
        "%s by %d standards: corrected = %.5g + %.5g x found; digest %s",
        adjustment.method,
        adjustment.standards,
        adjustment.offset,
        adjustment.slope,
        written.digest[:16],
    )


if __name__ == "__main__":
    cli.run(recalibrate)
