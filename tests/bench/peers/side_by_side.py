"""Assay and the programs that people would use otherwise, on the same work, in turn in one run."""

from __future__ import annotations

import statistics
import subprocess
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

import numpy as np
import yaml

import deliveries
from assay import files
from bench import clock
from bench.clock import Cost, flags
from bench.reporting import Table

OURS = "Assay"
# Of the programs that read photographs as they go, two workers and one thread of torch keep two
# cores busy. The cached loop has no workers: there torch may use both (on a busy machine one is
# quicker, since two threads wait for each other).
PEERS = {
    "plain loop": "plain_loop",
    "plain loop, all in memory": "cached_loop",
    "Lightning": "with_lightning",
    "fastai": "with_fastai",
}
NEEDS = {"Lightning": "lightning", "fastai": "fastai"}
VERSIONS = "from importlib.metadata import version; print(version('{}'))"


def prepare(folder: Path, samples: int) -> Path:
    """Photographs, their table, and the folds that all programs use."""
    folder.mkdir(exist_ok=True)
    if not (folder / "labels.csv").exists():
        deliveries.draw(folder, samples, 250)
    read = flags(photos=folder / "photos", table=folder / "labels.csv", out=folder / "photos.csv")
    clock.step("ingest", read + flags(sample_column="sample", group_column="session"), folder)
    dealt = flags(table=folder / "photos.csv", out=folder / "split.csv", test=0.2, folds=3, seed=1)
    clock.step("split", dealt, folder)
    return folder


def settings(folder: Path, place: Path, chosen: Namespace) -> Path:
    """The default run's settings, with these photographs and its vgg alone."""
    raw = yaml.safe_load((clock.ROOT / "config.yaml").read_text())
    del raw["data"]["simulate"]
    for asked in ("questions", "sample_size", "transfer"):  # of experiments that don't run here
        raw.pop(asked, None)
    raw["data"] |= {"photos": str(folder / "photos"), "table": str(folder / "labels.csv")}
    raw["base"] |= {"width": chosen.width, "epochs": chosen.epochs}
    raw |= {"experiments": [{"name": "vgg"}], "reference": "vgg"}
    raw |= {"results": "results", "workers": chosen.workers}
    path = place / "bench.yaml"
    path.write_text(yaml.safe_dump(raw))
    return path


def ours(folder: Path, place: Path, chosen: Namespace) -> tuple[Cost, Path]:
    """The workflow from the image files to the out-of-fold table; nothing is there beforehand."""
    path = settings(folder, place, chosen)
    out = "results/cross_validate/predictions.csv"
    words: list[str | Path] = ["snakemake", "--snakefile", clock.ROOT / "Snakefile"]
    words += ["--cores", str(chosen.workers)]
    words += ["--directory", place, "--configfile", path, "--quiet", "--", out]
    return clock.run(words), place / out


def theirs(name: str, folder: Path, place: Path, chosen: Namespace) -> tuple[Cost, Path]:
    """A peer's program, from the image files to its out-of-fold table."""
    out = place / "found.csv"
    words = [chosen.python, "-m", f"bench.peers.{PEERS[name]}", folder, out]
    threads = chosen.cached_threads if PEERS[name] == "cached_loop" else chosen.threads
    words += flags(epochs=chosen.epochs, width=chosen.width)
    words += flags(workers=chosen.workers, threads=threads)
    return clock.run(words, threads), out


def rmse(folder: Path, out: Path) -> float:
    """Root mean squared error of out-of-fold answers, in concentration units."""
    known = files.read_table(folder / "split.csv").set_index("photo")
    found = files.read_table(out, sealed=False).set_index("photo")["found"]
    if set(found.index) != set(known.index[known["set"].eq("train")]):
        raise RuntimeError(f"{out} doesn't answer each training photograph")
    return float(np.sqrt(np.mean((found - known["label"].loc[found.index]) ** 2)))


def title(name: str, python: str) -> str:
    """The program's name with the version of its library."""
    if name not in NEEDS:
        return name
    words = [python, "-c", VERSIONS.format(NEEDS[name])]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    return f"{name} {told.stdout.strip()}"


def row(name: str, found: dict[str, list[tuple[Cost, float]]], python: str) -> dict[str, str]:
    """A line of the table; ratios are those of the pairs that ran one after the other."""
    mine, others = found[OURS], found[name]
    costs = [cost for cost, _ in others]
    pairs = list(zip([cost for cost, _ in mine], costs, strict=True))
    return {
        "program": title(name, python),
        "n": str(len(costs)),
        "s": clock.spread([cost.wall for cost in costs]),
        "times Assay's": clock.spread([b.wall / a.wall for a, b in pairs], 2),
        "s of processor": clock.spread([cost.cpu for cost in costs]),
        "times Assay's processor": clock.spread([b.cpu / a.cpu for a, b in pairs], 2),
        "RMSE": clock.number(statistics.median(error for _, error in others)),
        "peak MiB of a process": clock.number(max(cost.peak for cost in costs)),
    }


def measure(folder: Path, chosen: Namespace) -> Table:
    """Run all programs in turn, as often as asked for."""
    names = [OURS, *(name for name in PEERS if not chosen.only or PEERS[name] in chosen.only)]
    photographs = prepare(folder / "peers", chosen.samples)
    found: dict[str, list[tuple[Cost, float]]] = {name: [] for name in names}
    for repeat in range(chosen.repeats):
        for name in names:
            place = folder / f"{PEERS.get(name, 'ours')}{repeat}"
            place.mkdir()
            run = ours if name == OURS else lambda *words, name=name: theirs(name, *words)
            cost, out = run(photographs, place, chosen)
            found[name].append((cost, rmse(photographs, out)))
            told = (
                f"{cost.wall:.1f} s, {cost.cpu:.1f} s of processor, RMSE {found[name][-1][1]:.3g}"
            )
            print(f"{name}: {told}", file=sys.stderr, flush=True)
    rows = [row(name, found, chosen.python) for name in names]
    raw = {
        name: [asdict(cost) | {"rmse": error} for cost, error in runs]
        for name, runs in found.items()
    }
    note = (
        f"{chosen.samples} photographs, of which 20 % are set aside by all; vgg of width "
        f"{chosen.width:g} at 64 px, {chosen.epochs} epochs, 16 a step, 3 folds, "
        f"{chosen.workers} cores for each program."
    )
    return Table(rows, raw, note)
