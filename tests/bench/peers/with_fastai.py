"""The same by fastai: DataBlock, Resize on items, all else on batches, fit_one_cycle.

Its own recommendations: Resize by item and the rest by batch, photographs that are turned in twice
the size ("presizing"), its Adam, whose weight decay is decoupled, and fit_one_cycle, which turns
momentum as well. Its habit of looking at the held-out fold in each epoch is turned down to ten
looks, and its training set keeps the last batch, as in the other programs. Its workers do not
persist, whatever it is told (fastai issue 3734): it starts them in every epoch.
"""

from __future__ import annotations

from fastai.callback.channelslast import ChannelsLast
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
    TensorImage,
    Transform,
    aug_transforms,
    set_seed,
)
from torch import Tensor

from bench.peers import task
from bench.peers.task import Net, Task


class Looks(Callback):
    """Look at the held-out fold after some epochs only; `get_preds` is the last look."""

    def __init__(self, net: Net):
        self.net, self.training_is_on = net, True

    def before_validate(self) -> None:
        """Leave out the look of the other epochs."""
        passed = self.epoch + 1
        wanted = self.net.looks_after(passed) and passed < self.net.passes
        if self.training_is_on and not wanted:
            raise CancelValidException


class Density(Transform):
    """Optical density of a batch, after it was turned and before it is normalised."""

    order = 50

    def encodes(self, pictures: TensorImage) -> TensorImage:
        """-log10 of linear light."""
        return task.density(pictures)


def transforms(net: Net) -> tuple[list, list]:
    """What is done to an item, and to a batch."""
    turns = []
    if net.turned:
        others = {"max_lighting": 0.0, "max_warp": 0.0, "max_zoom": 1.0}  # turns and mirrors alone
        turns = aug_transforms(max_rotate=180.0, p_affine=1.0, size=net.size, **others)
    densities = [Density()] if net.color == "optical_density" else []
    scaled = Normalize.from_stats(*task.SCALES[net.color], cuda=False)
    return [Resize(net.size * (2 if net.turned else 1))], [*turns, *densities, scaled]


def loaders(job: Task, net: Net, fold: int) -> DataLoaders:
    """Photographs of the other folds, and of the fold held out, in the table's order."""
    seen, held_out = job.parts(fold)
    table = job.table.assign(target=0.0)
    for rows in (seen, held_out):
        table.loc[rows.index, "target"] = rows["target"]
    by_item, by_batch = transforms(net)
    block = DataBlock(
        blocks=(ImageBlock, RegressionBlock),
        get_x=ColReader("path"),
        get_y=ColReader("target"),
        splitter=IndexSplitter(list(held_out.index)),
        item_tfms=by_item,
        batch_tfms=by_batch,
    )
    return block.dataloaders(
        table, bs=net.batch_size, num_workers=job.workers, drop_last=False, device="cpu"
    )


def train(job: Task, net: Net, fold: int) -> Tensor:
    """Train a network; return its answers for the held-out photographs."""
    set_seed(net.seed)
    data = loaders(job, net, fold)
    watching = Looks(net)
    learner = Learner(
        data,
        job.network(net),
        loss_func=MSELossFlat(),
        wd=net.weight_decay,
        cbs=[GradientClip(net.gradient_clip), watching, *([ChannelsLast()] if job.tuned else [])],
    )
    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(net.passes, net.learning_rate, pct_start=task.RISE)
        watching.training_is_on = False
        found, _ = learner.get_preds(dl=data.valid)
    return found.squeeze(1)


def main() -> None:
    """Train each network once a fold."""
    job = task.task()
    for net in job.nets:
        for fold in job.folds:
            job.write(net, fold, train(job, net, fold))


if __name__ == "__main__":
    main()
