"""Where the photographs of a table lie, and what reading each of them tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import overload

import numpy as np

from assay import images, parallel
from assay.faults import BadInput, Fault
from assay.intake import twins
from assay.intake.rows import Rows, at
from assay.reading import paths
from assay.reading.options import ReadingOptions

SUGGESTED = 20  # missing names for which a near one is looked for


@dataclass(frozen=True, slots=True)
class Target:
    """One photograph to be read: its row in the table, its name, and where it lies."""

    row: int
    image: str
    path: Path
    roi: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Targets(Sequence[Target]):
    """Targets by column; own: the file itself within the folder, links followed.

    roi is (N, 4), or (N, 0) where the whole pictures are meant.
    """

    folder: Path
    row: np.ndarray
    image: list[str]
    own: list[str]
    roi: np.ndarray

    def __len__(self) -> int:
        return len(self.row)

    @overload
    def __getitem__(self, index: int) -> Target: ...
    @overload
    def __getitem__(self, index: slice) -> list[Target]: ...
    def __getitem__(self, index: int | slice) -> Target | list[Target]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        image, region = self.image[index], tuple(self.roi[index].tolist())
        return Target(int(self.row[index]), image, self.folder / image, region)

    def at(self, positions: Sequence[int] | np.ndarray) -> Targets:
        """The targets at these positions."""
        columns = (at(c, positions) for c in (self.row, self.image, self.own, self.roi))
        return Targets(self.folder, *columns)


def located(
    folder: Path, rows: Rows, numbers: np.ndarray, images: Sequence[str]
) -> tuple[Rows, Targets, list[Fault]]:
    """The rows whose file is there, and their targets; E_PATH, E_SPECIAL, E_MISSING, W_SPACE.

    numbers, images: of all rows of the table, faulty ones too, so that all faults are told at once.
    """
    names, owns, there = [], [], []
    faults: list[Fault] = []
    missing = 0
    for index, image in enumerate(images):
        try:
            name, own = _locate(folder, int(numbers[index]), image, missing < SUGGESTED)
        except BadInput as bad:
            faults += bad.faults
            missing += 1
            continue
        names.append(name)
        owns.append(own)
        there.append(index)
    _, good, chosen = np.intersect1d(rows.row, numbers[there], True, return_indices=True)
    rows = rows.at(good)
    targets = Targets(folder, rows.row, at(names, chosen), at(owns, chosen), rows.roi)
    faults += [
        Fault("W_SPACE", "stray spaces around its name.", file=name, row=int(row))
        for row, image, name in zip(rows.row, rows.image, targets.image, strict=True)
        if image != name
    ]
    return rows, targets, faults


def _locate(folder: Path, row: int, image: str, suggest: bool) -> tuple[str, str]:
    """The name of the file that a row means, and of the file itself, links followed.

    A name is taken as written; only if there is no such file, without spaces at its ends.
    """
    try:
        try:
            _, real = paths.locate(folder, image, suggest)
        except BadInput:
            if image == image.strip() or not image.strip():
                raise
            image = image.strip()
            _, real = paths.locate(folder, image, suggest)
    except BadInput as bad:
        raise BadInput(replace(fault, file=image, row=row) for fault in bad.faults) from bad
    own = real[len(f"{folder}/") :]
    return image, image if own == image else own  # one text where they are equal


@dataclass(frozen=True)
class Finding:
    """What reading one photograph told; faults hold errors or warnings.

    width, height: of the whole picture in pixels; shape: height and width of what is measured.
    """

    sha256: str = ""
    pixel_hash: str = ""
    signature: np.ndarray | None = None
    shape: tuple[int, int] = (0, 0)
    width: int = 0
    height: int = 0
    format: str = ""
    grey: bool = False
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Examination:
    """The work of one process: reads a Target by these options."""

    options: ReadingOptions

    def __call__(self, target: Target) -> Finding:
        """Read one photograph; its faults name neither file nor row."""
        try:
            photo = images.read(target.path, self.options, target.roi)
        except BadInput as bad:
            return Finding(faults=_bare(bad.faults))
        return Finding(
            photo.sha256,
            twins.pixel_hash(photo.pixels),
            twins.signature(photo.pixels),
            photo.pixels.shape[:2],
            photo.width,
            photo.height,
            photo.format,
            photo.grey,
            photo.notes,
            _bare(photo.warnings),
        )


def _bare(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(replace(fault, file="", row=None) for fault in faults)


def examine(targets: Sequence[Target], options: ReadingOptions, workers: int) -> Iterator[Finding]:
    """Findings in the order of the targets."""
    return parallel.in_order(Examination(options), targets, workers, _killed)


def _killed(target: Target) -> Finding:
    remedy = "Copy it again from its source."
    return Finding(faults=(Fault("E_CORRUPT", "its decoder crashed or didn't end.", remedy),))
