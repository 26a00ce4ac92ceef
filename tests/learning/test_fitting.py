from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from assay.experiment import Experiment
from assay.learning import fitting, flat
from assay.learning.predictor import Predictor
from wells import wells

LINE = Experiment("line", epochs=60, batch_size=8, learning_rate=0.05, weight_decay=0.0)


class Line(nn.Module):
    """Concentration from the mean level: one weight, one offset."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, images: Tensor) -> Tensor:
        return self.layer(images.float().mean((1, 2, 3))[:, None] / 255)[:, 0]


def photographs(number: int = 33) -> fitting.Photographs:
    levels = torch.linspace(0, 255, number).round().to(torch.uint8)
    images = levels[:, None, None, None].expand(number, 2, 2, 3).contiguous()
    return fitting.Photographs(images, 2 * levels.float() / 255 - 1)


def trained(experiment: Experiment) -> tuple[Line, list[float]]:
    torch.manual_seed(experiment.seed)
    line, losses = Line(), []

    def loss(images: Tensor, labels: Tensor) -> Tensor:
        return ((line(images) - labels) ** 2).mean()

    fitting.fit(line, loss, photographs(), experiment, lambda _, value, __: losses.append(value))
    return line, losses


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("schedule", ["one_cycle", "cosine", "constant"])
@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_a_line_is_learned(optimizer: str, schedule: str, ema: float) -> None:
    settings = replace(LINE, optimizer=optimizer, schedule=schedule, ema=ema)
    line, losses = trained(settings)
    found = fitting.predict(line, photographs().images.numpy())
    assert np.abs(found - photographs().labels.numpy()).max() < 0.1
    assert losses[-1] < losses[0] / 50


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    first, again = trained(LINE)[0], trained(LINE)[0]
    other = trained(replace(LINE, seed=2))[0]
    assert torch.equal(first.layer.weight, again.layer.weight)
    assert not torch.equal(first.layer.weight, other.layer.weight)


def test_every_photograph_is_shown_once_an_epoch_and_none_alone() -> None:
    data = photographs(33)
    data.labels = torch.arange(33.0)
    batches = [data.labels[rows] for rows in data.batches(8, seed=1, epoch=0)]
    assert sorted(torch.cat(batches).tolist()) == list(range(33))
    assert [len(batch) for batch in batches] == [8, 8, 8, 9]
    assert data.steps(8) == len(batches)
    second = data.labels[torch.cat(data.batches(8, seed=1, epoch=1))]
    assert not torch.equal(torch.cat(batches), second)


@pytest.mark.parametrize(("number", "size"), [(1, 8), (2, 1), (8, 8), (16, 5), (7, 3)])
def test_the_number_of_steps_is_that_of_the_batches(number: int, size: int) -> None:
    data = photographs(number)
    assert data.steps(size) == len(data.batches(size, 1, 0))


def test_a_loss_that_is_no_number_stops_with_its_epoch() -> None:
    line = Line()

    def loss(images: Tensor, labels: Tensor) -> Tensor:
        return line(images).mean() * float("nan")

    with pytest.raises(fitting.Diverged, match="nan in epoch 1 of 60"):
        fitting.fit(line, loss, photographs(), LINE, lambda *_: None)


def test_the_rate_rises_and_falls_as_its_schedule_says() -> None:
    steps = 1000
    one_cycle = [fitting.rate(LINE, step, steps) for step in range(steps)]
    assert 0 < one_cycle[0] < 0.01
    assert max(one_cycle) == pytest.approx(one_cycle[150], abs=1e-9) == pytest.approx(1)
    assert one_cycle[-1] < 0.002
    assert one_cycle[150:] == sorted(one_cycle[150:], reverse=True)
    cosine = replace(LINE, schedule="cosine")
    assert fitting.rate(cosine, 0, steps) == 1
    assert fitting.rate(cosine, 500, steps) == pytest.approx(0.5, abs=0.01)


def test_biases_are_not_decayed() -> None:
    groups = fitting.optimiser(Line(), replace(LINE, weight_decay=0.1)).param_groups
    assert [(len(g["params"]), g["weight_decay"]) for g in groups] == [(1, 0.1), (1, 0.0)]


@pytest.mark.parametrize("beta2", [0.0, 0.9, 0.999])
def test_adamw_forgets_squared_gradients_at_the_rate_that_is_set(beta2: float) -> None:
    line = Line()
    stepper = fitting.optimiser(line, replace(LINE, beta2=beta2))
    for gradient in (3.0, 2.0):
        flat.clear(stepper)
        (line.layer.weight.sum() * gradient).backward()
        stepper.step()
    (weight,) = stepper.param_groups[0]["params"]
    expected = (1 - beta2) * (beta2 * 3.0**2 + 2.0**2)  # Kingma and Ba 2015, algorithm 1
    assert stepper.state[weight]["exp_avg_sq"].item() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("size", "at_once"), [(2, 40), (64, 16), (300, 1)])
def test_a_processor_predicts_few_large_pictures_at_once(size: int, at_once: int) -> None:
    line, parts = Line(), []
    line.register_forward_hook(lambda _, images, __: parts.append(len(images[0])))
    images = np.random.default_rng(1).integers(0, 255, (40, size, size, 3), np.uint8)
    found = fitting.predict(line, images)
    assert max(parts) == at_once
    with torch.no_grad():
        assert found == pytest.approx(line(torch.from_numpy(images)).numpy(), rel=1e-5)


def test_what_a_training_needed_goes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[weakref.ref[torch.optim.Optimizer]] = []
    made = fitting.optimiser

    def noted(module: nn.Module, experiment: Experiment) -> torch.optim.Optimizer:
        stepper = made(module, experiment)
        left.append(weakref.ref(stepper))
        return stepper

    monkeypatch.setattr(fitting, "optimiser", noted)
    gc.disable()  # moments of large weights must not wait for it
    try:
        trained(LINE)
        assert left[0]() is None
    finally:
        gc.enable()


def in_precision(precision: str) -> tuple[Predictor, set[torch.dtype], float]:
    """A small network trained so, the kinds of number of its maps, and its RMSE."""
    images, labels = wells(64, 16)
    options = {"width": 0.25, "norm": "group", "dropout": 0.0}
    experiment = Experiment(
        "x", "vgg", options, 16, epochs=12, batch_size=8, learning_rate=0.003, precision=precision
    )
    torch.manual_seed(1)
    predictor = Predictor(experiment, 80, 350)
    predictor.fit_normalisation(images, labels)
    (stage,) = predictor.stages()
    kinds: set[torch.dtype] = set()
    watch = predictor.net[0][0].register_forward_hook(lambda *told: kinds.add(told[2].dtype))
    loss = fitting.in_precision(precision, stage.loss)
    seen = fitting.Photographs(images, labels)
    fitting.fit(stage.module, loss, seen, experiment, lambda *_: None)
    watch.remove()
    found = fitting.predict(predictor, images.numpy())
    return predictor, kinds, float(np.sqrt(np.mean((found - labels.numpy()) ** 2)))


def test_bfloat16_learns_as_well_and_leaves_weights_and_answers_in_float32() -> None:
    _, kinds, wanted = in_precision("float32")
    assert kinds == {torch.float32}
    predictor, kinds, error = in_precision("bfloat16")
    assert kinds == {torch.bfloat16}
    assert {weight.dtype for weight in predictor.parameters()} == {torch.float32}
    assert error < 2 * wanted + 3, (error, wanted)
    assert error < 25
