"""The training loop: a fixed budget of epochs over photographs held in memory as uint8."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from assay.experiment import Experiment
from assay.learning import flat
from assay.learning.averaging import Average, swapped
from assay.learning.checkpoint import Checkpoint
from assay.learning.poses import posed
from assay.learning.replay import Replay, alongside, once
from assay.learning.sparing import sparing
from assay.learning.stored import Stored
from assay.learning.together import ALONE, Loss, Team
from assay.pictures.stack import Pictures

Answer = Callable[[Tensor], Tensor]
# Pixels that a processor predicts at once, so that maps stay in its cache: 16 pictures of 64 px
# take 0.7 of the time that they take among 64, one of 250 px 0.6 (vgg of full width)
CACHED = 2**16


class Diverged(Exception):  # noqa: N818 - a state of training, told in the report
    """The loss is no longer a number."""


@dataclass
class Photographs:
    """uint8 pictures (N, S, S, 3) and their concentrations float32 (N,), on one device."""

    images: Tensor | Stored
    labels: Tensor

    def batches(self, size: int, seed: int, epoch: int) -> list[Tensor]:
        """Rows of each batch, as (seed, epoch) deal them; a last batch of one joins its neighbour.

        One photograph alone has no variance, which batch normalisation needs.
        """
        generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
        order = torch.randperm(len(self.labels), generator=generator).to(self.labels.device)
        parts = list(order.split(size))
        if size > 1 and len(parts) > 1 and len(parts[-1]) == 1:
            parts[-2:] = [torch.cat(parts[-2:])]
        return parts

    def at(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The pictures of these rows and their concentrations."""
        if isinstance(self.images, Stored):
            return self.images[rows], self.labels[rows]
        return self.images.index_select(0, rows), self.labels.index_select(0, rows)

    def steps(self, size: int) -> int:
        """The number of batches of an epoch."""
        number, rest = divmod(len(self.labels), size)
        return max(1, number + (rest > 1))


def optimiser(module: nn.Module, experiment: Experiment) -> torch.optim.Optimizer:
    """AdamW or SGD with Nesterov momentum; no decay for biases, norms and other vectors.

    Small weights that decay alike are one tensor to it: see flat.py.
    On a GPU the learning rate is a tensor there, so that a step can be recorded (replay.py).
    """
    weights = [p for p in module.parameters() if p.requires_grad]
    card = weights[0].is_cuda
    peak = experiment.learning_rate
    learning_rate = torch.tensor(peak, device=weights[0].device) if card else peak
    matrices, vectors = ([p for p in weights if (p.ndim > 1) == many] for many in (True, False))
    groups = flat.grouped(matrices, weight_decay=experiment.weight_decay)
    groups += flat.grouped(vectors, weight_decay=0.0)
    if experiment.optimizer == "sgd":
        return sparing(torch.optim.SGD)(
            groups, lr=learning_rate, momentum=0.9, nesterov=True, fused=card
        )
    betas = (0.9, experiment.beta2)
    return sparing(torch.optim.AdamW)(
        groups, lr=learning_rate, betas=betas, fused=True, capturable=card
    )


def rate(experiment: Experiment, step: int, steps: int) -> float:
    """The share of the peak learning rate at `step` of `steps`.

    one_cycle: linear rise over the first 15 %, cosine fall to 0.1 % (after Smith and Topin 2019).
    """
    if experiment.schedule == "constant":
        return 1.0
    rise = 0.15 * steps if experiment.schedule == "one_cycle" else 0.0
    if step < rise:
        return max(step, 0.2) / rise
    fall = (step - rise) / max(steps - rise, 1)
    return 0.001 + 0.999 * (1 + math.cos(math.pi * fall)) / 2


def seed_step(device: torch.device, *numbers: int) -> None:
    """Let the random numbers of one step (dropout) hang on these numbers alone.

    So a training that was interrupted draws the same as one that was not. Quicker than
    torch.manual_seed, which asks every kind of device.
    """
    seed = zlib.crc32(" ".join(map(str, numbers)).encode())
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)


def in_precision(precision: str, loss: Loss) -> Loss:
    """The loss, with convolutions and products in that precision; weights stay float32.

    bfloat16 has the range of float32, so that no loss need be scaled (Kalamkar et al. 2019,
    arXiv:1905.12322). Predicting is always done in float32.
    """
    if precision == "float32":
        return loss

    def reduced(images: Tensor, labels: Tensor) -> Tensor:
        with torch.autocast(images.device.type, torch.bfloat16):
            return loss(images, labels)

    return reduced


class _Stage:
    """The training of one module: its optimiser, its averaged weights, the loss of the epoch."""

    def __init__(
        self,
        module: nn.Module,
        loss: Loss,
        photographs: Photographs,
        experiment: Experiment,
        kept: Checkpoint,
        team: Team,
    ):
        self.module, self.photographs, self.experiment = module, photographs, experiment
        self.kept, self.team, self.device = kept, team, photographs.labels.device
        self.stepper = optimiser(module, experiment)
        self.average = Average(module, experiment.ema) if experiment.ema else None
        self.per_epoch = photographs.steps(experiment.batch_size)
        self.total = torch.zeros((), device=self.device)
        live = {"total": self.total} | (self.average.state() if self.average else {})
        self.first, self.done = kept.enter(self.stepper, live)
        if self.average:
            self.average.steps = self.first * self.per_epoch + self.done
        self.loss = team.averaging(module, loss)
        recorded = self.device.type == "cuda" and team.size == 1
        self.done_by = Replay() if recorded else once  # it holds no step: no circle to be collected

    def epoch(self, epoch: int) -> float:
        """Do the batches of an epoch that are not done yet; the mean loss of all its batches."""
        self.module.train()
        experiment = self.experiment
        batches = self.photographs.batches(experiment.batch_size, experiment.seed, epoch)
        for batch in range(self.done, len(batches)):
            step = epoch * self.per_epoch + batch
            seed_step(self.device, experiment.seed, self.kept.stage, step)
            self.set_rate(self.rate(step))
            value = self.done_by(self.step, *self.drawn(batches[batch]))
            if self.average:
                self.average.update()
            self.total += self.team.mean(value) * len(batches[batch])
            if self.kept.due():
                self.kept.save(epoch, batch + 1)
        mean = float(self.total) / len(self.photographs.labels)  # an epoch's one synchronisation
        self.total.zero_()
        self.done = 0
        return mean

    def drawn(self, rows: Tensor) -> tuple[Tensor, Tensor, float]:
        """Pictures and labels of this process's share of a batch at `rows`; its weight."""
        own, weight = self.team.share(rows)
        images, labels = self.photographs.at(own)
        if self.experiment.poses:  # drawn for all: no process's share hangs on their number
            numbers = torch.randint(8, rows.shape, device=rows.device)
            images = posed(images, self.team.share(numbers)[0])
        return images, labels, weight

    def rate(self, step: int) -> float:
        """The learning rate at a step."""
        experiment = self.experiment
        share = rate(experiment, step, experiment.epochs * self.per_epoch)
        return experiment.learning_rate * share

    def set_rate(self, learning_rate: float) -> None:
        """Let the next step have this learning rate."""
        for group in self.stepper.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(learning_rate)
            else:
                group["lr"] = learning_rate

    def step(self, images: Tensor, labels: Tensor, weight: float) -> Tensor:
        """One step down the gradient; the loss of these photographs, times their weight."""
        value = self.loss(images, labels) * weight
        flat.clear(self.stepper)
        value.backward()
        if self.experiment.gradient_clip:
            weights = flat.stepped(self.stepper)
            nn.utils.clip_grad_norm_(weights, self.experiment.gradient_clip)
        self.stepper.step()
        return value.detach()


def fit(
    module: nn.Module,
    loss: Loss,
    photographs: Photographs,
    experiment: Experiment,
    after_epoch: Callable[[int, float, float], None],
    checkpoint: Checkpoint | None = None,
    team: Team = ALONE,
) -> None:
    """Train `module` in place for the whole budget; Diverged when the loss is not finite.

    after_epoch(epoch, mean loss of the epoch, learning rate) is called with the weights that
    would be delivered (averaged, where ema is on) in place. With a checkpoint that holds an
    unfinished training of this stage only the rest is done. The processes of a team share the work.
    """
    kept = checkpoint or Checkpoint()
    with alongside(photographs.labels.device) if team.size == 1 else nullcontext():
        stage = _Stage(module, loss, photographs, experiment, kept, team)
        for epoch in range(stage.first, experiment.epochs):
            mean = stage.epoch(epoch)
            if not math.isfinite(mean):
                place = f"epoch {epoch + 1} of {experiment.epochs}"
                raise Diverged(f"the loss became {mean} in {place}")
            with swapped(stage.average):
                after_epoch(epoch, mean, stage.rate((epoch + 1) * stage.per_epoch - 1))
            if kept.due():
                kept.save(epoch + 1, 0)
        if stage.average:
            module.load_state_dict(stage.average.module.state_dict())


@torch.no_grad()
def predict(module: nn.Module, images: Pictures, answer: Answer | None = None) -> np.ndarray:
    """Concentrations float64 (N,) of pictures uint8 (N, S, S, 3), in eval mode, where it lies.

    answer: a method of the module that takes the place of its forward pass.
    """
    module.eval()
    device = next((weight.device for weight in module.parameters()), torch.device("cpu"))
    batch = 64 if device.type == "cuda" else max(1, CACHED // (images.shape[1] * images.shape[2]))
    parts = (images[start : start + batch] for start in range(0, len(images), batch))
    tensors = (torch.from_numpy(np.ascontiguousarray(part)).to(device) for part in parts)
    found = [(answer or module)(part) for part in tensors] or [torch.zeros(0)]
    return torch.cat(found).double().cpu().numpy()
