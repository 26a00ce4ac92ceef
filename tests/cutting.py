"""A training that ends where a crash would end it: for tests of what is left, and goes on."""

from __future__ import annotations

import itertools

import pytest

from assay.learning.checkpoint import Checkpoint


class Killed(BaseException):
    """The process ended here."""


def cut(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """End the training after so many states are written."""
    count, write = itertools.count(1), Checkpoint.save

    def save(self: Checkpoint, epoch: int, batch: int) -> None:
        write(self, epoch, batch)
        if next(count) == after:
            raise Killed

    monkeypatch.setattr(Checkpoint, "save", save)
