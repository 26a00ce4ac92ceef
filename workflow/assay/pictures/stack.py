"""Pictures of one size in several memory-mapped files, read row by row as if they were one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np

Index = np.ndarray | slice


class Stack:
    """uint8 (N, S, S, 3) that lies in one array or behind one another in several.

    Choosing rows (`rows`) or laying stacks behind one another (`+`) reads nothing; indexing reads
    just the rows asked for into memory. parts are the arrays, order the rows among them all.
    """

    def __init__(self, parts: Sequence[np.ndarray], order: np.ndarray | None = None):
        self.parts = list(parts)
        self._ends = np.cumsum([len(part) for part in self.parts])
        self.order = np.arange(self._ends[-1]) if order is None else order

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, S, S, 3)."""
        return (len(self.order), *self.parts[0].shape[1:])

    @property
    def nbytes(self) -> int:
        """What all its rows would take in memory."""
        return int(np.prod(self.shape, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[row] for row in range(len(self)))

    @overload
    def __getitem__(self, key: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, key: Index) -> np.ndarray: ...
    def __getitem__(self, key: int | Index) -> np.ndarray:
        """Read one picture (S, S, 3), or those of a slice, of numbers or of a mask (n, S, S, 3)."""
        wanted = self.order[key]
        part = np.searchsorted(self._ends, wanted, side="right")
        if isinstance(part, np.integer):
            return np.array(self.parts[part][wanted - self._first(part)])
        read = np.empty((len(wanted), *self.shape[1:]), dtype=np.uint8)
        for one in np.unique(part):
            here = part == one
            read[here] = self.parts[one][wanted[here] - self._first(one)]
        return read

    def _first(self, part: int | np.integer) -> int:
        """The row at which a part begins."""
        return int(self._ends[part]) - len(self.parts[part])

    def rows(self, rows: Index) -> Stack:
        """The stack of these rows alone."""
        return Stack(self.parts, self.order[rows])

    def __add__(self, other: Stack) -> Stack:
        behind = other.order + self._ends[-1]
        return Stack([*self.parts, *other.parts], np.concatenate([self.order, behind]))


Pictures = np.ndarray | Stack  # what models are fitted to and asked about, in slices
