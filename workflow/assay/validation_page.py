"""The validation as a page of its own, with its figures."""

from __future__ import annotations

import logging
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure as Drawing

from assay import cli, files
from assay.figures import style
from assay.figures import validation as figures
from assay.quantity import Quantity
from assay.reporting import described_validation as described
from assay.reporting.render import chart, data_address, render
from assay.reporting.run import Figure
from assay.reporting.validity import parts, sentences
from assay.reporting.validity_tables import Validity
from assay.validation.goals import Goals

logger = logging.getLogger("assay")


def drawings(run: Validity) -> dict[str, Drawing]:
    """The figures by name."""
    own, tables = run.tables["samples"], run.tables
    foot = str(style.Facts(len(own), int(own["photographs"].sum()), 0, 0)).split("; seed")[0]
    allowed = run.goals.allowed_error_percent
    return {
        "line": figures.line(own, tables["linearity"], run.quantity, foot),
        "recovery": figures.recovery(tables["levels"], run.quantity, allowed, foot),
        "agreement": figures.agreement(own, tables["agreement"], run.quantity, foot),
    }


def page(run: Validity, drawn: Path, downloads: dict[str, str], title: str) -> str:
    """The page as HTML; downloads: each table's CSV as a data address."""
    alts = described.alternatives(run)
    shown = {name: Figure(chart(drawn / name), *alts[name]) for name in alts}
    return render(
        "validation.html",
        title=title,
        verdict=sentences(run),
        parts=parts(run, shown),
        downloads=downloads,
    )


def validation_page(
    tables: list[Path],
    summary: Path,
    quantity: Quantity,
    goals: Goals,
    title: str,
    figures: Path,
    out: Path,
) -> None:
    """Write the validation as one self-contained page to OUT and its figures to the folder FIGURES.

    TABLES are those of the step validate, SUMMARY its json; each CSV is within reach on the page.
    """
    read = {path.stem: read_table(path) for path in tables}
    run = Validity(read, files.read_json(summary), quantity, goals)
    with style.style():
        for name, drawing in drawings(run).items():
            style.write(drawing, [figures / f"{name}.png", figures / f"{name}.svg"])
    kind = "text/csv;charset=utf-8"
    downloads = {path.stem: data_address(files.read_bytes(path), kind) for path in tables}
    files.write_text(out, page(run, figures, downloads, title))
    logger.info("%s: %d tables", out.name, len(tables))


def read_table(path: Path) -> pd.DataFrame:
    """A table of the step validate, notes as text."""
    table = files.read_table(path)
    words = [name for name in ("note", "unit", "df", "reason", "text", "partner") if name in table]
    return table.assign(**{name: table[name].astype(object).fillna("") for name in words})


if __name__ == "__main__":
    cli.run(validation_page)
