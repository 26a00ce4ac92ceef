"""What a command costs: time on the wall, processor time, memory; and how numbers spread."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cost:
    """Seconds on the wall and of processor time (all processes), MiB of the largest process."""

    wall: float
    cpu: float
    peak: float = 0.0


def environment(threads: int | None = None) -> dict[str, str]:
    """The environment of a measured command: this checkout's code, a stated number of threads."""
    paths = [str(ROOT / "workflow"), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
    found = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, paths)))
    found["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), found.get("PATH", "")])
    found.pop("OMP_NUM_THREADS", None)
    if threads:
        found["OMP_NUM_THREADS"] = str(threads)
    return found


def run(words: Sequence[str | Path], threads: int | None = None, folder: Path = ROOT) -> Cost:
    """Run a command to its end; RuntimeError with its last words if it fails."""
    with tempfile.NamedTemporaryFile("r") as out:
        launcher = [sys.executable, "-S", str(Path(__file__).with_name("launch.py")), out.name]
        done = subprocess.run(
            launcher + [str(word) for word in words],
            cwd=folder,
            env=environment(threads),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, words))}\n{done.stdout[-2000:]}")
        return Cost(*json.load(out))


def flags(**values: object) -> list[str]:
    """The values as words of a step's command line; a list gives several."""
    words: list[str] = []
    for key, value in values.items():
        many = value if isinstance(value, list) else [value]
        words += [f"--{key.replace('_', '-')}", *map(str, many)]
    return words


def step(
    name: str, words: Sequence[str], folder: Path, threads: int | None = None
) -> dict[str, Cost]:
    """Run a step as its command would: what its start costs, and its work.

    For a training step also `first_step`: from the process's start to the end of the first step.
    """
    out = folder / "clocked.json"
    begun = time.time()
    own = [sys.executable, "-m", "bench.clocked", out, name]
    total = run([*own, *words, "--quiet"], threads)
    told = json.loads(out.read_text())
    work = Cost(told["done"] - told["ready"], told["done_cpu"] - told["ready_cpu"], total.peak)
    costs = {"start": Cost(told["ready"] - begun, told["ready_cpu"]), "work": work}
    if "first_step" in told:
        costs["first_step"] = Cost(told["first_step"] - begun, told["first_step_cpu"])
    return costs


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Median (smallest to largest), rounded to so many figures."""
    middle = number(statistics.median(values), digits)
    if len(values) == 1:
        return middle
    return f"{middle} ({number(min(values), digits)} to {number(max(values), digits)})"


def number(value: float, digits: int = 3) -> str:
    """A number to so many figures, never in powers of ten."""
    if not value:
        return "0"
    places = digits - 1 - int(f"{value:e}".partition("e")[2])
    return f"{round(value, places):,.{max(places, 0)}f}"
