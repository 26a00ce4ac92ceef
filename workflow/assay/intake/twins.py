"""The same photograph twice: exactly, over the 8 turns and mirrors, or nearly (encoded again)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from assay.intake.nearness import Signatures, candidates, signature, turns

__all__ = ["equal", "joined", "near_pairs", "pixel_hash", "recoded", "signature", "turns"]

MOST_PAIRS = 3000  # of which the full pictures are compared
RECODED, RECODED_AND_SCALED = 0.18, 0.10  # least departures from 1/2, see recoded
BEYOND_CHANCE = 4.5  # standard errors
BAND = 256  # rows that are copied at once
CROP = 1024  # pixels a side that are compared
ROUNDING = 0.05  # mean square difference, in levels, that rounding makes
WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # of luma, Rec. 601


def pixel_hash(pixels: np.ndarray) -> str:
    """SHA-256 of pixels and shape, the same for all 8 turns and mirrors of a picture.

    Hashed is the turn whose first row is the smallest in byte order: one pass over the pixels, not
    eight. Of different turns with equal first rows the smallest digest is taken.
    """
    rows = [(turn[0].tobytes(), turn) for turn in turns(pixels)]
    smallest = min(row for row, _ in rows)
    different: list[np.ndarray] = []
    for row, turn in rows:
        if row == smallest and not any(np.array_equal(turn, other) for other in different):
            different.append(turn)
    return min(map(_digest, different))


def _digest(pixels: np.ndarray) -> str:
    digest = hashlib.sha256(f"{pixels.shape}{pixels.dtype.str}".encode())
    for start in range(0, len(pixels), BAND):
        digest.update(np.ascontiguousarray(pixels[start : start + BAND]).data)
    return digest.hexdigest()


def near_pairs(
    signatures: Signatures,
    labels: np.ndarray,
    shapes: np.ndarray,
    load: Callable[[int], np.ndarray],
) -> tuple[list[tuple[int, int]], int]:
    """Pairs that seem to be one photograph, encoded or scaled again; how many weren't looked at.

    signatures (N, 8, 8, 3), labels (N,), shapes (N, 2) in pixels; load gives the pixels of one.
    Pairs with different labels are different photographs for sure: the closest of them sets how
    close is near. Within that, full pictures tell an encoding from another shot: see recoded.
    """
    if len(signatures) < 2:
        return [], 0
    pairs, distances, turn, limit = candidates(signatures, labels, shapes)
    near = np.flatnonzero(distances <= limit)
    near = near[np.argsort(distances[near], kind="stable")]
    found = []
    for index in near[:MOST_PAIRS]:
        first, second = pairs[index].tolist()
        copy = recoded(load(first), list(turns(load(second)))[turn[index]])
        if copy:
            found.append((first, second, copy))
    return _of_closest_originals(found), max(0, len(near) - MOST_PAIRS)


@dataclass(frozen=True)
class Copy:
    """How one picture was made of another: their mean square difference, and which is the copy."""

    difference: float
    second_is_copy: bool


def _of_closest_originals(found: Sequence[tuple[int, int, Copy]]) -> list[tuple[int, int]]:
    """A copy has one original: other shots of the same scene differ more from it."""
    closest: dict[int, tuple[float, int, int]] = {}
    for first, second, copy in found:
        made = second if copy.second_is_copy else first
        candidate = (copy.difference, first, second)
        closest[made] = min(candidate, closest.get(made, candidate))
    return sorted((first, second) for _, first, second in closest.values())


def recoded(one: np.ndarray, two: np.ndarray) -> Copy | None:
    """How one of two alike pictures is the other encoded again; None if they are two shots.

    The noises a, b of two shots are independent and alike, so that of the energy of their
    difference d = b - a each brings half: <d, b> / <d, d> = 1/2 at every scale. An encoder removes
    noise (ratio 0) or adds an error that it doesn't share (ratio 1). Looked at in the plainer half
    of the picture, at three scales; a departure from 1/2 counts if it is large and beyond chance.
    """
    least = RECODED if one.shape == two.shape else RECODED_AND_SCALED
    first, second = _alike(_luma(one), _luma(two))
    difference = float(np.square(first - second).mean())
    smoother = float(np.square(_fine(second)).sum()) < float(np.square(_fine(first)).sum())
    if difference < ROUNDING:
        return Copy(difference, smoother)
    for _ in range(3):
        departure, error = _departure(first, second)
        if departure > max(least, BEYOND_CHANCE * error):
            return Copy(difference, smoother)
        first, second = _halved(first), _halved(second)
    return None


def _luma(pixels: np.ndarray) -> np.ndarray:
    """(H, W) float32 in 8-bit levels, at most CROP pixels a side around the middle."""
    scale = np.float32(1 if pixels.dtype == np.uint8 else 257)
    return (pixels @ WEIGHTS) / scale


def _alike(one: np.ndarray, two: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both at the size of the smaller, cut to the middle."""
    if one.shape != two.shape:
        height, width = min(one.shape, two.shape)
        one, two = (
            np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BOX))
            for image in (one, two)
        )
    top, left = (max(0, (side - CROP) // 2) for side in one.shape)
    middle = slice(top, top + CROP), slice(left, left + CROP)
    return one[middle], two[middle]


def _departure(one: np.ndarray, two: np.ndarray) -> tuple[float, float]:
    """|<d, b> / <d, d> - 1/2| of the fine structure, and its standard error for two shots.

    The departure is <d, s> / <d, d> with the mean s = (a + b) / 2, which the difference of two
    shots doesn't correlate with. Fine structure correlates over neighbours: half the pixels count.
    """
    if min(one.shape) < 6:
        return 0.0, 0.0
    first, second = _blocks(_fine(one)), _blocks(_fine(two))
    mean, difference = (first + second) / 2, second - first
    energy = np.square(mean).sum(axis=1)
    plain = energy <= np.median(energy)
    mean, difference = mean[plain], difference[plain]
    total = float(np.square(difference).sum())
    if total < 1e-3 * difference.size:
        return 0.0, 0.0
    error = np.sqrt(np.square(mean).mean() / np.square(difference).mean() / (difference.size / 2))
    return abs(float((difference * mean).sum())) / total, float(error)


def _fine(image: np.ndarray) -> np.ndarray:
    """Each pixel less the mean of its four neighbours."""
    neighbours = image[:-2, 1:-1] + image[2:, 1:-1] + image[1:-1, :-2] + image[1:-1, 2:]
    return image[1:-1, 1:-1] - neighbours / 4


def _blocks(image: np.ndarray, side: int = 4) -> np.ndarray:
    """Squares of `side` pixels, (blocks, side * side)."""
    height, width = (length // side for length in image.shape)
    cut = image[: height * side, : width * side].reshape(height, side, width, side)
    return cut.swapaxes(1, 2).reshape(height * width, side * side)


def _halved(image: np.ndarray) -> np.ndarray:
    height, width = (length // 2 * 2 for length in image.shape)
    cut = image[:height, :width]
    return (cut[::2, ::2] + cut[1::2, ::2] + cut[::2, 1::2] + cut[1::2, 1::2]) / 4


def joined(count: int, groups: Iterable[Sequence[int]]) -> list[int]:
    """For each of `count` things the smallest number of those that the groups join it with."""
    root = list(range(count))

    def find(item: int) -> int:
        while root[item] != item:
            root[item] = root[root[item]]
            item = root[item]
        return item

    for group in groups:
        for other in group[1:]:
            one, two = sorted((find(group[0]), find(other)))
            root[two] = one
    return [find(item) for item in range(count)]


def equal(keys: Iterable[Hashable]) -> list[list[int]]:
    """Groups of positions with equal keys, those of one left out."""
    first: dict[Hashable, int] = {}
    groups: dict[int, list[int]] = {}
    for index, key in enumerate(keys):
        if (place := first.setdefault(key, index)) != index:
            groups.setdefault(place, [place]).append(index)
    return [groups[place] for place in sorted(groups)]
