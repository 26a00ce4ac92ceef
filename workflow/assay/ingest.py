"""Check a folder of photographs and its label table: nothing wrong in, nothing dropped silently."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assay import cli, files, images, seals
from assay.faults import BadInput, Fault, to_csv
from assay.images import ReadingOptions
from assay.intake import dataset, examination, labels, twins
from assay.intake.examination import Targets
from assay.intake.findings import FaultsOfPhotos, Findings, collect, read_findings
from assay.intake.labels import Censored, Columns, Labels
from assay.intake.rows import Rows
from assay.progress import progress
from assay.reading import content, paths

SHOWN = 3  # warnings of a kind that are printed; the file has all
BLOCK = 100_000  # rows of the table that are put together at once
UNUSUAL = re.compile(r"(^|/)\.?(/|$)")  # names that a path writes in another way
ROI = ("roi_x", "roi_y", "roi_w", "roi_h")

logger = logging.getLogger("assay")


@dataclass
class DataSet:
    """What is known of a data set: rows, targets and findings run in step; faults in groups."""

    rows: Rows
    targets: Targets
    faults: list[Iterable[Fault]]
    findings: Findings = field(default_factory=lambda: collect([], 0))
    twin: list[int] = field(default_factory=list)
    repeated: int = 0
    near_unseen: int = 0

    def keep(self, positions: Sequence[int] | np.ndarray) -> None:
        """Keep only these positions, given in order."""
        self.rows, self.targets = self.rows.at(positions), self.targets.at(positions)
        if len(self.findings):
            self.findings = self.findings.at(positions)

    def all_faults(self) -> Iterator[Fault]:
        """Every fault and warning, group by group."""
        return chain.from_iterable(self.faults)


def located(folder: Path, table: Labels) -> DataSet:
    """Find the file of every row; of rows that name one picture keep the first."""
    images, missing = table.images, []
    if not folder.is_dir():
        remedy = "Correct the setting."
        missing = [Fault("E_MISSING", "there is no such folder.", remedy, file=str(folder))]
        images = []
    rows, targets, faults = examination.located(folder, table.rows, table.numbers, images)
    kept, found = dataset.repeats(rows, targets)
    data = DataSet(rows, targets, [table.faults, missing, faults, found])
    data.repeated = len(rows) - len(kept)
    data.keep(kept)
    return data


def examine(data: DataSet, options: ReadingOptions, workers: int, found: Sequence[Path]) -> None:
    """Read every photograph, or what was found in them, and look for twins among the true ones."""
    if found:
        data.findings = read_findings(found, data.targets)
    else:
        work = examination.examine(data.targets, options, workers)
        count = len(data.targets)
        data.findings = collect(progress(work, "ingest", count), count)
    every = data.findings.faults
    data.faults.append(FaultsOfPhotos(data.targets.row, data.targets.image, every))
    data.keep(np.flatnonzero(data.findings.is_read))
    data.faults.append(dataset.grey_among_colour(data.rows, data.findings))
    data.faults.append(dataset.same_bytes(data.rows, data.targets, data.findings))
    exact = twins.equal(data.findings.pixel_hash.tolist())
    data.faults.append(dataset.exact_twin_faults(data.rows, exact))
    pairs = near_twins(data, exact, options)
    data.faults.append(dataset.near_twin_faults(data.rows, pairs))
    data.twin = twins.joined(len(data.rows), [*exact, *pairs])


def near_twins(
    data: DataSet, exact: Sequence[Sequence[int]], options: ReadingOptions
) -> list[tuple[int, int]]:
    """Pairs of positions that seem to be one photograph, exact twins looked at once."""
    repeated = [i for group in exact for i in group[1:]]
    single = np.setdiff1d(np.arange(len(data.rows)), repeated)

    def load(index: int) -> np.ndarray:
        target = data.targets[single[index]]
        return images.read(target.path, options, target.roi).pixels

    pairs, data.near_unseen = twins.near_pairs(
        data.findings.signatures.at(single),
        data.rows.label[single],
        data.findings.shape[single].astype(float),
        load,
    )
    return [(int(single[one]), int(single[two])) for one, two in pairs]


def is_picture(path: Path) -> bool:
    """Whether a file begins like a picture that is read."""
    return content.kind(paths.head(path, content.HEAD)) in content.READ


def unlisted(folder: Path, table: Labels, targets: Targets) -> list[Fault]:
    """W_UNLISTED for pictures in the folder that no row names; W_NAME for names that mix up."""
    present = list(paths.listed(folder))
    named = {*table.images, *targets.image}
    named |= {str(Path(image)) for image in named if UNUSUAL.search(image)}
    found = dataset.confusable_names(table.rows, present)
    for name in present:
        if name not in named and is_picture(folder / name):
            shown = name.encode("utf-8", "backslashreplace").decode()
            remedy = "Add its row, or move it away."
            found.append(Fault("W_UNLISTED", "a picture that no row names.", remedy, file=shown))
    return found


def photo_table(data: DataSet, columns: Columns) -> Iterator[pd.DataFrame]:
    """One row per photograph, in table order; in blocks."""
    rows, targets, found = data.rows, data.targets, data.findings
    for start in range(0, max(1, len(rows)), BLOCK):
        part = slice(start, start + BLOCK)
        table = pd.DataFrame(
            {
                "photo": range(len(rows))[part],
                "image": targets.image[part],
                "row": rows.row[part],
                "label": rows.label[part],
                "sample": [
                    sample or image
                    for sample, image in zip(rows.sample[part], targets.image[part], strict=True)
                ],
                "group": rows.group[part],
                "split": rows.split[part],
                "sha256": found.sha256[part].astype(str),
                "pixel_hash": found.pixel_hash[part].astype(str),
                "twin": [str(first) for first in data.twin[part]],
                "width": found.width[part],
                "height": found.height[part],
                "format": found.format[part],
            }
        )
        for position, name in enumerate(ROI if columns.roi else ()):
            table[name] = rows.roi[part, position]
        yield table


def summarise(data: DataSet, table: Labels, options: ReadingOptions) -> dict[str, Any]:
    """Counts in and out, conversions made, options and versions, for the report."""
    codes = Counter(fault.code for fault in data.all_faults())
    samples = set(data.rows.sample) - {""}
    return {
        "rows": table.lines,
        "photos": len(data.rows),
        "samples": len(samples) + data.rows.sample.count(""),
        "independent": dataset.blocks(data.rows, data.twin),
        "levels": len(np.unique(data.rows.label)),
        "censored": table.censored,
        "dropped_censored": table.dropped,
        "repeated_rows": data.repeated,
        "twins": len(data.rows) - len(set(data.twin)),
        "near_pairs_not_compared": data.near_unseen,
        "formats": dict(Counter(data.findings.format)),
        "conversions": data.findings.counted_notes(),
        "warnings": {code: n for code, n in codes.items() if code.startswith("W_")},
        "options": asdict(options),
        "decoders": images.decoders(),
        "reading": images.fingerprint(options),
    }


def tell(data: DataSet, table: Labels) -> None:
    """Print counts, and the first few warnings of each kind."""
    first: dict[str, list[Fault]] = {}
    codes: Counter[str] = Counter()
    for fault in data.all_faults():
        codes[fault.code] += 1
        if codes[fault.code] <= SHOWN:
            first.setdefault(fault.code, []).append(fault)
    for code, shown in sorted(first.items()):
        if code.startswith("W_"):
            for fault in shown:
                logger.warning("%s", fault)
            if codes[code] > SHOWN:
                logger.warning("%s: %d more, see the warnings file.", code, codes[code] - SHOWN)
    stopping = sum(count for code, count in codes.items() if code.startswith("E_"))
    logger.info(
        "%d rows, %d photographs read true, %d faults to mend, %d warnings.",
        table.lines,
        len(data.rows),
        stopping,
        codes.total() - stopping,
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
    findings: list[Path] = [],  # noqa: B006
) -> None:
    """Write a table of all photographs if every one can be read true; else list what to mend.

    Beside it: summary (JSON), warnings and faults (CSV); the faults file is written in any case.
    A first look at a folder needs only PHOTOS, TABLE and OUT. FINDINGS are the tables of the step
    survey, of all shards in order; without them the photographs are read here.
    """
    columns = Columns(
        image_column, label_column, sample_column, group_column, split_column, roi_columns
    )
    read = labels.read(table, columns, low, high, censored)
    seals.check_ours(photos)
    seals.check_ours(table)
    data = located(photos, read)
    data.faults.append(unlisted(photos, read, data.targets))
    examine(data, options, workers, findings)
    data.faults += [dataset.sample_labels(data.rows), dataset.outliers(data.rows)]
    lost = read.lines - read.dropped - data.repeated - len(data.rows)
    few = dataset.too_few(data.rows, data.twin, folds, allow_constant, lost)
    data.faults.append([replace(fault, file=table.name) for fault in few])
    tell(data, read)
    stopping = [fault for fault in data.all_faults() if fault.stops]
    files.write_text(faults or out.with_name("faults.csv"), to_csv(stopping))
    told = (fault for fault in data.all_faults() if not fault.stops)
    files.write_text(warnings or out.with_name("warnings.csv"), to_csv(told))
    if stopping:
        raise BadInput(stopping)
    files.write_blocks(out, photo_table(data, columns))
    files.write_json(summary or out.with_name("summary.json"), summarise(data, read, options))


if __name__ == "__main__":
    cli.run(ingest)
