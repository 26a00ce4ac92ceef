"""Reading all photographs of a data set once, in parallel: what each is, or what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assay import images, parallel
from assay.faults import BadInput, Fault
from assay.intake import twins
from assay.reading import paths
from assay.reading.options import ReadingOptions


@dataclass(frozen=True)
class Target:
    """One photograph to be read: its row in the table, its name, and where it lies.

    real: the file itself, links followed.
    """

    row: int
    image: str
    path: Path
    real: str
    roi: tuple[int, ...] = ()


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

    @property
    def is_read(self) -> bool:
        """Whether the photograph was read true."""
        return self.signature is not None


@dataclass(frozen=True)
class Examination:
    """The work of one process: reads a Target by these options."""

    options: ReadingOptions

    def __call__(self, target: Target) -> Finding:
        """Read one photograph; its faults name it as the table does, with its row."""
        try:
            photo = images.read(target.path, self.options, target.roi)
        except BadInput as bad:
            return Finding(faults=_placed(bad.faults, target))
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
            _placed(photo.warnings, target),
        )


def _placed(faults: Sequence[Fault], target: Target) -> tuple[Fault, ...]:
    return tuple(replace(fault, file=target.image, row=target.row) for fault in faults)


def locate(
    folder: Path, row: int, image: str, roi: tuple[int, ...] = (), suggest: bool = True
) -> Target:
    """The file that a row means; BadInput E_PATH, E_SPECIAL, E_MISSING with name and row.

    A name is taken as written; only if there is no such file, without spaces at its ends.
    """
    try:
        try:
            path, real = paths.locate(folder, image, suggest)
        except BadInput:
            if image == image.strip() or not image.strip():
                raise
            image = image.strip()
            path, real = paths.locate(folder, image, suggest)
    except BadInput as bad:
        raise BadInput(replace(fault, file=image, row=row) for fault in bad.faults) from bad
    return Target(row, image, path, real, roi)


def examine(targets: Sequence[Target], options: ReadingOptions, workers: int) -> Iterator[Finding]:
    """Findings in the order of the targets."""
    return parallel.in_order(Examination(options), targets, workers, _killed)


def _killed(target: Target) -> Finding:
    fault = Fault(
        "E_CORRUPT",
        "its decoder crashed or didn't end.",
        "Copy it again from its source.",
        file=target.image,
        row=target.row,
    )
    return Finding(faults=(fault,))
