"""Fixtures: a tiny assay, drawn once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tiny nets: threads only wait for each other

import numpy as np
import pytest

from assay import files, split
from laboratory import Lab
from tiny_assay import photographs

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A folder with images.npy (sealed), photos.csv and split.csv of 30 tiny photographs."""
    images, table = photographs()
    files.save_array(
        tmp_path / "images.npy", images.shape, lambda target: np.copyto(target, images)
    )
    files.write_table(tmp_path / "photos.csv", table)
    split.split(tmp_path / "photos.csv", tmp_path / "split.csv", folds=3)
    return tmp_path


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A folder with six different photographs and what writes its table and ingests it."""
    return Lab(tmp_path)


@pytest.fixture(autouse=True)
def _whole_floats() -> Iterator[None]:
    """A training step rounds rare tiny numbers to zero for its process; not for other tests."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 48 photographs of 64 px; two experiments trained on two folds of them."""
    import deliveries

    folder = tmp_path_factory.mktemp("run")
    deliveries.prepare(folder, samples=48, size=64)
    for experiment in (deliveries.MEAN, deliveries.VGG):
        deliveries.run(folder, experiment)
    return folder


@pytest.fixture(scope="session")
def baseline_method(small_run: Path) -> Path:
    """The method of a baseline."""
    import deliveries

    return deliveries.deliver(small_run, deliveries.MEAN, small_run / "method of mean")


@pytest.fixture(scope="session")
def network_method(small_run: Path) -> Path:
    """The method of a network."""
    import deliveries

    return deliveries.deliver(small_run, deliveries.VGG, small_run / "method of vgg")
