from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from assay.interactive import sprite


def opened(sheet: sprite.Sheet) -> np.ndarray:
    with Image.open(io.BytesIO(sheet.content)) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def test_each_photograph_lies_at_its_place() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (11, 1, 1, 3), dtype=np.uint8)
    pictures = np.broadcast_to(colours, (11, 64, 64, 3))
    sheet = sprite.sheet(pictures)
    pixels = opened(sheet)
    assert pixels.shape == (sheet.rows * sheet.side, sheet.columns * sheet.side, 3)
    for number in range(11):
        left, top = (sheet.side * edge for edge in sheet.place(number))
        middle = pixels[top + sheet.side // 2, left + sheet.side // 2]
        assert np.abs(middle - colours[number, 0, 0]).max() < 12


def test_photographs_smaller_than_a_thumbnail_are_not_enlarged() -> None:
    assert sprite.sheet(np.zeros((2, 16, 16, 3), dtype=np.uint8)).side == 16
    assert sprite.sheet(np.zeros((1, 100, 100, 3), dtype=np.uint8)).side == sprite.SIDES[0]


def test_a_sheet_that_would_be_too_large_has_smaller_thumbnails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sprite, "LARGEST", 20_000)
    noise = np.random.default_rng(0).integers(0, 256, (60, 40, 40, 3), dtype=np.uint8)
    sheet = sprite.sheet(noise)
    assert len(sheet.content) <= 20_000
    assert sheet.side < sprite.SIDES[0]
