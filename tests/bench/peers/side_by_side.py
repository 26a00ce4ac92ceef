"""Assay and the programs that people would use otherwise, on the same work, in turn in one run."""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import tempfile
from argparse import Namespace
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

import deliveries
from assay import files
from bench import clock
from bench.clock import Cost, flags
from bench.peers import settings
from bench.reporting import Table


class Peer(NamedTuple):
    """A program: its name in the table, its module, the library whose version is told."""

    name: str
    module: str
    tuned: bool = True
    library: str = ""


# Of the programs that read photographs as they go, two workers and one thread of torch keep two
# cores busy. fastai starts its workers anew in each epoch and at each look (its issue 3734), 80 ms
# of a processor each: it gets one. The cached loop has no workers where it turns nothing: there
# torch may use both cores (on a busy machine one is quicker: two threads wait for each other).
# Tuned are all but the loop as people write it.
PEERS = {
    "plain_loop": Peer("plain loop", "plain_loop", tuned=False),
    "tuned_loop": Peer("plain loop, tuned", "plain_loop"),
    "cached_loop": Peer("plain loop, tuned, all in memory", "cached_loop"),
    "with_lightning": Peer("Lightning, tuned", "with_lightning", library="lightning"),
    "with_fastai": Peer("fastai, tuned", "with_fastai", library="fastai"),
}
OURS = "Assay"
VERSIONS = "from importlib.metadata import version; print(version('{}'))"
Errors = dict[str, float]  # RMSE of each network
Runs = dict[str, list[tuple[Cost, Errors]]]  # of each program


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


def ours(folder: Path, place: Path, chosen: Namespace) -> tuple[Cost, Path]:
    """The workflow from the image files to the out-of-fold table; nothing is there beforehand."""
    path, _ = settings.write(folder, place, chosen)
    out = "results/cross_validate/predictions.csv"
    words: list[str | Path] = ["snakemake", "--snakefile", clock.ROOT / "Snakefile"]
    words += ["--cores", str(chosen.workers)]
    words += ["--directory", place, "--configfile", path, "--quiet", "--", out]
    return clock.run(words), place / out


def theirs(key: str, folder: Path, place: Path, chosen: Namespace) -> tuple[Cost, Path]:
    """A peer's program, from the image files to its out-of-fold table."""
    peer, out = PEERS[key], place / "found.csv"
    _, nets = settings.write(folder, place, chosen)
    threads = chosen.cached_threads if peer.module == "cached_loop" else chosen.threads
    workers = chosen.fastai_workers if peer.module == "with_fastai" else chosen.workers
    words = [chosen.python, "-m", f"bench.peers.{peer.module}", folder, nets, out]
    words += flags(workers=workers, threads=threads) + ["--tuned"] * peer.tuned
    return clock.run(words, threads), out


def rmse(folder: Path, out: Path, names: list[str]) -> Errors:
    """Root mean squared errors of out-of-fold answers by network, in concentration units."""
    table = files.read_table(folder / "split.csv")
    known = table[table["set"].eq("train")].set_index("photo")["label"]
    answers = files.read_table(out, sealed=False)
    errors = {}
    for name in names:
        found = answers[answers["experiment"].eq(name)].set_index("photo")["found"]
        if sorted(found.index) != sorted(known.index) or found.isna().any():
            raise RuntimeError(f"{out}: {name} doesn't answer each training photograph once")
        errors[name] = float(np.sqrt(np.mean((found - known.loc[found.index]) ** 2)))
    return errors


def title(key: str, python: str) -> str:
    """The program's name with the version of its library."""
    if key == OURS:
        return OURS
    peer = PEERS[key]
    if not peer.library:
        return peer.name
    words = [python, "-c", VERSIONS.format(peer.library)]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    name, comma, rest = peer.name.partition(",")
    return f"{name} {told.stdout.strip()}{comma}{rest}"


def beside(found: Runs, key: str) -> list[tuple[Cost, Errors]]:
    """What Assay took on both sides of each run of a program: the mean of before and after.

    So a machine that grows slower or quicker favours neither, and a turn of two programs has three
    runs of Assay.
    """
    peers = [name for name in found if name != OURS]
    each, place = len(peers) + 1, peers.index(key)
    sides = []
    for turn in range(len(found[key])):
        (before, errors), (after, _) = found[OURS][turn * each + place :][:2]
        mean = Cost((before.wall + after.wall) / 2, (before.cpu + after.cpu) / 2)
        sides.append((mean, errors))
    return sides


def row(key: str, found: Runs, python: str) -> dict[str, str]:
    """A line of the table; ratios are to Assay's runs just before and just after."""
    costs = [cost for cost, _ in found[key]]
    sides = found[OURS] if key == OURS else beside(found, key)
    pairs = list(zip([cost for cost, _ in sides], costs, strict=True))
    errors = {
        f"RMSE {name}": clock.spread([each[name] for _, each in found[key]])
        for name in found[key][0][1]
    }
    return {
        "program": title(key, python),
        "n": str(len(costs)),
        "s": clock.spread([cost.wall for cost in costs]),
        "times Assay's": clock.spread([b.wall / a.wall for a, b in pairs], 3),
        "s of processor": clock.spread([cost.cpu for cost in costs]),
        "times Assay's processor": clock.spread([b.cpu / a.cpu for a, b in pairs], 3),
        **errors,
        "peak MiB of a process": clock.number(max(cost.peak for cost in costs)),
    }


def against(found: Runs, key: str) -> str:
    """A program's RMSE over Assay's in words: geometric mean over networks and seeds, interval.

    The 95 % interval is Student's on logarithms, pairs taken as independent of each other.
    """
    logs = [
        math.log(errors[name] / own[name])
        for (_, own), (_, errors) in zip(beside(found, key), found[key], strict=True)
        for name in own
    ]
    told = clock.number(math.exp(statistics.mean(logs)))
    if len(logs) > 1:
        half = student.ppf(0.975, len(logs) - 1) * statistics.stdev(logs) / math.sqrt(len(logs))
        ends = (statistics.mean(logs) + sign * half for sign in (-1, 1))
        told += f" ({' to '.join(clock.number(math.exp(end)) for end in ends)})"
    fewer = sum(log < 0 for log in logs)
    return f"{PEERS[key].name} {told}, the smaller in {fewer} of {len(logs)}"


def in_turn(photographs: Path, folder: Path, chosen: Namespace, found: Runs) -> None:
    """Run each program once, and Assay before and after each; RuntimeError if its answers vary."""
    names = [net["name"] for net in settings.for_assay(photographs, chosen)["experiments"]]
    order = [OURS, *(word for key in found if key != OURS for word in (key, OURS))]
    for key in order:
        place = Path(tempfile.mkdtemp(prefix=key, dir=folder))
        run = ours if key == OURS else partial(theirs, key)
        cost, out = run(photographs, place, chosen)
        errors = rmse(photographs, out, names)
        found[key].append((cost, errors))
        told = f"{cost.wall:.1f} s, {cost.cpu:.1f} s of processor, RMSE "
        told += ", ".join(f"{error:.3g}" for error in errors.values())
        print(f"{key}: {told}", file=sys.stderr, flush=True)
    again = [errors for _, errors in found[OURS][-order.count(OURS) :]]
    if any(errors != again[0] for errors in again):
        raise RuntimeError(f"the same seed gave Assay other answers: {again}")


def measure(folder: Path, chosen: Namespace) -> Table:
    """Run all programs in turn, as often as asked for, each time with another seed."""
    keys = [OURS, *(key for key in PEERS if not chosen.only or key in chosen.only)]
    photographs = prepare(folder / f"peers{chosen.samples}", chosen.samples)
    found: Runs = {key: [] for key in keys}
    for repeat in range(chosen.repeats):
        seeded = Namespace(**vars(chosen) | {"seed": chosen.seed + repeat})
        in_turn(photographs, folder, seeded, found)
    rows = [row(key, found, chosen.python) for key in keys]
    raw = {
        key: [asdict(cost) | {"rmse": errors} for cost, errors in runs]
        for key, runs in found.items()
    }
    shares = "; ".join(against(found, key) for key in keys if key != OURS)
    pairs = f"RMSE over Assay's, geometric mean of pairs of one network and seed: {shares}. "
    note = (
        f"{pairs if shares else ''}"
        f"{chosen.samples} photographs, of which 20 % are set aside by all. "
        f"{settings.told(chosen)}, 3 folds, {chosen.workers} cores for each program; "
        f"torchvision {version('torchvision')}."
    )
    return Table(rows, raw, note)
