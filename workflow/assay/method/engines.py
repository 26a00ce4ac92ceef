"""Pictures in, each fold model's number out: by onnxruntime, by torch, or by numpy alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assay import models
from assay.experiment import Experiment
from assay.faults import refuse
from assay.learning.baseline import Baseline
from assay.method import graph_check, strict
from assay.method.container import GRAPH, Container
from assay.quantity import Quantity

State = dict[str, np.ndarray]
Runtime = Literal["auto", "onnx", "torch"]
TOLERANCE = 1e-4  # share of the range by which two engines may differ


@dataclass(frozen=True)
class Answers:
    """raw: (N, folds) concentrations, not yet clipped to the range, float32 of a network.

    features: (N, folds, F) what the last layer of each network sees; F is 0 for a baseline.
    """

    raw: np.ndarray
    features: np.ndarray


Engine = Callable[[np.ndarray], Answers]  # takes uint8 (N, S, S, 3)


def open_engine(container: Container, runtime: Runtime, threads: int) -> Engine:
    """The engine of a method, proven to give the numbers stored with it; threads 0: all cores."""
    description = container.description
    has_graph = GRAPH in description.files
    if description.kind == "network" and (runtime == "onnx" or (runtime == "auto" and has_graph)):
        engine = _onnx(container, threads)
    else:
        states = [container.fold(number) for number in range(description.folds)]
        engine = native(description.experiment, description.quantity, states, threads)
    prove(container, engine)
    return engine


def native(
    experiment: Experiment, quantity: Quantity, states: Sequence[State], threads: int
) -> Engine:
    """The engine that computes as training did: numpy for a baseline, torch for a network."""
    if models.kind(experiment.architecture) == "estimator":
        return _baselines(experiment, states)
    try:
        from assay.method import torch_engine
    except ModuleNotFoundError as error:
        remedy = "Install torch, or use --runtime onnx where the method has a model.onnx."
        raise refuse("E_ENGINE", f"{error.name} is not installed.", remedy) from error
    return torch_engine.engine(experiment, quantity, states, threads)


def _baselines(experiment: Experiment, states: Sequence[State]) -> Engine:
    baselines = []
    for state in states:
        try:
            baseline = Baseline(experiment, -np.inf, np.inf)
            baseline.load(state)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise strict.damaged(f"its baseline can't be built ({_short(error)}).") from error
        baselines.append(baseline)

    def run(pictures: np.ndarray) -> Answers:
        raw = np.stack([baseline.predict(pictures) for baseline in baselines], axis=1)
        return Answers(raw, np.empty((*raw.shape, 0), np.float32))

    return run


def _onnx(container: Container, threads: int) -> Engine:
    content = container.content(GRAPH)
    graph_check.check(content, container.description.experiment.size)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # idle threads sleep: the cores are wanted for reading
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's errors share no base but this one
        raise strict.damaged(f"its graph can't be run ({_short(error)}).", GRAPH) from error

    def run(pictures: np.ndarray) -> Answers:
        raw, features = session.run(["raw", "features"], {"pictures": pictures})
        return Answers(raw, features)

    return run


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def prove(container: Container, engine: Engine) -> None:
    """BadInput E_METHOD unless the engine gives the stored numbers for the stored pictures."""
    arrays, quantity = container.arrays(), container.description.quantity
    size = container.description.experiment.size
    pictures, wanted = arrays.get("proof.pictures"), arrays.get("proof.raw")
    if pictures is None or wanted is None or pictures.shape[1:] != (size, size, 3):
        raise strict.damaged("it holds no pictures to prove it by.", str(container.folder))
    try:
        found = engine(pictures.astype(np.uint8, copy=False)).raw
        worst = float(np.abs(found - wanted).max())
    except Exception as error:  # whatever damaged arrays lead to: wrong shapes, indices, kinds
        raise strict.damaged(
            f"it can't be run ({_short(error)}).", str(container.folder)
        ) from error
    if not worst <= TOLERANCE * (quantity.high - quantity.low):
        message = f"it doesn't give the numbers stored with it: off by {worst:.3g} {quantity.unit}."
        remedy = "Copy the method again; if that doesn't help, export it anew with this Assay."
        raise refuse("E_METHOD_PROOF", message, remedy, file=str(container.folder))
