"""Rows of a label table, held as columns: a million of them take some 100 MB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, overload

import numpy as np


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One row: its line in the file, the picture's name as written, its value and its places."""

    row: int
    image: str
    label: float
    sample: str = ""
    group: str = ""
    split: str = ""
    roi: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Rows(Sequence[LabelRow]):
    """LabelRows by column; roi is (N, 4), or (N, 0) where the whole pictures are meant."""

    row: np.ndarray
    image: list[str]
    label: np.ndarray
    sample: list[str]
    group: list[str]
    split: list[str]
    roi: np.ndarray

    def __len__(self) -> int:
        return len(self.row)

    @overload
    def __getitem__(self, index: int) -> LabelRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[LabelRow]: ...
    def __getitem__(self, index: int | slice) -> LabelRow | list[LabelRow]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        return LabelRow(
            int(self.row[index]),
            self.image[index],
            float(self.label[index]),
            self.sample[index],
            self.group[index],
            self.split[index],
            tuple(self.roi[index].tolist()),
        )

    def at(self, positions: Sequence[int] | np.ndarray) -> Rows:
        """The rows at these positions, which are in order and differ."""
        return Rows(*(at(getattr(self, field.name), positions) for field in fields(self)))


def none() -> Rows:
    """No rows."""
    empty = np.empty(0, dtype=np.int64)
    return Rows(empty, [], np.empty(0), [], [], [], np.empty((0, 0), dtype=np.int64))


def at(column: Any, positions: Sequence[int] | np.ndarray) -> Any:
    """The cells of a column, a list or an array, at these positions, in order and different."""
    if len(positions) == len(column):
        return column
    if isinstance(column, list):
        return [column[i] for i in positions]
    return column[np.asarray(positions, dtype=np.int64)]
