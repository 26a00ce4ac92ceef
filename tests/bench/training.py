"""Photographs per second of training, and the share of the machine's own matrix products.

Each case runs in a process of its own (python -m bench.training_case), which trains by
learning.training as the step train does, and multiplies matrices before and after.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path

from assay import machine, models
from assay.learning import demands
from bench import clock
from bench.reporting import Table

NOTE = (
    "Operations are counted as three forward passes (forward, two gradients), two per multiply-add "
    "of convolutions and dense layers; all else (norms, ReLUs, pools, optimiser, loading) costs "
    "time and counts nothing. Same sizes: float32 products of the sizes that the network's "
    "convolutions are, in the same process on as many threads; square: {side} x {side}. Bare "
    "steps: the network's alone, on one batch that lies ready. All shares are of medians."
)
# Widths and batches: of the question's network as studies/seed.yaml trains it, with config.yaml's
# batch, and as config.yaml trains it.
VGG = ((1.0, 64), (1.0, 16), (0.25, 16))
OTHERS = ((1.0, 16),)
Case = tuple[str, float, int, str]


def cases(only: list[str] | None) -> list[Case]:
    """Architectures, their widths and batches; the vgg in each precision of this processor."""
    chosen = [name for name in models.networks() if not only or name in only]
    possible = ["float32", "bfloat16"] if machine.multiplies_bfloat16() else ["float32"]
    return [
        (name, width, batch, precision)
        for name in chosen
        for precision in (possible if name == "vgg" else possible[:1])
        for width, batch in (VGG if name == "vgg" else OTHERS)
    ]


def run(case: Case, folder: Path, chosen: Namespace) -> dict:
    """One case, in a process of its own."""
    name, width, batch, precision = case
    out = folder / "case.json"
    words = clock.flags(architecture=name, width=width, batch=batch, precision=precision)
    words += clock.flags(out=out, seconds=chosen.seconds, threads=chosen.threads)
    tuned = ["env", f"GLIBC_TUNABLES={demands.ALLOCATION}"]  # as the rule train starts its jobs
    cost = clock.run([*tuned, sys.executable, "-m", "bench.training_case", *words], chosen.threads)
    return json.loads(out.read_text()) | {"peak": cost.peak}


def row(case: Case, told: list[dict]) -> dict[str, str]:
    """A line of the table, over the repeats of a case."""
    name, width, batch, precision = case
    text = {"architecture": name, "width": f"{width:g}", "precision": precision}
    text |= {"batch": str(batch), "n": str(len(told))}
    text |= {"photos/s": clock.spread([one["per_second"] for one in told])}
    rates = [one["operations_per_second"] / 1e9 for one in told]
    same = [100 * one["operations_per_second"] / one["same_sizes"] for one in told]
    square = [100 * one["operations_per_second"] / one["square"] for one in told]
    bare = [100 * one["per_cpu_second"] / one["bare_per_cpu_second"] for one in told]
    return text | {
        "photos per s of processor": clock.spread([one["per_cpu_second"] for one in told]),
        "GFLOP/s of processor": clock.spread(rates),
        "% of products, same sizes": clock.spread(same),
        "% of square products": clock.spread(square),
        "% of bare steps": clock.spread(bare),
        "peak MiB": clock.number(max(one["peak"] for one in told)),
    }


def measure(folder: Path, chosen: Namespace) -> Table:
    """All cases in turn; the vgg, or those asked for, several times, the others once."""
    from bench.products import SQUARE

    found: dict[Case, list[dict]] = {}
    for repeat in range(chosen.repeats):
        for case in cases(chosen.only or (["vgg"] if repeat else None)):
            found.setdefault(case, []).append(run(case, folder, chosen))
    rows = [row(case, told) for case, told in found.items()]
    raw = {" ".join(map(str, case)): told for case, told in found.items()}
    return Table(rows, raw, NOTE.format(side=SQUARE))
