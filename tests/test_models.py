"""The contract of every architecture with every head: found by listing the folder."""

from __future__ import annotations

import inspect
import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import load_file, save_file

from assay import models
from assay.experiment import Experiment
from assay.learning import fitting, footprint
from assay.learning.baseline import Baseline
from assay.learning.poses import orbit
from assay.learning.predictor import Predictor
from wells import wells

LOW, HIGH = 80.0, 350.0
RANGE = HIGH - LOW
HEADS = [
    ("linear", "mse"),
    ("linear", "beta_nll"),
    ("bounded", "huber"),
    ("binned", "mse"),
    ("binned", "hl_gauss"),
    ("binned", "hard_bins"),
    ("two_stage", "mse"),
]
EXACT = [(head, loss) for head, loss in HEADS if loss != "hard_bins"]  # it has a floor: test_heads
# what a graph of a head looks like does not depend on the loss
EXPORTED = [("linear", "mse"), ("bounded", "mse"), ("binned", "mse"), ("two_stage", "mse")]
NETWORKS = models.networks()
ESTIMATORS = [name for name in models.names() if name not in NETWORKS]
PAIRS = pytest.mark.parametrize(
    ("name", "head", "loss"), [(name, *head) for name, head in product(NETWORKS, HEADS)]
)


def first_heads_fast(heads: list[tuple[str, str]]) -> list[Any]:
    """Networks times heads; the first head with each, and vgg with each, in the fast run."""
    return [
        pytest.param(
            *(name, *head), marks=[] if head == heads[0] or name == "vgg" else [pytest.mark.slow]
        )
        for name, head in product(NETWORKS, heads)
    ]


@pytest.mark.parametrize("side", [1, 4, 6, 7, 12, 13])
def test_alexnet_s_pool_takes_the_means_of_torch_s_own_layer(side: int) -> None:
    maps = torch.randn(2, 3, side, side + 1)
    pool = models.load("alexnet").Pool()
    torch.testing.assert_close(pool(maps), torch.nn.functional.adaptive_avg_pool2d(maps, 6))


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)  # other tests may have changed it
    torch.set_flush_denormal(True)


def size_of(name: str) -> int:
    """A small size that the architecture takes."""
    multiple = models.multiple(name)
    return max(32, -(-models.smallest(name) // multiple) * multiple)


def experiment_of(name: str, head: str = "linear", loss: str = "mse", **more: object) -> Experiment:
    """A narrow network without dropout."""
    narrow = {"width": 0.25, "dropout": 0.0}
    options = {key: value for key, value in narrow.items() if key in models.options(name)}
    size = size_of(name)
    settings = {"epochs": 150, "batch_size": 8, "learning_rate": 3e-3, **more}
    return Experiment("x", name, options=options, size=size, head=head, loss=loss, **settings)


def fresh(experiment: Experiment) -> Predictor:
    """An untrained predictor in eval mode, its scales fitted."""
    torch.manual_seed(experiment.seed)
    predictor = Predictor(experiment, LOW, HIGH).to(memory_format=torch.channels_last)
    predictor.fit_normalisation(*wells(8, experiment.size))
    return predictor.eval()


def trained(experiment: Experiment) -> Predictor:
    """A predictor after the shipped training loop has shown it 8 photographs."""
    predictor = fresh(experiment)
    seen = fitting.Photographs(*wells(8, experiment.size))
    for stage in predictor.stages():
        fitting.fit(stage.module, stage.loss, seen, experiment, lambda *_: None)
    return predictor.eval()


@torch.no_grad()
def answers(predictor: Predictor, images: torch.Tensor) -> torch.Tensor:
    """Concentrations before clipping."""
    return predictor.unclipped(images)


@PAIRS
def test_it_gives_one_finite_number_per_photograph(name: str, head: str, loss: str) -> None:
    predictor = fresh(experiment_of(name, head, loss))
    found = answers(predictor, wells(3, predictor.experiment.size)[0])
    assert found.shape == (3,)
    assert found.isfinite().all()


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("color", ["rgb", "gray", "optical_density"])
def test_it_takes_each_kind_of_colour(name: str, color: str) -> None:
    predictor = fresh(experiment_of(name, color=color))
    assert answers(predictor, wells(2, predictor.experiment.size)[0]).isfinite().all()


@PAIRS
def test_the_same_seed_gives_the_same_bits(name: str, head: str, loss: str) -> None:
    short = experiment_of(name, head, loss, epochs=2)
    one, other = trained(short).state_dict(), trained(short).state_dict()
    assert all(torch.equal(value, other[key]) for key, value in one.items())


@PAIRS
def test_an_answer_does_not_depend_on_its_batch(name: str, head: str, loss: str) -> None:
    predictor = fresh(experiment_of(name, head, loss))
    images, _ = wells(33, predictor.experiment.size)
    together = answers(predictor, images)
    alone = torch.cat([answers(predictor, images[n : n + 1]) for n in (0, 16, 32)])
    assert (together[[0, 16, 32]] - alone).abs().max() < 1e-5 * RANGE


@pytest.mark.parametrize(("name", "head", "loss"), first_heads_fast(EXACT))
def test_it_can_learn_eight_photographs_by_heart(name: str, head: str, loss: str) -> None:
    images, known = wells(8, size_of(name))

    def error(epochs: int, rate: float) -> float:
        experiment = experiment_of(name, head, loss, epochs=epochs, learning_rate=rate)
        return float((answers(trained(experiment), images) - known).square().mean().sqrt())

    # what one net learns fast, another takes slowly
    tries = [(100, 1e-2), (150, 1e-3), (300, 1e-2), (600, 3e-3)]
    assert any(error(*attempt) < 0.01 * RANGE for attempt in tries)


@pytest.mark.parametrize(
    ("name", "head", "loss"),
    [(name, *head) for name, head in product(NETWORKS, HEADS) if models.invariant(name)],
)
def test_it_is_as_invariant_as_it_claims(name: str, head: str, loss: str) -> None:
    predictor = trained(experiment_of(name, head, loss, epochs=3))
    images, _ = wells(4, predictor.experiment.size)
    poses = orbit(images)[:: 1 if models.invariant(name) == "dihedral" else 2]
    found = torch.stack([answers(predictor, pose) for pose in poses])
    assert (found.amax(0) - found.amin(0)).max() < 1e-5 * RANGE


@PAIRS
def test_a_stored_state_restores_it(name: str, head: str, loss: str, tmp_path: Path) -> None:
    predictor = trained(experiment_of(name, head, loss, epochs=1))
    state = {key: value.contiguous() for key, value in predictor.state_dict().items()}
    save_file(state, tmp_path / "model.safetensors")
    restored = Predictor(predictor.experiment, LOW, HIGH).eval()
    restored.load_state_dict(load_file(tmp_path / "model.safetensors"))
    restored.to(memory_format=torch.channels_last)
    images, _ = wells(3, predictor.experiment.size)
    assert torch.equal(answers(restored, images), answers(predictor, images))


def check_onnx(predictor: Predictor, path: Path) -> None:
    images, _ = wells(5, predictor.experiment.size)
    photos = torch.export.Dim("photos", min=1)
    program = torch.onnx.export(
        predictor, (images,), dynamo=True, dynamic_shapes=({0: photos},), verbose=False
    )
    assert program is not None
    program.save(path)
    session = onnxruntime.InferenceSession(path)
    (name,) = [node.name for node in session.get_inputs()]
    for number in (1, 5):
        (found,) = session.run(None, {name: images[:number].numpy()})
        with torch.no_grad():
            expected = predictor(images[:number]).numpy()
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * RANGE)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "head", "loss"), first_heads_fast(EXPORTED))
def test_it_exports_to_onnx(name: str, head: str, loss: str, tmp_path: Path) -> None:
    check_onnx(trained(experiment_of(name, head, loss, epochs=5)), tmp_path / "model.onnx")


@pytest.mark.parametrize("name", NETWORKS)
def test_its_page_states_its_size_and_cost(name: str) -> None:
    page = inspect.getdoc(models.load(name)) or ""
    stated = re.search(r"Parameters at 64 px and width 1: ([\d,]+); multiply-adds: ([\d,]+)", page)
    assert stated, "the docstring states parameters and multiply-adds at 64 px"
    parameters, multiply_adds = (int(number.replace(",", "")) for number in stated.groups())
    network = models.load(name).build(3, 64, 1).eval()
    assert footprint.parameters(network) == parameters
    assert footprint.multiply_adds(network, torch.zeros(1, 3, 64, 64)) == multiply_adds
    assert re.search(r"\b(19|20)\d\d\b", page), "the docstring cites its paper"


@pytest.mark.parametrize("name", models.names())
def test_options_are_read_without_importing(name: str) -> None:
    page = models.load(name)
    if models.kind(name) == "network":
        made = inspect.signature(page.build)
    else:
        made = inspect.signature(page.Estimator)
    real = {
        key: parameter.default
        for key, parameter in made.parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    assert models.options(name) == real
    for key, allowed in models.choices(name).items():
        assert real[key] in allowed


@pytest.mark.parametrize("name", NETWORKS)
def test_every_choice_of_an_option_builds(name: str) -> None:
    for key, allowed in models.choices(name).items():
        for value in allowed:
            network = models.load(name).build(3, 64, 2, **{key: value}).eval()
            with torch.no_grad():
                assert network(torch.rand(1, 3, 64, 64)).shape == (1, 2)


def estimators() -> list[tuple[str, dict[str, object]]]:
    """Each estimator with its defaults, and with each value of each choice."""
    return [
        (name, options)
        for name in ESTIMATORS
        for options in [
            {},
            *({key: value} for key, values in models.choices(name).items() for value in values),
        ]
    ]


@pytest.mark.parametrize(("name", "options"), estimators(), ids=str)
def test_an_estimator_learns_and_is_restored(name: str, options: dict[str, object]) -> None:
    images, known = (part.numpy() for part in wells(60, 24))
    experiment = Experiment("x", name, options=options)
    groups = np.arange(60) // 2
    baseline = Baseline(experiment, LOW, HIGH)
    baseline.fit(images, known.astype(np.float64), groups)
    found = baseline.predict(images)
    assert found.shape == (60,)
    assert found.dtype == np.float64
    spread = np.sqrt(np.mean((known - known.mean()) ** 2))
    assert np.sqrt(np.mean((found - known) ** 2)) < (1.001 if name == "constant" else 0.1) * spread
    state = baseline.state()
    assert all(isinstance(value, np.ndarray) and value.dtype != object for value in state.values())
    restored = Baseline(experiment, LOW, HIGH)
    restored.load(state)
    np.testing.assert_array_equal(restored.predict(images), found)
    again = Baseline(experiment, LOW, HIGH)
    again.fit(images, known.astype(np.float64), groups)
    np.testing.assert_array_equal(again.predict(images), found)


def test_unknown_names_and_pages_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="no architecture is called 'lenet'"):
        models.load("lenet")
    (tmp_path / "empty.py").write_text("SIZE = 3\n")
    monkeypatch.setattr(models, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"models/empty\.py needs either"):
        models.kind("empty")
