"""What one training job needs of memory and time, measured: the table of docs/cluster.md.

python tests/measure_training.py [ARCHITECTURE ...]

Each case is a process of its own that takes two steps of training, then predicts 64 photographs, as
the step train does. Memory is the greatest resident set, the libraries included; time is that of
one processor core in the second step (the first prepares kernels), so that other work on the
machine hardly matters.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow"))

import numpy as np
import torch

from assay import models
from assay.experiment import Experiment
from assay.learning import fitting
from assay.learning.predictor import Predictor

CASES = [*itertools.product((64, 250), (0.25, 1.0), (16, 32))]  # px, width, photographs per step
PATIENCE = 15  # seconds of a case: longer ones, by those before, are left out
PREDICTED = 64  # photographs at once, the default of fitting.predict


def train(architecture: str, size: int, width: float, batch: int) -> float:
    """Seconds of processor time per photograph of a training step; then predict."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    size -= size % models.multiple(architecture)
    options = {"width": width}
    experiment = Experiment(
        "case", architecture, options, size=size, batch_size=batch, epochs=2, optimizer="adamw"
    )
    predictor = Predictor(experiment, 80, 350).to(memory_format=torch.channels_last)
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (PREDICTED, size, size, 3), dtype=np.uint8)
    labels = torch.linspace(80, 350, batch)
    seen = fitting.Photographs(torch.from_numpy(images[:batch]), labels)
    predictor.fit_normalisation(seen.images, seen.labels)
    (stage,) = predictor.stages()
    ends: list[float] = []
    fitting.fit(
        stage.module, stage.loss, seen, experiment, lambda *_: ends.append(time.process_time())
    )
    fitting.predict(predictor, images)
    return (ends[1] - ends[0]) / batch


def measure(*case: object) -> tuple[float, float]:
    """Seconds per photograph and MB of a case, in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, repr(train(*case)).encode())  # type: ignore[arg-type]
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"the case {case} failed")
    return float(os.read(reading, 100)), usage.ru_maxrss / 1000


def main() -> None:
    """Print the table."""
    print("| architecture | px | width | batch | MB | ms per photograph |")
    print("|---|---|---|---|---|---|", flush=True)
    for architecture in sys.argv[1:] or models.networks():
        cost: dict[float, float] = {}  # seconds per photograph and pixel, by width
        for size, width, batch in CASES:
            expected = cost.get(width, 0) * size**2 * (2 * batch + PREDICTED / 3)
            if expected > PATIENCE:
                continue
            seconds, memory = measure(architecture, size, width, batch)
            cost[width] = seconds / size**2
            row = [architecture, size, width, batch, f"{memory:.0f}", f"{1000 * seconds:.1f}"]
            print("|", *[f"{cell} |" for cell in row], flush=True)


if __name__ == "__main__":
    main()
