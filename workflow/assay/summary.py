"""What each experiment's network costs, sees and keeps, and how far a turned picture moves it."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors.torch import load as load_tensors
from torch import Tensor

from assay import cli, files, models
from assay.experiment import Experiment
from assay.faults import refuse
from assay.learning import footprint
from assay.learning.poses import orbit
from assay.learning.predictor import Predictor
from assay.pictures import area
from assay.progress import progress
from assay.simulation import camera
from assay.simulation.laboratory import Laboratory
from assay.simulation.scene import Scene, light

logger = logging.getLogger("assay")
QUESTION = 533_344  # weights of the vgg, as the question counts them
QUESTION_SIZE = 256  # px, at which that count is right
ANGLES = (15, 30, 45)  # degrees
SCENES = 4
OVERSAMPLING = 4  # of a turned scene, so that its pixels are area means
BATCH = 32
COUNTS = ["parameters", "weights", "multiply_adds", "receptive_field_px"]
SPREADS = [f"spread_{angle}_degrees_percent" for angle in ANGLES]
COLUMNS = [
    *("experiment", "architecture", "size", "state"),
    *COUNTS,
    *("activation_mib", "images_per_second", "spread_8_poses_percent"),
    *SPREADS,
    "remark",
]


def scenes() -> list[Scene]:
    """Simulated scenes, whatever is measured; well mixed: the mixing field cannot be turned."""
    laboratory = Laboratory(seed=1, mixing=False)
    return [laboratory.scene(number, 0) for number in range(SCENES)]


def turned(scene: Scene, degrees: float) -> Scene:
    """The scene turned about the picture's centre: exactly, since nothing of it is pixels yet."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = turn @ [scene.centre_x, scene.centre_y]
    shading = turn @ [scene.shading_x, scene.shading_y]
    spots = scene.spots.copy()
    spots[:, :2] = spots[:, :2] @ turn.T
    return replace(
        scene,
        centre_x=float(centre[0]),
        centre_y=float(centre[1]),
        shading_x=float(shading[0]),
        shading_y=float(shading[1]),
        spots=spots,
    )


def picture(scene: Scene, size: int) -> Tensor:
    """The scene without sensor noise, uint8 (size, size, 3)."""
    full = np.rint(255 * camera.srgb(light(scene, OVERSAMPLING * size))).astype(np.uint8)
    return torch.from_numpy(area.resize(full, size))


@torch.no_grad()
def spread(predictor: Predictor, poses: list[Tensor]) -> float:
    """The largest difference between poses of one picture, before clipping, in % of the range.

    poses: the pictures uint8 (N, S, S, 3) of one pose each, in the same order.
    """
    found = torch.stack([predictor.unclipped(pose) for pose in poses])
    moved = (found.max(0).values - found.min(0).values).max()
    return 100 * float(moved) / (predictor.high - predictor.low)


def spreads(predictor: Predictor, drawn: list[Scene]) -> dict[str, float]:
    """The spread over the 8 turns and mirrors, and from 0 to other angles (and their quarters)."""
    size = predictor.experiment.size
    upright = torch.stack([picture(scene, size) for scene in drawn])
    result = {"spread_8_poses_percent": spread(predictor, orbit(upright))}
    for angle, name in zip(ANGLES, SPREADS, strict=True):
        tilted = torch.stack([picture(turned(scene, angle), size) for scene in drawn])
        poses = orbit(upright)[::2] + orbit(tilted)[::2]
        result[name] = spread(predictor, poses)
    return result


def restored(experiment: Experiment, low: float, high: float, model: Path | None) -> Predictor:
    """The predictor in eval mode, with stored weights or, from the seed, fresh ones."""
    torch.manual_seed(experiment.seed)
    predictor = Predictor(experiment, low, high)
    if model:
        predictor.load_state_dict(load_tensors(files.check(model, "train").read_bytes()))
    else:
        images = torch.stack([picture(scene, experiment.size) for scene in scenes()])
        predictor.fit_normalisation(images, torch.linspace(low, high, SCENES))
    return predictor.eval()


def measures(predictor: Predictor, seconds: float) -> dict[str, Any]:
    """One row of the table; of two_stage both nets, the receptive field being the first one's."""
    drawn = scenes()
    size, channels = predictor.experiment.size, predictor.input.channels
    images = torch.stack([picture(scene, size) for scene in drawn])
    noise = torch.randn(SCENES, channels, size, size, generator=torch.Generator().manual_seed(1))
    batch = images.repeat(BATCH // SCENES, 1, 1, 1)
    return {
        "parameters": footprint.parameters(predictor),
        "weights": footprint.weights(predictor),
        "multiply_adds": footprint.multiply_adds(predictor, images[:1]),
        "receptive_field_px": footprint.receptive_field(predictor.net, noise),
        "activation_mib": footprint.activation_bytes(predictor, images) / 2**20,
        "images_per_second": footprint.images_per_second(predictor, batch, seconds),
        **spreads(predictor, drawn),
        "remark": remark(predictor.experiment, footprint.weights(predictor)),
    }


def remark(experiment: Experiment, weights: int) -> str:
    """Why the question's count of the vgg's weights is another one; empty for other networks."""
    options = models.options("vgg") | experiment.options
    standard = all(
        options[key] == models.options("vgg")[key] for key in ("width", "depth", "pooling")
    )
    if experiment.architecture != "vgg" or not standard or experiment.head != "linear":
        return ""
    before, side = QUESTION_SIZE // 8, experiment.size // 8
    return (
        f"The question counts {QUESTION:,} weights: its dense layer sees {before} x {before} x 32"
        f" as of a picture of {QUESTION_SIZE} px; at {experiment.size} px it sees"
        f" {side} x {side} x 32, which gives {weights:,}."
    )


def table_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows with the same columns in any case; counts stay whole where baselines have none."""
    table = pd.DataFrame(rows).reindex(columns=COLUMNS)
    return table.astype(dict.fromkeys(COUNTS, "Int64"))


def summary(
    experiments: list[Experiment],
    out: Path,
    low: float = 80.0,
    high: float = 350.0,
    trained: list[Path] | None = None,
    seconds: float = 1.0,
    threads: int = 1,
) -> None:
    """Write the table OUT, one row per experiment: size, cost, receptive field and invariance.

    TRAINED gives a model file for each experiment that is a network, in their order; else weights
    are fresh. SECONDS is spent on the speed of each. Of a baseline there is nothing to count.
    """
    torch.set_num_threads(threads)
    networks = [e for e in experiments if models.kind(e.architecture) == "network"]
    if trained and len(trained) != len(networks):
        message = f"{len(trained)} models are given for {len(networks)} networks."
        raise refuse("E_MODELS", message, "Give one for each, in the same order.")
    stored = dict(zip([e.name for e in networks], trained or [], strict=False))
    rows = []
    for experiment in progress(experiments, "summary", unit="experiments"):
        row: dict[str, Any] = {"experiment": experiment.name}
        row |= {"architecture": experiment.architecture, "size": experiment.size}
        if experiment in networks:
            model = stored.get(experiment.name)
            row["state"] = "trained" if model else "fresh"
            row |= measures(restored(experiment, low, high, model), seconds)
            logger.info("%(experiment)s: %(parameters)d parameters, %(multiply_adds)d MACs", row)
        rows.append(row)
    files.write_table(out, table_of(rows))


if __name__ == "__main__":
    cli.run(summary)
