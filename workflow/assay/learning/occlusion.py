"""Where does a model look? Hide a part of a photograph and see how far the answer moves.

Occlusion: Zeiler & Fergus (2014), ECCV, arXiv 1311.2901. A map may be pretty and say nothing
(Adebayo et al. 2018, arXiv 1810.03292), so each is put to the test by deletion (Petsiuk, Das &
Saenko 2018, arXiv 1806.07421): the cells that the map holds most telling are hidden first, and the
answer must move further than by the same map turned, mirrored and moved elsewhere at random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from assay.metrics import Floats, Scale, on_scale

Predict = Callable[[np.ndarray], np.ndarray]  # pictures uint8 (N, S, S, 3) to concentrations (N,)

CELLS = 16  # along a side; a hidden window is two by two of them
SHARES = (0.02, 0.05, 0.1, 0.2, 0.4)  # of the picture that are hidden by the test
RANDOM = 39  # random maps: the least p-value is 1 / 40
FINE = 0.05  # p-value at or below which a map is held to say something
STILL = 1e-4  # of the range: a map that stays below has no meaning


@dataclass(frozen=True)
class Deletion:
    """How far the answer moves, in the map's direction, when cells are hidden in its order."""

    direction: int  # +1: hiding the telling cells raises the answer; -1: lowers it; 0: no map
    by_map: Floats  # (shares,) units of the scale
    by_random: Floats  # (RANDOM, shares)


def cells_of(size: int) -> np.ndarray:
    """Edges of the cells along a side of `size` pixels, (cells + 1,)."""
    cells = max(2, min(CELLS, size // 2))
    return np.round(np.linspace(0, size, cells + 1)).astype(int)


def hidden(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The picture (S, S, 3) with the cells of a mask (cells, cells) in its own mean colour."""
    widths = np.diff(cells_of(len(picture)))
    pixels = np.repeat(np.repeat(mask, widths, axis=0), widths, axis=1)
    colour = np.round(picture.mean(axis=(0, 1))).astype(np.uint8)
    return np.where(pixels[..., None], colour, picture)


def saliency(predict: Predict, picture: np.ndarray, scale: Scale = "linear") -> Floats:
    """Mean shift of the answer while a window that covers the cell is hidden, (cells, cells).

    picture: (S, S, 3) uint8. Each cell lies in four windows; shifts are in units of the scale.
    """
    cells = len(cells_of(len(picture))) - 1
    masks = []
    for row in range(cells + 1):
        for column in range(cells + 1):
            mask = np.zeros((cells, cells), dtype=bool)
            mask[max(0, row - 1) : row + 1, max(0, column - 1) : column + 1] = True
            masks.append(mask)
    shift = shifts(predict, picture, masks, scale).reshape(cells + 1, cells + 1)
    return (shift[:-1, :-1] + shift[1:, :-1] + shift[:-1, 1:] + shift[1:, 1:]) / 4


def shifts(predict: Predict, picture: np.ndarray, masks: list[np.ndarray], scale: Scale) -> Floats:
    """How far the answer moves when the cells of each mask are hidden, (masks,)."""
    pictures = np.stack([picture, *(hidden(picture, mask) for mask in masks)])
    answers = on_scale(predict(pictures), scale)
    return answers[1:] - answers[0]


def moved(values: Floats, generator: np.random.Generator) -> Floats:
    """A map (cells, cells) moved across its borders by a quarter or more, turned and mirrored."""
    side = len(values)
    far = int(generator.integers(max(1, side // 4), side - side // 4 + 1))
    away = np.roll(values, (far, int(generator.integers(side))), axis=(0, 1))
    if generator.integers(2):
        away = away.T
    return np.rot90(away, int(generator.integers(4)))


def deletion(
    predict: Predict,
    picture: np.ndarray,
    values: Floats,
    still: float,
    generator: np.random.Generator,
    scale: Scale = "linear",
) -> Deletion:
    """Put a map (cells, cells) to the test; one that nowhere moves by more than `still` is none."""
    if np.abs(values).max() <= still:
        none = np.zeros(len(SHARES))
        return Deletion(0, none, np.zeros((RANDOM, len(SHARES))))
    direction = 1 if values.sum() > 0 else -1
    telling = direction * values
    maps = [telling, *(moved(telling, generator) for _ in range(RANDOM))]
    masks = [mask for one in maps for mask in _first(one)]
    shift = direction * shifts(predict, picture, masks, scale).reshape(len(maps), len(SHARES))
    return Deletion(direction, shift[0], shift[1:])


def _first(values: Floats) -> list[np.ndarray]:
    """The cells with the largest values, so many for each share."""
    order = np.argsort(-values, axis=None, kind="stable")
    masks = []
    for share in SHARES:
        mask = np.zeros(values.size, dtype=bool)
        mask[order[: max(1, round(share * values.size))]] = True
        masks.append(mask.reshape(values.shape))
    return masks


def mean_shift(shift: Floats) -> Floats:
    """Mean over the hidden share from 0 to its largest, of shifts (..., shares); nothing at 0."""
    shares = np.array([0.0, *SHARES])
    whole = np.concatenate([np.zeros((*shift.shape[:-1], 1)), shift], axis=-1)
    return np.trapezoid(whole, shares, axis=-1) / shares[-1]


def p_value(tests: list[Deletion]) -> float | None:
    """Share of the random maps, over all photographs together, that do as well; None without a map.

    A permutation p-value (Phipson & Smyth 2010, arXiv 1603.05766): the maps count among the random.
    """
    maps = [one for one in tests if one.direction]
    if not maps:
        return None
    own = sum(float(mean_shift(one.by_map)) for one in maps)
    random = np.sum([mean_shift(one.by_random) for one in maps], axis=0)
    return float((1 + np.sum(random >= own)) / (1 + RANDOM))
