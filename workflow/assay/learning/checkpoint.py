"""The state of an unfinished training in a file, from which it goes on, the same to the bit."""

from __future__ import annotations

import errno
import json
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from assay import files, job
from assay.faults import BadInput
from assay.learning.flat import stepped

logger = logging.getLogger("assay")

SECONDS = 20.0  # of training between two states: what a crash costs
SHARE = 0.05  # of the time that writing them may take; a large model is written less often


class Checkpoint:
    """Where a training stands: its stage, and the learning curve so far.

    Without a path nothing is kept.
    """

    def __init__(self, path: Path | None = None):
        self.path, self.stage = path, 0
        self.rows: list[dict[str, float]] = []
        self._left: dict[str, Tensor] = {}  # what an interrupted training left, until it is used
        self._module = nn.Module()
        self._live: dict[str, Tensor] = {}  # what else a state is made of: the tensors in use
        self._optimiser: torch.optim.Optimizer | None = None
        self._place = 0, 0
        self._before = 0.0  # seconds of training by the processes before this one
        self._start = self._saved = time.monotonic()
        self._pause = SECONDS

    def open(self, module: nn.Module) -> None:
        """Put the weights that were left, if any, into `module`, whose state is kept from now."""
        self._module = module
        if not self.path or not self.path.is_file():
            return
        try:
            self._left = load(files.read_bytes(self.path))
        except BadInput as bad:
            logger.warning("An unfinished training is of no use, it starts anew. %s", bad)
            return
        told = json.loads(self._left.pop("told").numpy().tobytes())
        self.stage, self.rows, self._before = told["stage"], told["rows"], told["seconds"]
        self._place = told["epoch"], told["batch"]
        self._fill(self._weights())
        logger.info("Goes on where it was interrupted, after %d epochs.", len(self.rows))

    def enter(self, optimiser: torch.optim.Optimizer, live: dict[str, Tensor]) -> tuple[int, int]:
        """Begin the current stage: the epoch, and how many of its batches are done already.

        The state of the optimiser and the tensors in `live` are set to what was left, and kept.
        """
        self._optimiser, self._live = optimiser, live
        place, self._place = self._place, (0, 0)
        if self._left:
            self._fill(live)
            self._fill_optimiser(optimiser)
            self._left = {}
        return place

    @torch.no_grad()
    def _fill(self, live: dict[str, Tensor]) -> None:
        for name, tensor in live.items():
            tensor.copy_(self._left[name])

    def _fill_optimiser(self, optimiser: torch.optim.Optimizer) -> None:
        weights = stepped(optimiser)
        for name, value in self._left.items():
            kind, _, rest = name.partition(".")
            if kind == "optimiser":
                number, _, key = rest.partition(".")
                weight = weights[int(number)]
                # laid out in memory as the weight is (channels last), as an optimiser does it
                like = torch.empty_like(weight) if value.shape == weight.shape else value
                optimiser.state[weight][key] = like.copy_(value).to(weight.device)

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """Inside, a signal to end waits for the next state to be written."""
        if self.path:
            with job.finishing():
                yield
        else:
            yield

    def due(self) -> bool:
        """Whether to write the state now: some time has passed, or the end is near."""
        late = time.monotonic() - self._saved >= self._pause
        return self.path is not None and (late or job.stop_wished())

    def save(self, epoch: int, batch: int) -> None:
        """Write the state after so many batches of an epoch; then end, if a signal asked for it."""
        assert self.path, "nothing is kept without a path"
        start = time.monotonic()
        told = {"stage": self.stage, "rows": self.rows, "seconds": self.seconds()}
        text = json.dumps(told | {"epoch": epoch, "batch": batch}).encode()
        state = self._weights() | self._live | self._steps()
        state = {name: _stored(value) for name, value in state.items()}
        state["told"] = torch.frombuffer(bytearray(text), dtype=torch.uint8)
        try:
            if job.is_leader():
                files.write_bytes(self.path, save(state))
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            logger.warning("The disk is full: an interruption now costs this training.")
        job.stop()
        self._saved = time.monotonic()
        self._pause = max(SECONDS, (self._saved - start) / SHARE)

    def _weights(self) -> dict[str, Tensor]:
        """The module's weights and buffers, as they are now: an optimiser may have moved them."""
        return {f"module.{name}": value for name, value in self._module.state_dict().items()}

    def _steps(self) -> dict[str, Tensor]:
        """The optimiser's state, named by the number of its weight."""
        assert self._optimiser, "a stage has been entered"
        state = self._optimiser.state
        return {
            f"optimiser.{number}.{key}": value
            for number, weight in enumerate(stepped(self._optimiser))
            for key, value in state.get(weight, {}).items()
        }

    def seconds(self) -> float:
        """Time spent on this training, by all processes that worked at it."""
        return self._before + time.monotonic() - self._start

    def close(self) -> None:
        """The training has ended and its outputs are written: the folder of its states goes.

        With it go states of the same model by other settings or data, which it has replaced.
        """
        if self.path and job.is_leader():
            shutil.rmtree(self.path.parent, ignore_errors=True)


def _stored(value: Tensor) -> Tensor:
    return value.detach().cpu().clone(memory_format=torch.contiguous_format)
