"""How much does a run hold? Time and memory of the steps that see every photograph, by number."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assay import shards
from bench import clock
from bench.clock import flags
from bench.reporting import Table

NUMBERS = (10_000, 100_000, 1_000_000)
SHARD = 250_000  # photographs of a job, as in the study
STUDY = clock.ROOT / "workflow" / "studies" / "million.yaml"
MILLION = 1_000_000


@dataclass(frozen=True)
class Load:
    """Seconds on the wall and of processor; MiB of the process, and of its largest worker."""

    wall: float
    cpu: float
    peak: float
    worker: float


def run(step: str, words: list[str], folder: Path) -> Load:
    """One job in a process of its own, start included."""
    costs = clock.step(step, words, folder)
    told = json.loads((folder / "clocked.json").read_text())
    wall, cpu = (sum(getattr(costs[part], key) for part in costs) for key in ("wall", "cpu"))
    return Load(wall, cpu, told["peak"], told["worker_peak"])


def jobs(folder: Path, number: int, workers: int) -> Iterator[tuple[str, list[list[str]]]]:
    """The steps in turn, each with the command lines of its jobs."""
    tables = {key: folder / f"{key}.csv" for key in ("labels", "truth")}
    photos, table, labels = folder / "photos", folder / "photos.csv", tables["labels"]
    drawn = flags(photos=photos, **tables, preset="tiny", samples=number, workers=workers)
    yield "simulate", [drawn]
    source = flags(photos=photos, table=labels, sample_column="sample", group_column="session")
    found = [folder / "findings" / f"{shard}.csv" for shard in range(shards.of(number, SHARD))]
    shard = flags(shard_size=SHARD, workers=workers)
    yield "survey", [[*source, *shard, *flags(out=o, shard=n)] for n, o in enumerate(found)]
    yield "ingest", [[*source, *flags(out=table, findings=found, low=80, high=350, folds=3)]]
    yield "split", [flags(table=table, out=folder / "split.csv", folds=3)]
    read = flags(photos=photos, table=table, size=8)
    arrays = [folder / "arrays" / f"{number}.npy" for number in range(len(found))]
    yield "resize", [[*read, *shard, *flags(out=o, shard=n)] for n, o in enumerate(arrays)]


def row(step: str, number: int, loads: list[Load]) -> dict[str, str]:
    """A line of the table: times of all jobs together, memory of the largest."""
    return {
        "step": step,
        "photographs": f"{number:,}",
        "jobs": str(len(loads)),
        "s": clock.number(sum(load.wall for load in loads)),
        "s of processor": clock.number(sum(load.cpu for load in loads)),
        "peak MiB": clock.number(max(load.peak for load in loads)),
        "its largest worker": clock.number(max(load.worker for load in loads)),
    }


def growth(smaller: list[Load], larger: list[Load], more: int) -> str:
    """MiB that a million more photographs take."""
    grown = max(load.peak for load in larger) - max(load.peak for load in smaller)
    return f"{grown * MILLION / more:,.0f}"


def measure(folder: Path, chosen: Namespace) -> Table:
    """Run all steps for each number of photographs up to the largest."""
    rows, raw, before = [], {}, {}
    last = 0
    for number in (number for number in NUMBERS if number <= chosen.largest):
        place = folder / str(number)
        place.mkdir(parents=True, exist_ok=True)
        for step, lines in jobs(place, number, chosen.workers):
            loads = [run(step, words, place) for words in lines]
            rows.append(row(step, number, loads))
            if step in before:
                grown = growth(before[step], loads, number - last)
                rows[-1]["MiB a million more"] = grown
            before[step] = loads
            raw[f"{step} {number}"] = [vars(load) for load in loads]
        last = number
    words = ["snakemake", "--snakefile", clock.ROOT / "Snakefile", "--configfile", STUDY]
    driver = clock.run([*words, "--directory", folder, "--dry-run", "--quiet"])
    name = STUDY.relative_to(clock.ROOT)
    load = Load(driver.wall, driver.cpu, driver.peak, 0)
    rows.append(row(f"dry run of {name}", MILLION, [load]))
    return Table(rows, raw | {"dry run": [vars(load)]}, "Simulated photographs of 8 px.")
