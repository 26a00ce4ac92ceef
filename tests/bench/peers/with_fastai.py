"""The same by fastai: DataBlock, Resize on items, Normalize on batches, fit_one_cycle.

Its own recommendations: Resize by item and all else by batch, AdamW (its Adam decouples weight
decay), fit_one_cycle, which turns momentum as well; worker processes that persist. Its habit
of looking at the held-out fold in each epoch is turned down to ten looks, as in the other programs.
"""

from __future__ import annotations

from fastai.callback.training import GradientClip
from fastai.learner import CancelValidException
from fastai.losses import MSELossFlat
from fastai.vision.all import (
    Callback,
    ColReader,
    DataBlock,
    DataLoaders,
    ImageBlock,
    IndexSplitter,
    Learner,
    Normalize,
    RegressionBlock,
    Resize,
    set_seed,
)

from bench.peers import task
from bench.peers.task import Task


class Looks(Callback):
    """Look at the held-out fold in some epochs only."""

    def __init__(self, every: int):
        self.every = every

    def before_validate(self) -> None:
        """Leave out the look of the other epochs."""
        last = self.epoch + 1 == self.n_epoch
        if self.training_is_on and (self.epoch + 1) % self.every and not last:
            raise CancelValidException


def loaders(job: Task, fold: int) -> DataLoaders:
    """Photographs of the other folds, and of the fold held out, in the table's order."""
    seen, held_out = job.parts(fold)
    table = job.table.assign(target=0.0)
    for rows in (seen, held_out):
        table.loc[rows.index, "target"] = rows["target"]
    block = DataBlock(
        blocks=(ImageBlock, RegressionBlock),
        get_x=ColReader("path"),
        get_y=ColReader("target"),
        splitter=IndexSplitter(list(held_out.index)),
        item_tfms=Resize(task.SIZE),
        batch_tfms=Normalize.from_stats(task.MEAN, task.DEVIATION),
    )
    return block.dataloaders(
        table, bs=task.BATCH, num_workers=job.workers, persistent_workers=True, device="cpu"
    )


def main() -> None:
    """Train a model a fold."""
    job = task.task()
    for fold in job.folds:
        set_seed(1)
        data = loaders(job, fold)
        watching = Looks(job.look)
        learner = Learner(
            data,
            job.network(),
            loss_func=MSELossFlat(),
            wd=task.DECAY,
            cbs=[GradientClip(task.CLIP), watching],
        )
        watching.training_is_on = True
        with learner.no_bar(), learner.no_logging():
            learner.fit_one_cycle(job.epochs, task.PEAK_RATE, pct_start=task.RISE)
            watching.training_is_on = False
            found, _ = learner.get_preds(dl=data.valid)
        job.write(fold, found.squeeze(1).numpy())


if __name__ == "__main__":
    main()
