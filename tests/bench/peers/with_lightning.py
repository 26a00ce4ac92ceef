"""The same by Lightning, with what its guide "Speed Up Model Training" recommends.

Worker processes that persist; no logger, checkpoints, progress bar or summary, which a comparison
of models needs none of; validation at ten of the epochs, not each. Photographs are read as in the
plain loop. The last look at the held-out fold gives the answers: `predict` would read it again.
"""

from __future__ import annotations

import logging
import warnings

import lightning
import torch
from torch import Tensor, nn

from bench.peers import task
from bench.peers.plain_loop import loaders
from bench.peers.task import Net, Task

warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


class Model(lightning.LightningModule):
    """The network, its loss and its optimiser; `found` is what the last look gave."""

    def __init__(self, job: Task, net: Net):
        super().__init__()
        self.job, self.net, self.network = job, net, job.network(net)
        self.found: list[Tensor] = []

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        """One step's loss."""
        images, targets = batch
        return nn.functional.mse_loss(self.network(images).squeeze(1), targets)

    def on_validation_epoch_start(self) -> None:
        """Forget the answers of the look before; the last look is at all poses."""
        self.network.whole = self.trainer.current_epoch + 1 >= self.net.passes
        self.found = []

    def validation_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        """A look at a batch of the held-out fold."""
        images, targets = batch
        found = self.network(images).squeeze(1)
        self.log("held_out", nn.functional.mse_loss(found, targets))
        self.found.append(found)

    def configure_optimizers(self) -> dict:
        """AdamW; a cycle of the learning rate, step by step."""
        optimiser = self.job.optimiser(self.net, self.network)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser,
            self.net.learning_rate,
            total_steps=int(self.trainer.estimated_stepping_batches),
            pct_start=task.RISE,
        )
        return {
            "optimizer": optimiser,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def train(job: Task, net: Net, fold: int) -> Tensor:
    """Train a network; return its answers for the held-out photographs."""
    model = Model(job, net)
    trainer = lightning.Trainer(
        accelerator="cpu",
        max_epochs=net.passes,
        gradient_clip_val=net.gradient_clip,
        check_val_every_n_epoch=net.look,
        num_sanity_val_steps=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    seen, held_out = loaders(job, net, fold)
    trainer.fit(model, seen, held_out)
    if net.passes % net.look:
        trainer.validate(model, held_out, verbose=False)
    return torch.cat(model.found)


def main() -> None:
    """Train each network once a fold."""
    job = task.task()
    for net in job.nets:
        for fold in job.folds:
            job.write(net, fold, train(job, net, fold))


if __name__ == "__main__":
    main()
