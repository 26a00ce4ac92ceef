"""The same photograph twice: exactly, over the 8 turns and mirrors, or nearly (encoded again)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from PIL import Image
from scipy.spatial import cKDTree

GRID = 8  # blocks a side of a signature
FARTHEST = 3.0  # 8-bit levels, root mean square over a signature; beyond it nothing is near
MARGIN = 0.75  # of the distance of the closest pair with different labels
COMPONENTS, NEIGHBOURS, MOST_PAIRS = 8, 9, 3000
RECODED, RECODED_AND_SCALED = 0.18, 0.10  # least departures from 1/2, see recoded
BEYOND_CHANCE = 4.5  # standard errors
CHUNK, QUICK_CHUNK = 16_384, 2_000  # signatures, and pairs of them, that are worked on at once
BAND = 256  # rows that are copied at once
CROP = 1024  # pixels a side that are compared
ROUNDING = 0.05  # mean square difference, in levels, that rounding makes
WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # of luma, Rec. 601


def turns(pixels: np.ndarray) -> Iterator[np.ndarray]:
    """The 8 turns and mirrors of (H, W, ...): 0, 90, 180, 270 degrees, then of the mirror image."""
    for image in (pixels, pixels[:, ::-1]):
        across = image.swapaxes(0, 1)
        yield from (image, across[::-1], image[::-1, ::-1], across[:, ::-1])


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
    pairs, distances, turn, limit = _near_candidates(signatures, labels, shapes)
    near = np.flatnonzero(distances <= limit)
    near = near[np.argsort(distances[near], kind="stable")]
    found = []
    for index in near[:MOST_PAIRS]:
        first, second = pairs[index].tolist()
        copy = recoded(load(first), list(turns(load(second)))[turn[index]])
        if copy:
            found.append((first, second, copy))
    return _of_closest_originals(found), max(0, len(near) - MOST_PAIRS)


def _near_candidates(
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


def _quick_distances(
    signatures: Signatures, shapes: np.ndarray, pairs: np.ndarray
) -> np.ndarray:
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
