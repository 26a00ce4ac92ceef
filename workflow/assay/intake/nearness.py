"""How near photographs are to each other: small signatures, compared over the 8 turns and mirrors.

Of a million photographs no more than a part of the signatures is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

import numpy as np
from scipy.spatial import cKDTree

GRID = 8  # blocks a side of a signature
FARTHEST = 3.0  # 8-bit levels, root mean square over a signature; beyond it nothing is near
MARGIN = 0.75  # of the distance of the closest pair with different labels
COMPONENTS, NEIGHBOURS = 8, 9
CHUNK, QUICK_CHUNK = 16_384, 2_000  # signatures, and pairs of them, that are worked on at once


def turns(pixels: np.ndarray) -> Iterator[np.ndarray]:
    """The 8 turns and mirrors of (H, W, ...): 0, 90, 180, 270 degrees, then of the mirror image."""
    for image in (pixels, pixels[:, ::-1]):
        across = image.swapaxes(0, 1)
        yield from (image, across[::-1], image[::-1, ::-1], across[:, ::-1])


def signature(pixels: np.ndarray) -> np.ndarray:
    """Means of 8x8 blocks, (8, 8, 3) float32 in 8-bit levels; turning it turns the picture."""
    if min(pixels.shape[:2]) < GRID:
        pixels = pixels.repeat(GRID, axis=0).repeat(GRID, axis=1)
    rows, columns = (np.round(np.arange(GRID + 1) * n / GRID).astype(int) for n in pixels.shape[:2])
    strips = [pixels[top:end].sum(axis=0, dtype=np.uint32) for top, end in pairwise(rows)]
    sums = np.add.reduceat(np.stack(strips), columns[:-1], axis=1, dtype=np.float64)
    areas = np.diff(rows)[:, None, None] * np.diff(columns)[:, None]
    return (sums / (areas * (1 if pixels.dtype == np.uint8 else 257))).astype(np.float32)


class Signatures(Protocol):
    """An array (N, 8, 8, 3) float32 of which only parts need be in memory."""

    def __len__(self) -> int: ...

    def __getitem__(self, positions: slice | np.ndarray, /) -> np.ndarray: ...


def candidates(
    signatures: Signatures, labels: np.ndarray, shapes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Pairs with equal labels, their distances and turns, and how close is near.

    A quick distance, wrong by its rounding only, first leaves out the pairs that can't matter.
    """
    pairs = _neighbours(signatures)
    quick = _quick_distances(signatures, shapes, pairs)
    same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    closest = ~same & (quick <= _above(quick[~same].min(initial=np.inf)))
    limit = min(
        FARTHEST,
        MARGIN * float(_distances(signatures, shapes, pairs[closest])[0].min(initial=np.inf)),
    )
    pairs = pairs[same & (quick <= _above(limit))]
    return pairs, *_distances(signatures, shapes, pairs), limit


def _above(distance: float) -> float:
    """A distance that is larger beyond rounding."""
    return distance * (1 + 1e-4) + 1e-4


def _neighbours(signatures: Signatures) -> np.ndarray:
    """Candidate pairs (P, 2), first < second: near in what turning and mirroring doesn't change.

    The mean over the turns and its projection shrink distances, so no near pair is lost, but for
    more than 8 nearer neighbours.
    """
    count, length = len(signatures), GRID * GRID * 3
    parts = [slice(start, start + CHUNK) for start in range(0, count, CHUNK)]
    middle = sum(_mean_of_turns(signatures[part]).sum(axis=0) for part in parts) / count
    products = np.zeros((length, length))
    for part in parts:
        flat = _mean_of_turns(signatures[part]) - middle
        products += flat.T @ flat
    _, vectors = np.linalg.eigh(products)
    axes = vectors[:, -COMPONENTS:]
    points = np.concatenate([(_mean_of_turns(signatures[p]) - middle) @ axes for p in parts])
    tree, reach = cKDTree(points), FARTHEST * np.sqrt(length)
    found = []
    for part in parts:
        nearest = min(NEIGHBOURS, count)
        _, second = tree.query(points[part], k=nearest, distance_upper_bound=reach)
        first = np.repeat(np.arange(count)[part], nearest)
        second = second.ravel()
        kept = (second < count) & (second != first)
        ends = np.sort(np.stack([first[kept], second[kept]]), axis=0)
        found.append(np.unique(ends[0] * count + ends[1]))
    return np.stack(np.divmod(np.unique(np.concatenate(found)), count), axis=1)


def _mean_of_turns(signatures: np.ndarray) -> np.ndarray:
    """(N, 192) float64."""
    stack = np.zeros(signatures.shape, dtype=np.float64)
    for turn in turns(np.moveaxis(signatures, 0, -1)):  # (8, 8, 3, N)
        stack += np.moveaxis(turn, -1, 0)
    return (stack / 8).reshape(len(signatures), -1)


def _quick_distances(signatures: Signatures, shapes: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """What `_distances` gives, but for rounding, in a tenth of the time; (P,) float32."""
    best = np.full(len(pairs), np.inf, dtype=np.float32)
    length = GRID * GRID * 3
    places = np.arange(length).reshape(GRID, GRID, 3)
    orders = [turn.ravel() for turn in turns(places)]
    for start in range(0, len(pairs), QUICK_CHUNK):
        part = slice(start, start + QUICK_CHUNK)
        one, two = pairs[part].T
        reference = signatures[one].reshape(-1, length)
        other = signatures[two].reshape(-1, length)
        fits = _fits(shapes, one, two)
        for number, order in enumerate(orders):
            difference = other[:, order]
            difference -= reference
            square = np.einsum("ij,ij->i", difference, difference)
            square[~fits[number % 2]] = np.inf
            np.minimum(best[part], square, out=best[part])
    return np.sqrt(best / length)


def _fits(shapes: np.ndarray, one: np.ndarray, two: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether the pictures have the same shape: as they are, and with one on its side."""
    ratio = np.log(shapes[:, 0] / shapes[:, 1])
    upright, lying = ratio[one] - ratio[two], ratio[one] + ratio[two]
    return np.abs(upright) <= 0.02, np.abs(lying) <= 0.02


def _distances(
    signatures: Signatures, shapes: np.ndarray, pairs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Smallest root mean square difference over the 8 turns of each second picture, and the turn.

    Turns under which the two shapes don't fit are left out.
    """
    best = np.full(len(pairs), np.inf)
    turn = np.zeros(len(pairs), dtype=int)
    for start in range(0, len(pairs), 20_000):
        part = slice(start, start + 20_000)
        one, two = pairs[part].T
        reference, fits = signatures[one], _fits(shapes, one, two)
        for number, other in enumerate(turns(np.moveaxis(signatures[two], 0, -1))):
            difference = np.moveaxis(other, -1, 0) - reference
            distance = np.sqrt(np.square(difference).mean(axis=(1, 2, 3)))
            distance[~fits[number % 2]] = np.inf
            better = distance < best[part]
            best[part][better] = distance[better]
            turn[part][better] = number
    return best, turn
