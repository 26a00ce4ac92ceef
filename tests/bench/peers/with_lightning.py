"""The same by Lightning, with what its guide "Speed Up Model Training" recommends.

Worker processes that persist; no logger, checkpoints, progress bar or summary, which a comparison
of models needs none of; validation every fourth of 40 epochs, not each. Photographs are read as in
the plain loop.
"""

from __future__ import annotations

import logging
import warnings

import lightning
import torch
from torch import Tensor, nn

from bench.peers import task
from bench.peers.plain_loop import loader

warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


class Model(lightning.LightningModule):
    """The network, its loss and its optimiser."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def _loss(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        images, targets = batch
        return nn.functional.mse_loss(self.network(images).squeeze(1), targets)

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        """One step's loss."""
        return self._loss(batch)

    def validation_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        """A look at the held-out fold."""
        self.log("held_out", self._loss(batch))

    def predict_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        """Standardised concentrations."""
        return self.network(batch[0]).squeeze(1)

    def configure_optimizers(self) -> dict:
        """AdamW; a cycle of the learning rate, step by step."""
        optimiser = torch.optim.AdamW(self.parameters(), lr=task.PEAK_RATE, weight_decay=task.DECAY)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser,
            task.PEAK_RATE,
            total_steps=int(self.trainer.estimated_stepping_batches),
            pct_start=task.RISE,
        )
        return {
            "optimizer": optimiser,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def main() -> None:
    """Train a model a fold."""
    job = task.task()
    for fold in job.folds:
        seen, held_out = job.parts(fold)
        model = Model(job.network())
        trainer = lightning.Trainer(
            accelerator="cpu",
            max_epochs=job.epochs,
            gradient_clip_val=task.CLIP,
            check_val_every_n_epoch=job.look,
            num_sanity_val_steps=0,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        watched = loader(held_out, job.workers, False)
        trainer.fit(model, loader(seen, job.workers, True), watched)
        job.write(fold, torch.cat(trainer.predict(model, watched)).numpy())


if __name__ == "__main__":
    main()
