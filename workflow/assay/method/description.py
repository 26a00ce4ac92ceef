"""What method.json says, typed. docs/method-format.md explains its keys to other readers."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from assay import models
from assay.experiment import Experiment
from assay.quantity import Quantity
from assay.reading.options import ReadingOptions

FORMAT = 2
LARGEST_SIZE = 4096  # pixels of a side of the pictures that a method takes
MOST_FOLDS = 100
LARGEST_OPTION = 4096  # width, depth ... of an architecture


@dataclass(frozen=True)
class Reading:
    """How photographs are read: options, decoder versions and the hash of both at training.

    probes: by file format the SHA-256 of the picture that training's decoder and resizing made of
    the small file in the array probe.<format>.
    """

    options: ReadingOptions
    fingerprint: str
    decoders: dict[str, str]
    probes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Training:
    """What the method was trained on. Sides are in pixels of what is measured of a photograph.

    data is the SHA-256 over the photographs' SHA-256 and labels; code a digest of the sources.
    """

    photographs: int
    samples: int
    blocks: int  # units that were dealt to folds as one: samples or groups
    block: str
    formats: dict[str, int]
    sides: tuple[int, int]  # least and largest shorter side
    aspects: tuple[float, float]  # least and largest ratio of width to height
    grey: bool  # some of them had no colours
    warnings: tuple[str, ...]  # codes of warnings of reading that some of them had
    region: bool  # a region of interest was cut out of each
    simulated: bool
    labels: tuple[float, float]
    data: str
    code: str
    versions: dict[str, str]


@dataclass(frozen=True)
class Covered:
    """Of n photographs at a mean known value, the share inside their interval, and its limits."""

    known: float
    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Intervals:
    """Cross-conformal intervals: the arrays calibration.* hold the scores.

    difficulty: expected error (units of the scale) at known values (on the scale), between which
    it is interpolated; format 1 has it at found ones; empty: the same everywhere. gain: the mean of
    all models has this share of a single model's error; 1: not known. How the gain differs over the
    range is in the difficulty.
    chance: shares between which the coverage lies for 99 of 100 calibrations with as many units.
    coverage is out of fold, of single models, `tested` that of the method on the test set; their
    last rows are overall.
    """

    confidence: float
    units: int  # independent calibration units; `least` are needed
    least: int
    found: tuple[float, ...] = ()
    known: tuple[float, ...] = ()
    difficulty: tuple[float, ...] = ()
    gain: float = 1.0
    chance: tuple[float, float] | None = None
    median_width: float | None = None
    coverage: tuple[Covered, ...] = ()
    tested: tuple[Covered, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Limit:
    """From which value of a statistic on a photograph is warned of, and from which refused.

    passed of n: training photographs, judged by limits from the other folds, that were not refused.
    """

    warn: float
    refuse: float
    n: int
    refused: int
    warned: int


@dataclass(frozen=True)
class Adjustment:
    """corrected = offset + slope x found, on the scale; learnt from standards by recalibration."""

    method: Literal["none", "bias", "slope and bias"] = "none"
    standards: int = 0
    offset: float = 0.0
    slope: float = 1.0
    data: str = ""


@dataclass(frozen=True)
class Entry:
    """Size and SHA-256 of one of the method's files."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Description:
    """All of method.json."""

    format: int
    assay: str
    quantity: Quantity
    experiment: Experiment
    kind: Literal["network", "estimator"]
    folds: int
    aspect: Literal["crop", "pad", "stretch"]
    reading: Reading
    training: Training
    interval: Intervals
    limits: dict[str, Limit]
    refusals: tuple[int, int]  # training photographs refused for any reason, and all judged
    files: dict[str, Entry] = field(default_factory=dict)
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)
    adjustment: Adjustment = Adjustment()
    licence: str = ""
    parent: str = ""  # SHA-256 of the method.json that this one was recalibrated from

    def __post_init__(self) -> None:
        right = {
            "experiment.architecture": self.experiment.architecture in models.names(),
            "experiment.options": right_options(self.experiment),
            "kind": right_kind(self.experiment, self.kind),
            "folds": 1 <= self.folds <= MOST_FOLDS,
            "experiment.size": 2 <= self.experiment.size <= LARGEST_SIZE,
            "quantity": self.quantity.low < self.quantity.high,
            "interval.confidence": 0 < self.interval.confidence < 1,
            "interval.difficulty": right_difficulty(self.interval),
            "interval.gain": self.interval.gain > 0,
            "adjustment.slope": self.adjustment.slope > 0,
        }
        wrong = [name for name, good in right.items() if not good]
        if wrong:
            raise ValueError(f"{wrong[0]} has a value without meaning")


def right_difficulty(interval: Intervals) -> bool:
    """Whether expected errors stand at ascending values of one kind, and all are above zero."""
    places = interval.known or interval.found
    rising = all(one < other for one, other in pairwise(places))
    one_kind = not (interval.known and interval.found)
    expected = interval.difficulty
    return one_kind and rising and len(places) == len(expected) and min(expected, default=1.0) > 0


def right_options(experiment: Experiment) -> bool:
    """Whether an architecture has these options, of these kinds, none of them huge."""
    if experiment.architecture not in models.names():
        return True  # told of the architecture itself
    known = models.options(experiment.architecture)
    choices = models.choices(experiment.architecture)
    return all(
        name in known
        and isinstance(value, type(known[name]))
        and value in choices.get(name, (value,))
        and (isinstance(value, str) or abs(value) <= LARGEST_OPTION)
        for name, value in experiment.options.items()
    )


def right_kind(experiment: Experiment, kind: str) -> bool:
    """Whether the architecture is of that kind."""
    if experiment.architecture not in models.names():
        return True
    return models.kind(experiment.architecture) == kind
