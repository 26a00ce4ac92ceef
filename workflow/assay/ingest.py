"""Check a folder of photographs and its label table: nothing wrong in, nothing dropped silently."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assay import cli, files, images, seals
from assay.faults import BadInput, Fault, to_csv
from assay.images import ReadingOptions
from assay.intake import dataset, labels, survey, twins
from assay.intake.labels import Censored, Columns, LabelRow, Labels
from assay.intake.survey import Finding, Target
from assay.progress import progress
from assay.reading import content, paths

SHOWN = 3  # warnings of a kind that are printed; the file has all
SUGGESTED = 20  # missing names for which a near one is looked for
ROI = ("roi_x", "roi_y", "roi_w", "roi_h")

logger = logging.getLogger("assay")


@dataclass
class DataSet:
    """What is known of a data set: rows, targets and findings run in step."""

    rows: list[LabelRow]
    targets: list[Target]
    findings: list[Finding] = field(default_factory=list)
    twin: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    repeated: int = 0
    near_unseen: int = 0

    def kept(self, positions: Sequence[int]) -> None:
        """Keep only these positions."""
        self.rows = [self.rows[i] for i in positions]
        self.targets = [self.targets[i] for i in positions]
        self.findings = [self.findings[i] for i in positions] if self.findings else []


def located(folder: Path, table: Labels) -> DataSet:
    """Find the file of every row, of faulty rows too, so that all faults are told at once."""
    faults = list(table.faults)
    if not folder.is_dir():
        remedy = "Correct the setting."
        faults.append(Fault("E_MISSING", "there is no such folder.", remedy, file=str(folder)))
        return DataSet([], [], faults=faults)
    targets: dict[int, Target] = {}
    regions = {row.row: row.roi for row in table.rows}
    missing = 0
    for row, image in table.images:
        try:
            suggest = missing < SUGGESTED
            targets[row] = survey.locate(folder, row, image, regions.get(row, ()), suggest)
        except BadInput as bad:
            faults += bad.faults
            missing += 1
    rows = [row for row in table.rows if row.row in targets]
    data = DataSet(rows, [targets[row.row] for row in rows], faults=faults)
    data.faults += [
        Fault("W_SPACE", "stray spaces around its name.", file=target.image, row=row.row)
        for row, target in zip(rows, data.targets, strict=True)
        if row.image != target.image
    ]
    kept, found = dataset.repeats(data.rows, data.targets)
    data.faults += found
    data.repeated = len(data.rows) - len(kept)
    data.kept(kept)
    return data


def examine(data: DataSet, options: ReadingOptions, workers: int) -> None:
    """Read every photograph and look for twins among those that were read true."""
    work = survey.examine(data.targets, options, workers)
    data.findings = list(progress(work, "ingest", len(data.targets)))
    data.faults += [fault for finding in data.findings for fault in finding.faults]
    data.kept([i for i, finding in enumerate(data.findings) if finding.is_read])
    data.faults += dataset.grey_among_colour(data.rows, data.findings)
    data.faults += dataset.same_bytes(data.rows, data.targets, data.findings)
    exact = dataset.exact_twins(data.rows, data.findings)
    data.faults += dataset.exact_twin_faults(data.rows, exact)
    pairs = near_twins(data, exact, options)
    data.faults += dataset.near_twin_faults(data.rows, pairs)
    data.twin = twins.joined(len(data.rows), [*exact, *pairs])


def near_twins(
    data: DataSet, exact: Sequence[Sequence[int]], options: ReadingOptions
) -> list[tuple[int, int]]:
    """Pairs of positions that seem to be one photograph, exact twins looked at once."""
    repeated = {i for group in exact for i in group[1:]}
    single = [i for i in range(len(data.rows)) if i not in repeated]
    if not single:
        return []

    def load(index: int) -> np.ndarray:
        target = data.targets[single[index]]
        return images.read(target.path, options, target.roi).pixels

    pairs, data.near_unseen = twins.near_pairs(
        np.stack([s for i in single if (s := data.findings[i].signature) is not None]),
        np.array([data.rows[i].label for i in single]),
        np.array([data.findings[i].shape for i in single], dtype=float),
        load,
    )
    return [(single[one], single[two]) for one, two in pairs]


def is_picture(path: Path) -> bool:
    """Whether a file begins like a picture that is read."""
    return content.kind(paths.head(path, content.HEAD)) in content.READ


def unlisted(folder: Path, table: Labels, targets: Sequence[Target]) -> list[Fault]:
    """W_UNLISTED for pictures in the folder that no row names; W_NAME for names that mix up."""
    present = list(paths.listed(folder))
    named = {image for _, image in table.images} | {target.image for target in targets}
    named |= {str(Path(image)) for image in named}
    found = dataset.confusable_names(table.rows, present)
    for name in present:
        if name not in named and is_picture(folder / name):
            shown = name.encode("utf-8", "backslashreplace").decode()
            remedy = "Add its row, or move it away."
            found.append(Fault("W_UNLISTED", "a picture that no row names.", remedy, file=shown))
    return found


def photo_table(data: DataSet, columns: Columns) -> pd.DataFrame:
    """One row per photograph, in table order."""
    table = pd.DataFrame(
        {
            "photo": range(len(data.rows)),
            "image": [target.image for target in data.targets],
            "row": [row.row for row in data.rows],
            "label": [row.label for row in data.rows],
            "sample": [
                row.sample or t.image for row, t in zip(data.rows, data.targets, strict=True)
            ],
            "group": [row.group for row in data.rows],
            "split": [row.split for row in data.rows],
            "sha256": [finding.sha256 for finding in data.findings],
            "pixel_hash": [finding.pixel_hash for finding in data.findings],
            "twin": [str(first) for first in data.twin],
            "width": [finding.width for finding in data.findings],
            "height": [finding.height for finding in data.findings],
            "format": [finding.format for finding in data.findings],
        }
    )
    regions = [row.roi for row in data.rows]
    for position, name in enumerate(ROI if columns.roi else ()):
        table[name] = [region[position] for region in regions]
    return table


def summarise(data: DataSet, table: Labels, options: ReadingOptions) -> dict[str, Any]:
    """Counts in and out, conversions made, options and versions, for the report."""
    codes = Counter(fault.code for fault in data.faults)
    return {
        "rows": table.lines,
        "photos": len(data.rows),
        "samples": len({row.sample or i for i, row in enumerate(data.rows)}),
        "independent": dataset.blocks(data.rows, data.twin),
        "levels": len({row.label for row in data.rows}),
        "censored": table.censored,
        "dropped_censored": table.dropped,
        "repeated_rows": data.repeated,
        "twins": len(data.rows) - len(set(data.twin)),
        "near_pairs_not_compared": data.near_unseen,
        "formats": dict(Counter(finding.format for finding in data.findings)),
        "conversions": dict(Counter(note for f in data.findings for note in f.notes)),
        "warnings": {code: n for code, n in codes.items() if code.startswith("W_")},
        "options": asdict(options),
        "decoders": images.decoders(),
        "reading": images.fingerprint(options),
    }


def tell(data: DataSet, table: Labels) -> None:
    """Print counts, and the first few warnings of each kind."""
    by_code: dict[str, list[Fault]] = {}
    for fault in data.faults:
        by_code.setdefault(fault.code, []).append(fault)
    for code, found in sorted(by_code.items()):
        if code.startswith("W_"):
            for fault in found[:SHOWN]:
                logger.warning("%s", fault)
            if len(found) > SHOWN:
                logger.warning("%s: %d more, see the warnings file.", code, len(found) - SHOWN)
    stopping = sum(fault.stops for fault in data.faults)
    logger.info(
        "%d rows, %d photographs read true, %d faults to mend, %d warnings.",
        table.lines,
        len(data.rows),
        stopping,
        len(data.faults) - stopping,
    )


def ingest(
    photos: Path,
    table: Path,
    out: Path,
    summary: Path | None = None,
    warnings: Path | None = None,
    faults: Path | None = None,
    low: float = float("-inf"),
    high: float = float("inf"),
    image_column: str = "image",
    label_column: str = "concentration",
    sample_column: str = "",
    group_column: str = "",
    split_column: str = "",
    roi_columns: list[str] = [],  # noqa: B006 - read only; the command line needs a list
    options: ReadingOptions = ReadingOptions(),  # noqa: B008 - frozen
    censored: Censored = "refuse",
    allow_constant: bool = False,
    folds: int = 0,
    workers: int = 2,
) -> None:
    """Write a table of all photographs if every one can be read true; else list what to mend.

    Beside it: summary (JSON), warnings and faults (CSV); the faults file is written in any case.
    A first look at a folder needs only PHOTOS, TABLE and OUT.
    """
    columns = Columns(
        image_column, label_column, sample_column, group_column, split_column, roi_columns
    )
    read = labels.read(table, columns, low, high, censored)
    seals.check_ours(photos)
    seals.check_ours(table)
    data = located(photos, read)
    data.faults += unlisted(photos, read, data.targets)
    examine(data, options, workers)
    data.faults += dataset.sample_labels(data.rows) + dataset.outliers(data.rows)
    lost = read.lines - read.dropped - data.repeated - len(data.rows)
    few = dataset.too_few(data.rows, data.twin, folds, allow_constant, lost)
    data.faults += [replace(fault, file=table.name) for fault in few]
    tell(data, read)
    stopping = [fault for fault in data.faults if fault.stops]
    files.write_text(faults or out.with_name("faults.csv"), to_csv(stopping))
    told = [fault for fault in data.faults if not fault.stops]
    files.write_text(warnings or out.with_name("warnings.csv"), to_csv(told))
    if stopping:
        raise BadInput(stopping)
    files.write_table(out, photo_table(data, columns))
    files.write_json(summary or out.with_name("summary.json"), summarise(data, read, options))


if __name__ == "__main__":
    cli.run(ingest)
