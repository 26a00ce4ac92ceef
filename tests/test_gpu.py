"""Training on a GPU: recorded steps are the steps, each time the same bits, cut or not.

`make test-gpu`, on a machine that has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from assay import models
from assay.experiment import Experiment
from assay.learning import checkpoint, fitting, replay, training
from assay.learning.checkpoint import Checkpoint
from assay.learning.material import Material
from assay.learning.predictor import Predictor
from assay.learning.training import Trained
from assay.pictures.stack import Stack
from cutting import Killed, cut
from wells import wells

pytestmark = [pytest.mark.slow, pytest.mark.gpu]
NARROW = {"width": 0.25, "dropout": 0.2}
NET = Experiment("net", options=NARROW, epochs=4, batch_size=16, size=16)
GROUPED = replace(NET, options=NARROW | {"norm": "group"})
KINDS = {name: Experiment(name, name, size=32, epochs=3) for name in models.networks()} | {
    "alexnet": Experiment("alexnet", "alexnet", {"width": 0.25}, size=64, epochs=3),
    "msd": Experiment("msd", "msd", {"depth": 8}, size=16, epochs=3),
    "batch norm": NET,
    "group norm": GROUPED,
    "bfloat16": replace(GROUPED, precision="bfloat16"),
    "density, poses": replace(GROUPED, color="optical_density", poses=True, orbit=True),
    "average": replace(NET, ema=0.9),
    "sgd": replace(NET, optimizer="sgd", learning_rate=0.01),
    "beta_nll": replace(NET, loss="beta_nll"),
    "hard_bins": replace(NET, head="binned", loss="hard_bins"),
    "hl_gauss": replace(NET, head="binned", loss="hl_gauss", target="log"),
    "two_stage": replace(NET, head="two_stage"),
}


@pytest.fixture(scope="module")
def card() -> Iterator[torch.device]:
    device = training.device_of("cuda")
    yield device
    torch.use_deterministic_algorithms(False)


def material(size: int, count: int = 75) -> Material:
    """75, of which 60 are seen: the last batch of 16 is a smaller one."""
    images, labels = wells(count, size)
    table = pd.DataFrame({"label": labels.numpy(), "block": range(count)})
    rows = np.arange(count)
    stack = Stack([images.numpy()])
    none = stack.rows(slice(0)), np.empty(0, dtype=np.int64)
    return Material(stack, table, rows[rows % 5 > 0], rows[rows % 5 == 0], *none)


def trained(experiment: Experiment, card: torch.device, kept: Checkpoint | None = None) -> Trained:
    torch.cuda.empty_cache()
    data = material(experiment.size)
    return training.train_model(experiment, 80, 350, data, card, kept)


def differing(one: Trained, two: Trained) -> list[str]:
    assert not one.failure
    names = [name for name in one.state if not np.array_equal(one.state[name], two.state[name])]
    return names if one.history.equals(two.history) else [*names, "history"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_recorded_step_is_the_step_and_repeats_to_the_bit(
    kind: str, card: torch.device, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded, again = trained(KINDS[kind], card), trained(KINDS[kind], card)
    assert not differing(recorded, again)
    monkeypatch.setattr(replay, "WARM", 10**9)
    assert not differing(recorded, trained(KINDS[kind], card))


def test_steps_are_recorded_once_for_each_size_of_a_batch(
    card: torch.device, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    record = replay.Replay._record

    def noted(
        self: replay.Replay, step: replay.Step, images: torch.Tensor, *rest: object
    ) -> replay.Record:
        sizes.append(len(images))
        return record(self, step, images, *rest)

    monkeypatch.setattr(replay.Replay, "_record", noted)
    trained(replace(NET, epochs=6), card)
    assert sizes == [16, 12]


@pytest.mark.parametrize("kind", ["batch norm", "average", "sgd", "two_stage", "density, poses"])
def test_cut_it_ends_the_same_to_the_bit(
    kind: str, card: torch.device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(KINDS[kind], card)
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)
    for after in (1, 5, 9):
        kept = tmp_path / str(after) / "state.safetensors"
        with pytest.MonkeyPatch.context() as patch:
            cut(patch, after)
            with pytest.raises(Killed):
                trained(KINDS[kind], card, Checkpoint(kept))
        assert not differing(whole, trained(KINDS[kind], card, Checkpoint(kept)))


def test_a_model_of_the_card_answers_alike_on_the_processor(card: torch.device) -> None:
    experiment = replace(GROUPED, epochs=40, learning_rate=0.003)
    model, data = trained(experiment, card), material(experiment.size)
    predictor = Predictor(experiment, 80, 350)
    predictor.load_state_dict({name: torch.from_numpy(part) for name, part in model.state.items()})
    found = data.found(partial(fitting.predict, predictor), data.held_out)
    assert data.rmse(found, data.held_out) < 15
    assert np.abs(found - model.answers(data)[1]).max() < 1  # TF32 against float32, mg/L


def test_photographs_that_do_not_fit_the_card_give_the_same_bits(
    card: torch.device, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = trained(NET, card)
    monkeypatch.setattr("assay.learning.stored.SHARE", 0.0)
    assert not differing(resident, trained(NET, card))


def test_a_loss_that_is_no_number_ends_the_training_alone(card: torch.device) -> None:
    wild = replace(NET, learning_rate=1e30, gradient_clip=0.0, options={"norm": "none"})
    assert "the loss became" in trained(wild, card).failure
    assert not trained(NET, card).failure
