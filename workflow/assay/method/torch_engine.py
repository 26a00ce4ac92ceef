"""A method's networks in torch: the very computation of training, and the graph made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from assay.experiment import Experiment
from assay.learning.poses import orbit
from assay.learning.predictor import Predictor
from assay.method.engines import Answers, Engine, State
from assay.method.strict import damaged
from assay.quantity import Quantity

MOST_FEATURES = 256  # numbers of a network's last layer that are looked at; more are averaged


class Tapped(nn.Module):
    """A predictor that also tells what its last linear layer saw.

    pictures uint8 (N, S, S, 3) -> concentrations (N,), not clipped, and features (N, F). joined:
    the 8 poses of an orbit go through the network at once, which makes a smaller graph.
    """

    def __init__(self, predictor: Predictor, joined: bool = False):
        super().__init__()
        self.turned, self.joined = predictor.experiment.orbit, joined
        self.predictor = predictor
        predictor.experiment = replace(predictor.experiment, orbit=False)
        predictor.low, predictor.high = float("-inf"), float("inf")
        self.last = [m for m in predictor.net.modules() if isinstance(m, nn.Linear)][-1]

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Concentrations and features."""
        seen: list[Tensor] = []
        hook = self.last.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
        poses = orbit(pictures) if self.turned else [pictures]
        if self.joined and self.turned:
            raw = self.predictor(torch.cat(poses)).unflatten(0, (len(poses), -1)).mean(0)
            features = seen[0].unflatten(0, (len(poses), -1)).mean(0)
        else:
            raw = torch.stack([self.predictor(pose) for pose in poses]).mean(0)
            features = torch.stack(seen).mean(0)
        hook.remove()
        return raw, narrowed(features)


def narrowed(features: Tensor) -> Tensor:
    """Features (N, F), neighbours averaged so that at most MOST_FEATURES are left."""
    block = -(-features.shape[1] // MOST_FEATURES)
    whole = features.shape[1] // block * block
    return features[:, :whole].unflatten(1, (-1, block)).mean(2)


def restored(experiment: Experiment, quantity: Quantity, state: State) -> Predictor:
    """A fold's predictor; BadInput E_METHOD where the arrays aren't those of the experiment."""
    arguments = (experiment, quantity.low, quantity.high)
    try:
        with torch.device("meta"):  # shapes alone: a hostile width asks for no memory
            wanted = Predictor(*arguments).state_dict()
        shapes = {name: tuple(tensor.shape) for name, tensor in wanted.items()}
        if shapes != {name: array.shape for name, array in state.items()}:
            raise damaged("the arrays of a fold are not those of its experiment.")
        predictor = Predictor(*arguments)
        predictor.load_state_dict({name: torch.from_numpy(a.copy()) for name, a in state.items()})
    except (TypeError, RuntimeError, ValueError, AttributeError) as error:
        raise damaged(f"its network can't be built ({error}).") from error
    return predictor.to(memory_format=torch.channels_last).eval()


def engine(
    experiment: Experiment, quantity: Quantity, states: Sequence[State], threads: int
) -> Engine:
    """The fold models in torch: with as many threads, the bits of training's own predictions."""
    if threads:
        torch.set_num_threads(threads)
    networks = [Tapped(restored(experiment, quantity, state)) for state in states]

    @torch.no_grad()
    def run(pictures: np.ndarray) -> Answers:
        content = torch.from_numpy(np.ascontiguousarray(pictures))
        found = [network(content) for network in networks]
        raw = torch.stack([one for one, _ in found], 1).numpy()
        return Answers(raw, torch.stack([seen for _, seen in found], 1).numpy())

    return run


class Ensemble(nn.Module):
    """All fold models in one graph: pictures -> raw (N, folds), features (N, folds, F)."""

    def __init__(self, networks: Sequence[Tapped]):
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Stacked answers of all folds."""
        found = [network(pictures) for network in self.networks]
        return torch.stack([raw for raw, _ in found], 1), torch.stack([f for _, f in found], 1)


@torch.no_grad()
def graph(experiment: Experiment, quantity: Quantity, states: Sequence[State]) -> bytes:
    """The ONNX graph of the ensemble, preprocessing included, for any number of pictures."""
    networks = [Tapped(restored(experiment, quantity, state), joined=True) for state in states]
    size = experiment.size
    example = torch.zeros((2, size, size, 3), dtype=torch.uint8)
    program: Any = torch.onnx.export(
        Ensemble(networks).eval(),
        (example,),
        dynamo=True,
        verbose=False,
        input_names=["pictures"],
        output_names=["raw", "features"],
        dynamic_shapes={"pictures": {0: torch.export.Dim("photographs", min=1)}},
    )
    return _indexed(program.model_proto)


def _indexed(model: Any) -> bytes:
    """The graph's bytes; torch indexes by 32-bit integers as well, ONNX by 64 bits only."""
    for node in model.graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.i == 6:  # int32
                attribute.i = 7  # int64
    del model.graph.value_info[:]
    model.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    return model.SerializeToString(deterministic=True)
