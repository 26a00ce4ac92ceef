"""Run one step as its command line does, and write when it was ready and when done.

python -m bench.clocked OUT STEP [the step's own words]: times of day in seconds, processor time of
this process and its children in seconds, MiB of this process and of the largest of its children.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage


def cpu() -> float:
    """Processor time of this process and of its ended children, in seconds."""
    return sum(os.times()[:4])


def note_first_step(told: dict[str, float]) -> None:
    """Note when the first step of training has been taken, where the step trains at all."""
    if "torch" not in sys.modules:
        return
    from torch.optim import optimizer

    def stepped(*_: object) -> None:
        told.setdefault("first_step", time.time())
        told.setdefault("first_step_cpu", cpu())

    optimizer.register_optimizer_step_post_hook(stepped)


def main(out: str, name: str, *words: str) -> None:
    """Run the step `name`."""
    gc.disable()  # as where a step is started as a program: see assay/program.py
    from assay import cli, program

    module = importlib.import_module(f"assay.{name}")
    program.imported()
    told = {"ready": time.time(), "ready_cpu": cpu()}
    note_first_step(told)
    try:
        cli.run(getattr(module, name), words)
    except SystemExit as end:
        if end.code:
            raise
    told |= {"done": time.time(), "done_cpu": cpu()}
    for key, whose in (("peak", RUSAGE_SELF), ("worker_peak", RUSAGE_CHILDREN)):
        told[key] = getrusage(whose).ru_maxrss / 1024
    Path(out).write_text(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
