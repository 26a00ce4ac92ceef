"""What a training job asks a scheduler for, after the measurements in docs/cluster.md."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assay import models
from assay.experiment import Experiment

SIZE, BATCH = 250, 32  # pixels and photographs per step that the costs are told for
LIBRARIES = 600  # MB: Python, torch and their like, before anything is trained
MAPPED = 4000  # MB of photographs in memory at most: what is over is read from the disk again
HELD = 256  # MB of photographs that a training on a processor holds in memory, at most
SPARE_MEMORY, SPARE_TIME = 1.5, 3.0  # a job that asks for too little is killed
START = 10  # minutes: a slow file system, a busy node
CUDA = 3000  # MB of the host that CUDA's libraries may take: never measured
# How many times a card beats one processor core, at the least: an H200 does it 11 times with a vgg
# of a quarter of the width, 300 times and more with one of full width (docs/benchmarks.md).
FASTER = 10
# How glibc serves a training: large blocks are kept for the next step instead of being given back,
# and lie in huge pages. Otherwise a part of each step goes into clearing pages.
ALLOCATION = ":".join(
    f"glibc.malloc.{name}={value}"
    for name, value in (("hugetlb", 1), ("mmap_threshold", 2**30), ("trim_threshold", 2**31 - 1))
)


@dataclass(frozen=True)
class Cost:
    """The cost of an architecture of full width at 250 px.

    maps: MB of what training on a batch of 32, and predicting 64, keep of the photographs;
    milliseconds: of one core, for training on one photograph once; weights: MB of the weights,
    their gradients and their moments.
    """

    maps: float
    milliseconds: float
    weights: float = 0.0


COSTS = {
    "alexnet": Cost(maps=300, milliseconds=200, weights=900),
    "colour_statistics": Cost(maps=800, milliseconds=60),
    "constant": Cost(maps=0, milliseconds=1),
    "gcnn": Cost(maps=6600, milliseconds=510),
    "inception": Cost(maps=3900, milliseconds=210),
    "mean_colour": Cost(maps=200, milliseconds=5),
    "msd": Cost(maps=7200, milliseconds=1260),
    "resnet": Cost(maps=3300, milliseconds=310),
    "steerable": Cost(maps=6500, milliseconds=710),
    "vgg": Cost(maps=3600, milliseconds=280),
}


def cost(experiment: Experiment) -> Cost:
    """The cost of an experiment, by its architecture, width, depth and size.

    Work grows with the area and the depth, and more slowly than with the width. A network that
    was never measured costs the most of what was.
    """
    options = models.options(experiment.architecture) | experiment.options
    usual = models.options(experiment.architecture).get("depth") or 1
    width = options.get("width", 1.0)
    share = (experiment.size / SIZE) ** 2 * (0.25 + 0.75 * width)
    share *= (options.get("depth") or usual) / usual
    known = COSTS.get(experiment.architecture)
    if known is None:
        known = max(COSTS.values(), key=lambda cost: cost.maps)
    return Cost(known.maps * share, known.milliseconds * share, known.weights * width**2)


def work(experiment: Experiment, copies: int = 0) -> float:
    """Milliseconds of one core per training photograph: all epochs, its copies included."""
    network = models.kind(experiment.architecture) == "network"
    shown = experiment.epochs * (1 + copies) if network else 1
    return shown * cost(experiment).milliseconds


def memory(experiment: Experiment, megabytes: float, gpu: int = 0, attempt: int = 1) -> int:
    """MB for training on `megabytes` of photographs.

    They are read from their files, whose pages in use count as the job's memory; a few of them are
    held in memory besides.
    """
    of = cost(experiment)
    maps = of.maps * (0.5 + 0.5 * experiment.batch_size / BATCH)
    pages = min(megabytes, MAPPED) + min(megabytes, HELD)  # those held are read from pages
    needed = SPARE_MEMORY * (LIBRARIES + pages + maps + of.weights) + CUDA * min(gpu, 1)
    return 100 * math.ceil(attempt * needed / 100)


def minutes(
    experiment: Experiment, megabytes: float, gpu: int = 0, attempt: int = 1, folds: int = 1
) -> int:
    """Minutes for training on `megabytes` of photographs, for so many folds one after the other."""
    photographs = megabytes * 1e6 / (3 * experiment.size**2)
    network = models.kind(experiment.architecture) == "network"
    shown = photographs * folds * (experiment.epochs if network else 1)
    seconds = shown * cost(experiment).milliseconds / 1000
    return math.ceil(attempt * (START + SPARE_TIME * seconds / 60 / (FASTER if gpu else 1)))
