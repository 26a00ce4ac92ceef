"""One row of the table of a GPU: python -m bench.card_case --study seed --experiment vgg ..."""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import replace
from pathlib import Path

import torch
import yaml

from assay import config
from assay.experiment import Experiment
from assay.learning import replay
from assay.learning.material import Material
from assay.learning.predictor import Predictor
from assay.learning.training import device_of, train_model
from bench import products
from bench.clock import ROOT
from bench.training_case import material

PHOTOS = 5000
PLAIN = 2  # epochs of the training whose steps are not recorded


def seconds(experiment: Experiment, data: Material, device: torch.device) -> float:
    """How long a training takes, from pictures in memory to its answers."""
    start = time.perf_counter()
    train_model(experiment, 80, 350, data, device)
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def by_steps(experiment: Experiment, data: Material, device: torch.device, epochs: int) -> float:
    """Seconds of a step: a training less one of half its epochs, so that starting drops out."""
    long, short = (replace(experiment, epochs=number) for number in (2 * epochs, epochs))
    extra = seconds(long, data, device) - seconds(short, data, device)
    return extra / epochs / math.ceil(len(data.seen) / experiment.batch_size)


def measure(experiment: Experiment, device: torch.device) -> dict[str, object]:
    """The numbers of one case."""
    card = device.type == "cuda"
    data = material(PHOTOS, experiment.size)
    batch = torch.from_numpy(data.images[: experiment.batch_size])
    sizes = products.sizes_of(Predictor(experiment, 80, 350), batch)
    per_photo = 3 * products.operations(sizes) / len(batch)
    seconds(replace(experiment, epochs=1), data, device)  # libraries are loaded
    if card:
        torch.cuda.reset_peak_memory_stats()
    taken = seconds(experiment, data, device)
    peak = torch.cuda.max_memory_allocated() if card else 0
    rate = experiment.epochs * PHOTOS / taken
    step = by_steps(experiment, data, device, max(PLAIN, experiment.epochs // 10))
    replay.WARM = 10**9
    plain = by_steps(experiment, data, device, PLAIN)
    replay.WARM = 3
    told: dict[str, object] = {"seconds": taken, "per_second": rate, "step": step}
    told |= {"plain_step": plain, "peak": peak, "operations_per_second": per_photo * rate}
    told |= {"pixels": experiment.size, "epochs": experiment.epochs}
    told |= {"batch": experiment.batch_size, "precision": experiment.precision}
    told["card_bfloat16"] = products.rate_of_card(torch.bfloat16) if card else math.nan
    return told | {"card": torch.cuda.get_device_name() if card else "none"}


def main() -> None:
    """Read the words, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", required=True)
    parser.add_argument("--experiment", required=True)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    device = device_of(chosen.device)
    path = ROOT / "workflow" / "studies" / f"{chosen.study}.yaml"
    study = config.load(yaml.safe_load(path.read_text()))
    experiment = study.experiment(chosen.experiment)
    epochs = chosen.epochs or experiment.epochs
    told = measure(
        replace(experiment, size=chosen.size, epochs=epochs, precision=chosen.precision), device
    )
    told |= {"study": chosen.study, "experiment": chosen.experiment}
    chosen.out.write_text(json.dumps(told))


if __name__ == "__main__":
    main()
