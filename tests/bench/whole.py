"""The whole default run, from nothing to the report, as `make report` runs it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from bench import clock
from bench.reporting import Table


def measure(folder: Path, chosen: Namespace) -> Table:
    """Run the workflow with the default settings in a folder of its own."""
    words = ["snakemake", "--snakefile", clock.ROOT / "Snakefile", "--cores", str(chosen.workers)]
    costs = []
    for repeat in range(chosen.repeats):
        place = folder / f"run{repeat}"
        place.mkdir()
        costs.append(clock.run([*words, "--directory", place, "--quiet"]))
    row = {
        "run": "config.yaml, from nothing to the report",
        "on": f"{chosen.workers} cores",
        "n": str(len(costs)),
        "s": clock.spread([cost.wall for cost in costs]),
        "s of processor": clock.spread([cost.cpu for cost in costs]),
        "peak MiB of a process": clock.spread([cost.peak for cost in costs]),
    }
    return Table([row], {"whole": [asdict(cost) for cost in costs]})
