"""The default run's networks, from config.yaml itself: for Assay, and for the other programs."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from assay import config, models
from assay.experiment import Augmentation, Experiment
from assay.schema import Config
from bench import clock
from bench.peers.task import SCALES, Net

# What the other programs do; another value in config.yaml asks for more than they have. Averaged
# weights and the memory of squared gradients are each program's own affair (docs/benchmarks.md).
DONE = {
    "input": "standardize",
    "target": "standardize",
    "head": "linear",
    "loss": "mse",
    "optimizer": "adamw",
    "schedule": "one_cycle",
    "pretrained": "",
}


def for_assay(folder: Path, chosen: Namespace) -> dict[str, Any]:
    """config.yaml with these photographs and its networks alone.

    --epochs stands for those of its base, and changes all in proportion; --width and --seed are
    of all.
    """
    raw = yaml.safe_load((clock.ROOT / "config.yaml").read_text())
    base = raw["base"]
    kinds = {name: models.kind(name) for name in models.names()}
    nets = [
        net
        for net in raw["experiments"]
        if kinds[net.get("architecture", base["architecture"])] == "network"
    ]
    share = (chosen.epochs or base["epochs"]) / base["epochs"]
    for net in nets:
        net["epochs"] = max(1, round(net.get("epochs", base["epochs"]) * share))
        net["width"] = chosen.width or net.get("width", base["width"])
        net["seed"] = chosen.seed
    raw["experiments"] = nets
    if raw["reference"] not in [net["name"] for net in nets]:
        raw["reference"] = nets[0]["name"]
    for asked in ("questions", "sample_size", "transfer"):  # of experiments that don't run here
        raw.pop(asked, None)
    del raw["data"]["simulate"]
    raw["data"] |= {"photos": str(folder / "photos"), "table": str(folder / "labels.csv")}
    return raw | {"results": "results", "workers": chosen.workers, "threads": chosen.threads}


def for_peers(run: Config) -> list[Net]:
    """The same networks as the other programs take them; ValueError if they can't."""
    return [net(experiment, run) for experiment in run.experiments]


def net(experiment: Experiment, run: Config) -> Net:
    """One network: a pass where Assay shows each photograph once, as itself, a pose or a copy."""
    values = asdict(experiment)
    other = [f"{key}: {values[key]}" for key, value in DONE.items() if values[key] != value]
    if experiment.color not in SCALES:
        other.append(f"color: {experiment.color}")
    copies, turn = 0, "right_angles" if experiment.poses else "none"
    if experiment.augmentation != "none":
        if experiment.poses:
            other.append("poses of copies")
        preset = run.augmentation(experiment.augmentation)
        copies, turn = preset.copies, preset.turn
        if preset != Augmentation(copies, turn, mirror=True):
            other.append(f"augmentation: {experiment.augmentation}")
    if other:
        raise ValueError(f"{experiment.name}: the other programs don't do {', '.join(other)}")
    same = ("name", "architecture", "options", "color", "size", "batch_size", "learning_rate")
    same += ("weight_decay", "gradient_clip", "orbit", "seed")
    passes = experiment.epochs * (1 + copies)
    return Net(**{key: values[key] for key in same}, turn=turn, passes=passes)


def write(folder: Path, place: Path, chosen: Namespace) -> tuple[Path, Path]:
    """Settings for Assay (YAML) and for the other programs (JSON), in `place`."""
    raw = for_assay(folder, chosen)
    run = config.load(raw)
    ours, theirs = place / "bench.yaml", place / "nets.json"
    ours.write_text(yaml.safe_dump(raw))
    nets = [asdict(net) for net in for_peers(run)]
    theirs.write_text(json.dumps({"low": run.range[0], "high": run.range[1], "nets": nets}))
    return ours, theirs


def told(chosen: Namespace) -> str:
    """The networks and their training in words."""
    nets = for_peers(config.load(for_assay(Path(), chosen)))
    turned = {"any": " of turned pictures", "right_angles": ", by right angles", "none": ""}
    words = [
        f"{net.name} ({net.passes} passes{turned[net.turn]}, {net.batch_size} a step)"
        for net in nets
    ]
    first = nets[0]
    return (
        f"{', '.join(words)}: {first.architecture} of width {first.options['width']:g} at "
        f"{first.size} px"
    )
