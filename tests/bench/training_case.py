"""One row of the training table: python -m bench.training_case --architecture vgg ... --out FILE.

The time of each step is taken, by a hook of the optimiser, and the median counts: looks at the
learning curve and the odd disturbance don't. So it is with products and with the bare network's
steps, before and after. For a GPU, where steps overlap, see card_case.py.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.optim import optimizer

from assay import models
from assay.experiment import Experiment
from assay.learning import fitting
from assay.learning.material import Material
from assay.learning.predictor import Predictor
from assay.learning.sparing import sparing
from assay.learning.training import train_model
from assay.pictures.stack import Stack
from bench import products

SHORT = 2  # epochs of the short training
STEPS = 3  # of an epoch


def material(count: int, size: int) -> Material:
    """Noise to train on; what a picture shows doesn't change how long it takes."""
    generator = np.random.default_rng(0)
    images = Stack([generator.integers(0, 256, (count + 2, size, size, 3), dtype=np.uint8)])
    table = pd.DataFrame({"label": np.linspace(80, 350, count + 2), "block": range(count + 2)})
    seen, held_out = np.arange(count), np.arange(count, count + 2)
    return Material(
        images, table, seen, held_out, images.rows(slice(0)), np.empty(0, dtype=np.int64)
    )


def by_steps(experiment: Experiment, data: Material, budget: float) -> dict[str, float]:
    """Photographs per second, on the wall and of processor time, of the median step."""
    marks: list[tuple[float, float]] = []

    def stepped(*_: object) -> None:
        marks.append((time.perf_counter(), time.process_time()))

    device, batch = torch.device("cpu"), experiment.batch_size
    hook = optimizer.register_optimizer_step_post_hook(stepped)
    train_model(replace(experiment, epochs=SHORT), 80, 350, data, device)
    step = min(np.diff([wall for wall, _ in marks]))
    marks.clear()
    per_epoch = len(data.seen) // batch
    epochs = max(SHORT, round(budget / step / per_epoch))
    train_model(replace(experiment, epochs=epochs), 80, 350, data, device)
    hook.remove()
    # of each epoch but its first step, before which the curve may have been drawn
    taken = np.diff(np.array(marks).reshape(epochs, -1, 2), axis=1)
    wall, cpu = np.median(taken, axis=(0, 1))
    return {"per_second": batch / wall, "per_cpu_second": batch / cpu}


def bare_step(experiment: Experiment, data: Material, budget: float) -> float:
    """Median processor time of a step of the network alone: what any loop around it must take.

    One batch, ready as the network takes it: forward, loss, backward, AdamW in one kernel.
    """
    predictor = Predictor(experiment, 80, 350).to(memory_format=torch.channels_last).train()
    net, batch = predictor.net, experiment.batch_size
    images = predictor.input(torch.from_numpy(data.images[:batch]))
    known = torch.linspace(-1, 1, batch)[:, None]
    error = fitting.in_precision(experiment.precision, lambda x, y: (net(x) - y).square().mean())
    stepper = sparing(torch.optim.AdamW)(net.parameters(), lr=1e-4, fused=True)

    def step() -> None:
        stepper.zero_grad()
        error(images, known).backward()
        stepper.step()

    once = products.seconds(step, 3)
    return products.seconds(step, max(3, round(budget / once)))


def measure(experiment: Experiment, budget: float) -> dict[str, float]:
    """The numbers of one case, in about so many seconds."""
    data = material(STEPS * experiment.batch_size, experiment.size)
    batch = torch.from_numpy(data.images[: experiment.batch_size])
    sizes = products.sizes_of(Predictor(experiment, 80, 350), batch)
    per_photo = 3 * products.operations(sizes) / len(batch)
    found = {"operations_per_photo": per_photo}
    same, square = products.rate_of_sizes(sizes), products.rate_of_square()
    bare = bare_step(experiment, data, budget / 2)
    rates = by_steps(experiment, data, budget)
    bare = (bare + bare_step(experiment, data, budget / 2)) / 2
    found["bare_per_cpu_second"] = experiment.batch_size / bare
    found |= rates | {"operations_per_second": per_photo * rates["per_cpu_second"]}
    found["same_sizes"] = (same + products.rate_of_sizes(sizes)) / 2
    found["square"] = (square + products.rate_of_square()) / 2
    return found


def main() -> None:
    """Read the words, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--architecture", required=True)
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.set_flush_denormal(True)
    size = 64 - 64 % models.multiple(chosen.architecture)
    set_up = {"batch_size": chosen.batch, "precision": chosen.precision}
    given = {"width": chosen.width}
    experiment = Experiment("case", chosen.architecture, given, size, **set_up)
    told = measure(experiment, chosen.seconds)
    chosen.out.write_text(json.dumps(told))


if __name__ == "__main__":
    main()
