"""A method at work: photographs in; values, intervals and verdicts out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assay import images
from assay.faults import BadInput
from assay.method import (
    ahead,
    appearance,
    cloud,
    container,
    engines,
    intervals,
    judgement,
    limits,
    probes,
    values,
)
from assay.method.appearance import Shot
from assay.method.engines import Answers, Runtime
from assay.method.sources import Item
from assay.metrics import Floats
from assay.pictures import area

THUMBNAIL = 64  # pixels of a side of the pictures that are shown


@dataclass(frozen=True)
class Measured:
    """A photograph that was read: statistics for limits, values in concentration units.

    free: the value before it is held inside the range; raw: the networks' own, before any
    adjustment; NaN: not available. spread: standard deviation over the fold models, on the scale.
    """

    shot: Shot
    statistics: dict[str, float]
    value: float
    lower: float
    upper: float
    free: float
    raw: float
    spread: float


@dataclass(frozen=True)
class Result:
    """What is found of one photograph; value and interval are in concentration units.

    None where it is refused, or where no interval is available. picture: (S, S, 3) uint8, small, as
    the method saw it.
    """

    image: str
    sample: str
    verdict: str
    reason: str
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    spread: float | None = None
    picture: np.ndarray | None = None


class Delivered:
    """An opened method, its engine proven; BadInput where the folder can't be believed."""

    def __init__(
        self,
        folder: Path,
        runtime: Runtime = "auto",
        threads: int = 1,
        confidence: float | None = None,
    ):
        self.container = container.read(folder)
        self.description = self.container.description
        self.confidence = confidence or self.description.interval.confidence
        self.engine = engines.open_engine(self.container, runtime, threads)
        self.arrays = self.container.arrays()
        self.colours = cloud.load(self.arrays, "cloud.colours", appearance.COLOURS)
        seen = self.engine(self.arrays["proof.pictures"][:1]).features  # (1, folds, F)
        self.features = [
            cloud.load(self.arrays, f"cloud.features{number}", seen.shape[2])
            for number in range(seen.shape[1] if seen.shape[2] else 0)
        ]
        self.calibration = intervals.load(
            self.arrays, self.description.interval.units, self.description.folds
        )
        self.decoded_alike = self._compare_decoders()

    def _compare_decoders(self) -> dict[str, bool]:
        """Whether each format with a probe decodes here as it did at training."""
        reading, aspect = self.description.reading, self.description.aspect
        size = self.description.experiment.size
        if images.decoders() == reading.decoders:
            return {}
        held = {name: self.arrays.get(f"probe.{name}") for name in reading.probes}
        made = {name: probe for name, probe in held.items() if probe is not None}
        found = probes.digests(made, reading.options, size, aspect)
        return {name: digest == reading.probes[name] for name, digest in found.items()}

    def take(self, item: Item) -> Shot | BadInput:
        """Read one photograph, or tell why not."""
        if item.fault:
            return item.fault
        description = self.description
        size, aspect = description.experiment.size, description.aspect
        try:
            return appearance.take(
                item.path, description.reading.options, size, aspect, item.region
            )
        except BadInput as bad:
            return bad

    def results(self, items: Sequence[Item], batch: int, workers: int) -> Iterator[Result]:
        """The results of all items, in their order."""
        for item, measured in self.measured(items, batch, workers):
            if isinstance(measured, BadInput):
                yield Result(item.image, item.sample, "REFUSE", unreadable(measured))
            else:
                yield self._result(item, measured)

    def measured(
        self, items: Sequence[Item], batch: int, workers: int
    ) -> Iterator[tuple[Item, Measured | BadInput]]:
        """What is measured of all items, in their order; `batch` pictures go through at once.

        Threads read photographs ahead of the engine.
        """
        waiting: list[tuple[Item, Shot | BadInput]] = []
        for item, read in zip(items, ahead.in_order(self.take, items, workers), strict=True):
            waiting.append((item, read))
            if sum(isinstance(read, Shot) for _, read in waiting) == batch:
                yield from self._batch(waiting)
                waiting = []
        yield from self._batch(waiting)

    def _batch(
        self, reads: Sequence[tuple[Item, Shot | BadInput]]
    ) -> Iterator[tuple[Item, Measured | BadInput]]:
        shots = [read for _, read in reads if isinstance(read, Shot)]
        rows = self._rows(shots) if shots else iter(())
        for item, read in reads:
            yield item, next(rows) if isinstance(read, Shot) else read

    def _rows(self, shots: Sequence[Shot]) -> Iterator[Measured]:
        answers = self.engine(np.stack([shot.picture for shot in shots]))
        statistics = self._statistics(shots, answers)
        columns = self._values(answers.raw)
        for row, shot in enumerate(shots):
            seen = {name: float(column[row]) for name, column in statistics.items()}
            yield Measured(shot, seen, *(float(column[row]) for column in columns))

    def _statistics(self, shots: Sequence[Shot], answers: Answers) -> dict[str, Floats]:
        seen = [shot.appearance for shot in shots]
        inside, outside = self.colours.distances(np.stack([one.colours for one in seen]))
        result = {
            name: np.array([getattr(one, name) for one in seen])
            for name in ("saturated", "dark", "blurred")
        }
        result |= {"colour_t": inside, "colour_q": outside}
        if self.features:
            far = [c.distances(answers.features[:, k]) for k, c in enumerate(self.features)]
            result["features_t"] = np.median([inside for inside, _ in far], axis=0)
            result["features_q"] = np.median([outside for _, outside in far], axis=0)
        return result

    def _values(self, raw: np.ndarray) -> list[Floats]:
        """Columns (N,) in the order of Measured, of raw (N, folds)."""
        quantity, interval = self.description.quantity, self.description.interval
        lost = ~np.isfinite(raw).all(axis=1)  # a row without numbers mustn't stop the others
        raw = np.where(lost[:, None], raw.dtype.type(quantity.low), raw)
        free, inside = values.by_fold(raw, quantity, self.description.adjustment)
        middle = inside.mean(axis=0)
        none = np.full(len(raw), np.nan)
        spread = inside.std(axis=0, ddof=1) if len(inside) > 1 else none
        bounds = intervals.of_new(self.calibration, middle, interval, self.confidence)
        ends = (
            (none, none) if bounds.low is None or bounds.high is None else (bounds.low, bounds.high)
        )
        given = (middle, *ends, np.where(lost, np.nan, free.mean(axis=0)))
        columns = [values.off_scale(column, quantity) for column in given]
        return [*columns, raw.astype(np.float64).mean(axis=1), spread]

    def _result(self, item: Item, measured: Measured) -> Result:
        quantity, known = self.description.quantity, not math.isnan(measured.lower)
        judged = judgement.of_file(measured.shot, self.description, self.decoded_alike)
        judged.add(*limits.judge(self.description.limits, measured.statistics))
        if bool(item.region) != self.description.training.region:
            wanted = "needs a region of interest" if not item.region else "has whole photographs"
            judged.refused.append(f"another region: the method {wanted}, as training had")
        usual = judgement.REACH * (quantity.high - quantity.low)
        reach = usual, usual
        if known:
            reach = measured.value - measured.lower, measured.upper - measured.value
        judged.add(*judgement.of_value(measured.free, measured.raw, reach, self.description))
        told = Result(
            item.image, item.sample, judged.verdict, judged.reason, picture=small(measured.shot)
        )
        if judged.refused:
            return told
        return replace(
            told,
            value=measured.value,
            lower=measured.lower if known else None,
            upper=measured.upper if known else None,
            spread=None if math.isnan(measured.spread) else measured.spread,
        )


def small(shot: Shot) -> np.ndarray:
    """The picture of a shot, at most THUMBNAIL pixels wide."""
    size = min(THUMBNAIL, len(shot.picture))
    return shot.picture if size == len(shot.picture) else area.resize(shot.picture, size)


def unreadable(bad: BadInput) -> str:
    """Why a photograph can't be read, in words; its name stands beside."""
    return "; ".join(f"{fault.code}: {fault.message}".rstrip(".") for fault in bad.faults)
