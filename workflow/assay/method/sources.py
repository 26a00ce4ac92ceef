"""Which photographs are meant: files, folders, or the rows of a table."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.faults import BadInput, refuse
from assay.intake import labels
from assay.intake.labels import Columns
from assay.reading import content, paths
from assay.tables import numbers, sheets

logger = logging.getLogger("assay")


@dataclass(frozen=True)
class Item:
    """One photograph: its name in the results, where it lies, its sample, its region of interest.

    known: the instrument's value of a standard. fault: what is wrong where there is no such file.
    """

    image: str
    path: Path
    sample: str
    region: tuple[int, ...] = ()
    known: float | None = None
    fault: BadInput | None = None


def of_paths(places: Sequence[Path]) -> list[Item]:
    """Every file that is named, and every picture in every folder, each a sample of its own.

    In a folder whatever looks like a picture by its content or its name is one; what else lies
    there is counted in the log.
    """
    items = []
    for place in places:
        if place.is_dir():
            items += _of_folder(place)
        else:
            items.append(Item(str(place), place, str(place)))
    if not items:
        remedy = "Name photographs, or folders that hold some."
        raise refuse(
            "E_EMPTY", "there are no photographs.", remedy, file=", ".join(map(str, places))
        )
    return items


def _of_folder(folder: Path) -> list[Item]:
    names = list(paths.listed(folder))
    chosen = [name for name in names if _is_picture(folder / name)]
    if len(chosen) < len(names):
        logger.warning("%s: %d other files left out", folder, len(names) - len(chosen))
    return [Item(name, folder / name, name) for name in chosen]


def _is_picture(path: Path) -> bool:
    if path.suffix.lower().removeprefix(".") in content.PICTURE_ENDINGS:
        return True
    return content.kind(paths.head(path, content.HEAD)) in content.READ


def of_table(
    folder: Path, table: Path, image: str, sample: str, region: Sequence[str]
) -> list[Item]:
    """The rows of a table (CSV or Excel); region: four columns, x, y, width, height, or none."""
    sheet = sheets.read(table, [image, *filter(None, [sample]), *region])
    stopping = [fault for fault in sheet.faults if fault.stops]
    if stopping:
        raise BadInput(stopping)
    items = []
    for row, *cells in zip(sheet.rows, *sheet.columns.values(), strict=True):
        named = dict(zip(sheet.columns, map(numbers.clean, cells), strict=True))
        places = [named[name] for name in region]
        if not all(place.isascii() and place.isdigit() for place in places):
            remedy = "Write whole numbers of pixels."
            raise refuse("E_ROI", f"{places} is no region.", remedy, file=str(table), row=row)
        own = named[sample] if sample else ""
        items.append(_item(folder, named[image], own, tuple(map(int, places))))
    return items


def _item(
    folder: Path, image: str, sample: str, region: tuple[int, ...], known: float | None = None
) -> Item:
    try:
        path, _ = paths.locate(folder, image)
    except BadInput as bad:
        return Item(image, folder, sample or image, region, known, bad)
    return Item(image, path, sample or image, region, known)


def of_standards(folder: Path, table: Path, columns: Columns) -> list[Item]:
    """The rows of a table of standards with their known values; BadInput with all its faults."""
    found = labels.read(table, columns)
    stopping = [fault for fault in found.faults if fault.stops]
    if stopping:
        raise BadInput(stopping)
    return [_item(folder, row.image, row.sample, row.roi, row.label) for row in found.rows]
