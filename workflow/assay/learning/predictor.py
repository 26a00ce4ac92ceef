"""Pictures in, concentrations out: what is trained, saved, exported and delivered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from assay import models
from assay.experiment import Experiment
from assay.faults import refuse
from assay.learning import pretrained
from assay.learning.poses import orbit
from assay.parts import heads, losses
from assay.parts.inputs import Input, Split
from assay.parts.targets import Target


@dataclass(frozen=True)
class Stage:
    """One net to be trained; its loss takes pictures uint8 (B, S, S, 3) and concentrations (B,)."""

    module: nn.Module
    loss: Callable[[Tensor, Tensor], Tensor]


class Predictor(nn.Module):
    """Pictures uint8 (N, S, S, 3) -> concentrations float32 (N,).

    low and high are the calibrated range in concentration units: no answer leaves it; losses are
    taken before that clipping.
    The state dict is all it takes to restore a predictor of the same experiment and range.
    """

    bounds: Tensor

    def __init__(self, experiment: Experiment, low: float, high: float):
        super().__init__()
        heads.check(experiment.head, experiment.loss)
        self.experiment = experiment
        self.low, self.high = low, high
        self.input = Input(experiment.color, experiment.input)
        self.target = Target(experiment.target, low, high)
        self.register_buffer("bounds", torch.tensor([low, high]), persistent=False)
        self.net: nn.Module
        self.correction: nn.Module | None = None
        self._build(models.load(experiment.architecture).build)

    def _build(self, build: Callable[..., nn.Module]) -> None:
        experiment, channels = self.experiment, self.input.channels
        loss, bins = experiment.loss, experiment.bins
        if experiment.head == "two_stage":
            self.second = heads.Correction(loss, bins)
            self.net = build(channels, experiment.size, bins, **experiment.options)
            self.correction = build(channels + bins, experiment.size, 1, **experiment.options)
            return
        self.head: heads.Value | heads.Binned = (
            heads.Binned(loss, bins)
            if experiment.head == "binned"
            else heads.Value(loss, bounded=experiment.head == "bounded")
        )
        self.net = build(channels, experiment.size, self.head.outputs, **experiment.options)

    def load_pretrained(self) -> None:
        """Start with the weights the experiment declares, if any; BadInput E_PRETRAINED."""
        if not self.experiment.pretrained:
            return
        if self.correction is not None:
            message = (
                "the second net of two_stage sees the bin as well; there are no weights for it."
            )
            raise refuse("E_PRETRAINED", message, "Choose another head.")
        path, sha256 = Path(self.experiment.pretrained), self.experiment.pretrained_sha256
        pretrained.load(self.net, path, sha256)

    def fit_normalisation(self, images: Tensor | Split, labels: Tensor) -> None:
        """Learn the scales of input and target from training pictures (N, S, S, 3), labels (N,)."""
        self.input.fit(images)
        self.target.fit(labels)

    def stages(self) -> list[Stage]:
        """The nets to be trained, in series; two_stage has two, every other head one."""
        if self.correction is None:
            return [Stage(self.net, self._loss)]
        return [Stage(self.net, self._bin_loss), Stage(self.correction, self._correction_loss)]

    def _loss(self, images: Tensor, labels: Tensor) -> Tensor:
        raw = self.net(self.input(images))
        return self.head.loss(raw, self.target(labels), self.target(self.bounds))

    def _bin_loss(self, images: Tensor, labels: Tensor) -> Tensor:
        edges = heads.edges_of(self.target(self.bounds), self.second.bins)
        return losses.hard_bins(self.net(self.input(images)), self.target(labels), edges)

    def _correction_loss(self, images: Tensor, labels: Tensor) -> Tensor:
        target, bounds = self.target(labels), self.target(self.bounds)
        true = losses.bin_of(target, heads.edges_of(bounds, self.second.bins))
        raw = self._correct(self.input(images), true)
        return self.second.loss(raw, target, true, bounds)

    def _correct(self, picture: Tensor, picked: Tensor) -> Tensor:
        assert self.correction is not None
        return self.correction(heads.with_bin(picture, picked, self.second.bins))

    def _concentrations(self, images: Tensor) -> Tensor:
        """Pictures of one pose -> concentrations (N,), not yet clipped."""
        picture, bounds = self.input(images), self.target(self.bounds)
        raw = self.net(picture)
        if self.correction is None:
            return self.target.inverse(self.head.value(raw, bounds))
        picked = raw.argmax(1)
        found = self.second.value(self._correct(picture, picked), picked, bounds)
        return self.target.inverse(found)

    def glance(self, images: Tensor) -> Tensor:
        """Concentrations (N,) of one pose, whatever `orbit` says: quicker, and a little worse."""
        return self._concentrations(images).clamp(self.low, self.high)

    def unclipped(self, images: Tensor) -> Tensor:
        """Concentrations (N,): with `orbit` the mean over the 8 poses; they may leave the range."""
        poses = orbit(images) if self.experiment.orbit else [images]
        return torch.stack([self._concentrations(pose) for pose in poses]).mean(0)

    def forward(self, images: Tensor) -> Tensor:
        """Concentrations (N,), inside the calibrated range."""
        return self.unclipped(images).clamp(self.low, self.high)
