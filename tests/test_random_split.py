from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import cli, files, random_split
from assay.faults import BadInput
from assay.models import load
from assay.quantity import Quantity
from assay.reporting import limiting

SIZE = 8
NAMES = ("leaderboard", "predictions", "split")


def make(folder: Path, photos: int) -> pd.DataFrame:
    """60 samples whose lamp, not their colour, is what photographs of one sample share."""
    rng = np.random.default_rng(0)
    samples = np.repeat(np.arange(24), photos)
    label = rng.uniform(80, 350, 24)[samples]
    lamp = rng.uniform(40, 200, (24, 3))[samples]  # of the sample, tells nothing of the label
    pixels = lamp[:, None, None, :] + rng.normal(0, 1, (len(samples), SIZE, SIZE, 3))
    images = np.clip(pixels, 0, 255).astype(np.uint8)
    path = folder / str(SIZE) / "images.npy"
    files.save_array(path, images.shape, lambda target: np.copyto(target, images))
    table = pd.DataFrame({"photo": np.arange(len(samples)), "sample": [f"s{k}" for k in samples]})
    table = table.assign(label=label, set="train", block=samples, fold=samples % 4)
    files.write_table(folder / "split.csv", table)
    board = {"experiment": ["boosted"], "architecture": ["colour_statistics"], "size": [SIZE]}
    files.write_table(folder / "leaderboard.csv", pd.DataFrame(board | {"rmse": [80.0]}))
    found = np.full(len(samples), float(label.mean()))
    pooled = table.assign(experiment="boosted", found=found)
    files.write_table(folder / "predictions.csv", pooled)
    estimator = load("colour_statistics").Estimator(regressor="boosted")
    estimator.fit(images, label, groups=samples)
    store(folder / "boosted" / "fold0", estimator.state())
    random_split.random_split(
        images=[path],
        baselines=[folder / "boosted" / "fold0" / "model.safetensors"],
        low=80,
        high=350,
        out=folder / "random_split.csv",
        **{name: folder / f"{name}.csv" for name in NAMES},
    )
    return files.read_table(folder / "random_split.csv")


def store(folder: Path, state: dict[str, np.ndarray]) -> None:
    """A model as the step train writes it."""
    from safetensors.numpy import save

    files.write_bytes(folder / "model.safetensors", save(state))
    experiment = {"name": "boosted", "architecture": "colour_statistics", "size": SIZE}
    description = {"experiment": experiment | {"options": {"regressor": "boosted"}}}
    files.write_json(folder / "model.json", description | {"range": [80, 350]})


def test_replicates_in_both_parts_make_a_false_promise(tmp_path: Path) -> None:
    honest, careless = make(tmp_path, photos=4).to_dict("records")
    assert honest["dealt"] == "by sample"
    assert honest["r2"] == pytest.approx(0, abs=1e-9)
    assert careless["r2"] > 0.5
    assert careless["rmse"] < 0.7 * honest["rmse"]
    assert careless["photographs"] == honest["photographs"] == 96
    said = limiting.of_random_split(pd.DataFrame([honest, careless]), Quantity(unit="mg/L"))
    assert said.startswith("Photographs dealt at random would have claimed an RMSE of ")
    assert "less error than dealt by sample" in said


def test_one_photograph_a_sample_is_the_same_and_says_why(tmp_path: Path) -> None:
    table = make(tmp_path, photos=1)
    honest, careless = table.to_dict("records")
    assert careless["rmse"] == honest["rmse"]
    assert careless["note"] == random_split.SAME
    assert "would have claimed the same" in limiting.of_random_split(table, Quantity())


def test_photographs_are_dealt_evenly_without_regard_to_anything() -> None:
    fold = random_split.at_random(103, 4, seed=1)
    assert sorted(np.bincount(fold)) == [25, 26, 26, 26]
    assert list(fold) == list(random_split.at_random(103, 4, seed=1))
    assert list(fold) != list(random_split.at_random(103, 4, seed=2))


def test_without_a_baseline_the_fault_is_a_sentence() -> None:
    board = pd.DataFrame({"experiment": ["c"], "architecture": ["constant"], "rmse": [1.0]})
    with pytest.raises(BadInput, match="E_BASELINE"):
        random_split.best_baseline(board)


@pytest.mark.parametrize(
    ("ratio", "facts", "said"),
    [
        (1.2, {"groups": {"p": 0.5, "share": 0.1}, "thin": []}, "the noise of the photographs"),
        (9.0, {"groups": {"p": 0.01, "share": 0.4}, "thin": []}, "shifts between groups (40 %"),
        (None, {"groups": None, "thin": ["80 (n = 2)"]}, "few samples at 80 (n = 2)"),
        (None, {"groups": None, "thin": []}, "can't be told from these data"),
        (9.0, {"groups": {"p": 0.5, "share": 0.1}, "thin": []}, "are not shown to"),
    ],
)
def test_the_verdict_says_what_limits_the_result(
    ratio: float | None, facts: dict[str, object], said: str
) -> None:
    assert said in limiting.of_limits(ratio, facts)


def test_the_step_has_a_command_line() -> None:
    assert "--baselines" in cli.parser(random_split.random_split).format_help()
