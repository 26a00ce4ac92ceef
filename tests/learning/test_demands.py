"""What training jobs ask for covers what was measured, and not many times over."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from assay import models
from assay.experiment import Experiment
from assay.learning import demands


@pytest.fixture(scope="module")
def measured(root: Path) -> list[tuple[Experiment, float, float]]:
    """The table of docs/cluster.md: experiment, MB, milliseconds per photograph."""
    row = r"^\| (\w+) \| (\d+) \| ([\d.]+) \| (\d+) \| (\d+) \| ([\d.]+) \|$"
    text = (root / "docs" / "cluster.md").read_text()
    return [
        (
            Experiment(name, name, {"width": float(width)}, size=int(size), batch_size=int(batch)),
            float(megabytes),
            float(milliseconds),
        )
        for name, size, width, batch, megabytes, milliseconds in re.findall(row, text, re.MULTILINE)
    ]


def test_every_network_was_measured(measured: list[tuple[Experiment, float, float]]) -> None:
    assert {case[0].architecture for case in measured} == set(models.networks())
    assert set(demands.COSTS) == set(models.names())


def test_a_job_asks_for_more_memory_than_was_measured_but_not_thrice(
    measured: list[tuple[Experiment, float, float]],
) -> None:
    asked = [demands.memory(experiment, 0) / megabytes for experiment, megabytes, _ in measured]
    assert min(asked) > 1.3
    assert max(asked) < 3


def test_a_job_asks_for_more_time_than_was_measured(
    measured: list[tuple[Experiment, float, float]],
) -> None:
    for experiment, _, milliseconds in measured:
        photographs = 1000
        megabytes = photographs * 3 * experiment.size**2 / 1e6
        needed = photographs * experiment.epochs * milliseconds / 60_000
        asked = demands.minutes(experiment, megabytes) - demands.START
        assert asked > 1.5 * needed, experiment


def test_each_attempt_asks_for_more() -> None:
    experiment = Experiment("vgg", options={"width": 0.25})
    for demand in (demands.memory, demands.minutes):
        first, second, third = [demand(experiment, 50, 0, attempt) for attempt in (1, 2, 3)]
        assert second >= 1.9 * first
        assert third >= 2.8 * first


def test_mapped_photographs_count_up_to_a_limit_and_each_epoch_takes_its_time() -> None:
    experiment = Experiment("vgg")
    without = demands.memory(experiment, 0)
    assert 1000 <= demands.memory(experiment, 1000) - without <= 2000
    assert demands.memory(experiment, 1e6) - without <= 2 * demands.MAPPED, "what isn't read waits"
    longer = Experiment("vgg", epochs=2 * experiment.epochs)
    assert demands.minutes(longer, 1000) > 1.9 * demands.minutes(experiment, 1000)
    assert demands.minutes(Experiment("mean", "mean_colour", epochs=10**6), 10) <= 11


def test_photographs_held_in_memory_count_beside_the_pages_they_come_from() -> None:
    sizes = [0, demands.HELD, demands.HELD + 50, 2 * demands.HELD, 4000]
    asked = [demands.memory(Experiment("vgg", "vgg"), megabytes) for megabytes in sizes]
    assert asked == sorted(asked), "more photographs never ask for less"
    assert asked[1] - asked[0] >= 2 * demands.HELD


def test_a_card_is_faster_and_takes_memory_of_its_host() -> None:
    experiment = Experiment("vgg", size=250)
    assert demands.minutes(experiment, 1000, 1) < demands.minutes(experiment, 1000, 0)
    assert demands.memory(experiment, 0, 1) == demands.memory(experiment, 0, 0) + demands.CUDA


def test_a_new_architecture_asks_for_as_much_as_the_costliest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    costliest = demands.memory(Experiment("msd", "msd"), 0)
    monkeypatch.setattr(demands, "COSTS", {"msd": demands.COSTS["msd"]})
    assert demands.memory(Experiment("vgg"), 0) == costliest


def test_work_grows_with_epochs_and_copies_and_a_baseline_has_little() -> None:
    vgg = Experiment("vgg", options={"width": 0.25}, epochs=12)
    assert demands.work(vgg, copies=4) == pytest.approx(5 * demands.work(vgg))
    assert demands.work(replace(vgg, epochs=24)) == pytest.approx(2 * demands.work(vgg))
    baseline = replace(vgg, architecture="mean_colour", options={})
    assert demands.work(baseline, copies=4) < 0.01 * demands.work(vgg)


def test_a_job_that_fits_all_folds_asks_for_the_time_of_all() -> None:
    ridge = Experiment("ridge", architecture="colour_statistics", size=250)
    one, five = (demands.minutes(ridge, 900, folds=folds) for folds in (1, 5))
    assert five - demands.START == pytest.approx(5 * (one - demands.START), abs=5)
    assert five > 2 * one
