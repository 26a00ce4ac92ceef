"""Photographs per second of the steps that draw, read, shrink, alter and predict them."""

from __future__ import annotations

import json
import statistics
from argparse import Namespace
from dataclasses import asdict, dataclass
from pathlib import Path

import deliveries
from assay import files
from assay.experiment import AUGMENTATIONS, Experiment
from bench import clock
from bench.clock import Cost, flags
from bench.reporting import Table

QUICK = Experiment("quick", "vgg", {"width": 0.25}, size=64, epochs=1, batch_size=16)
PLANNED = 5000  # photographs of the question
FOLDS = 2


@dataclass(frozen=True)
class Case:
    """A step to be clocked; `pictures` is how many it makes, an array's name where that tells."""

    what: str
    setting: str
    step: str
    words: list[str]
    pictures: int | Path

    def count(self) -> int:
        """How many pictures a run made."""
        if isinstance(self.pictures, int):
            return self.pictures
        return len(files.read_table(self.pictures))


def readers(folder: Path, chosen: Namespace) -> list[Case]:
    """Simulate, ingest, resize: by several workers."""
    setting, count = f"{chosen.workers} workers", chosen.photos
    photos, table = folder / "photos", folder / "photos.csv"
    truth = {key: folder / f"{key}.csv" for key in ("labels", "truth")}
    told = {key: folder / f"{key}.csv" for key in ("warnings", "faults")}
    drawn = flags(photos=photos, **truth, samples=count, workers=chosen.workers)
    columns = flags(sample_column="sample", group_column="session", folds=FOLDS)
    read = flags(photos=photos, table=truth["labels"], out=table, workers=chosen.workers)
    read += flags(summary=folder / "summary.json", **told)
    found = [
        Case("simulate, 250 px", setting, "simulate", drawn, count),
        Case("ingest, 250 px PNG", setting, "ingest", read + columns, count),
    ]
    for size in (250, 64):
        out = folder / str(size) / "images.npy"
        words = flags(photos=photos, table=table, out=out, size=size, workers=chosen.workers)
        found.append(Case(f"resize to {size} px", setting, "resize", words, count))
    return found


def augmenters(folder: Path) -> list[Case]:
    """Augment from the full size to 64 px: one core."""
    found = []
    for name, preset in AUGMENTATIONS.items():
        place = folder / "augment" / name
        words = flags(images=folder / "250" / "images.npy", split=folder / "split.csv", size=64)
        words += flags(preset=json.dumps(asdict(preset)), out=place / "images.npy", seed=1)
        words += flags(copies=place / "copies.csv")
        what = f"augment, {name}, 250 to 64 px"
        found.append(Case(what, "1 core", "augment", words, place / "copies.csv"))
    return found


def predictor(folder: Path, chosen: Namespace) -> Case:
    """Predict by a method of a network: both its folds, intervals and refusals included."""
    deliveries.run(folder, QUICK, FOLDS)
    method = deliveries.deliver(folder, QUICK, folder / "method")
    words = [str(method), str(folder / "photos"), *flags(out=folder / "found.csv")]
    words += flags(threads=chosen.workers)
    what = f"predict, vgg width 0.25, {FOLDS} folds"
    return Case(what, f"{chosen.workers} threads", "predict", words, chosen.photos)


def row(case: Case, costs: list[dict[str, Cost]]) -> dict[str, str]:
    """A line of the table: rates of the work alone, the start of the process beside them."""
    count, works = case.count(), [cost["work"] for cost in costs]
    starts = [cost["start"].cpu for cost in costs]
    return {
        "step": case.what,
        "on": case.setting,
        "pictures": str(count),
        "n": str(len(costs)),
        "per second": clock.spread([count / work.wall for work in works]),
        "per second of processor": clock.spread([count / work.cpu for work in works]),
        "start, s of processor": clock.spread(starts, 2),
        "peak MiB": clock.number(statistics.median(work.peak for work in works)),
    }


def planned(results: dict[str, list[dict[str, Cost]]], photos: int) -> str:
    """What ingest and resize to 64 px take for the question's photographs, by these rates."""
    told = []
    for kind, name in (("wall", "on the wall"), ("cpu", "of processor")):
        chosen = [results[key] for key in ("ingest, 250 px PNG", "resize to 64 px")]
        seconds = sum(
            statistics.median(
                getattr(cost["start"], kind) + getattr(cost["work"], kind) * PLANNED / photos
                for cost in costs
            )
            for costs in chosen
        )
        told.append(f"{clock.number(seconds)} s {name}")
    return f"Ingest and resize of {PLANNED:,} photographs, start included: {', '.join(told)}."


def measure(folder: Path, chosen: Namespace) -> Table:
    """Run all steps in turn, as often as asked for."""
    cases, results = readers(folder, chosen), {}
    for repeat in range(chosen.repeats):
        for case in cases:
            results.setdefault(case.what, []).append(clock.step(case.step, case.words, folder))
        if not repeat:
            split = flags(table=folder / "photos.csv", out=folder / "split.csv", folds=FOLDS)
            clock.step("split", split, folder)
            later = [*augmenters(folder), predictor(folder, chosen)]
        for case in later:
            results.setdefault(case.what, []).append(clock.step(case.step, case.words, folder))
    rows = [row(case, results[case.what]) for case in [*cases, *later]]
    raw = {
        name: [{key: asdict(cost) for key, cost in run.items()} for run in runs]
        for name, runs in results.items()
    }
    return Table(rows, raw, planned(results, chosen.photos))
