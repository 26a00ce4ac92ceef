"""How many photographs a second, and how soon the first number: `pytest -s` prints them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

import deliveries
from assay.experiment import Experiment
from assay.method import sources
from assay.method.delivered import Delivered

pytestmark = pytest.mark.slow

VGG = Experiment("vgg", "vgg", {"width": 0.25}, size=64, epochs=1, batch_size=8)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with photographs of 250 px, and the method of a quarter-width vgg of five folds."""
    folder = tmp_path_factory.mktemp("speed")
    deliveries.prepare(folder, samples=60, size=250, folds=5)
    deliveries.run(folder, VGG, folds=5)
    deliveries.deliver(folder, VGG, folder / "method")
    return folder


def test_photographs_per_second(run: Path) -> None:
    """At least 100 a second of processor time: 200 a second on two processors to themselves.

    Asked for here is half of that: processor time, too, is longer on a machine that others use.
    """
    delivered = Delivered(run / "method", threads=2)
    items = 5 * sources.of_paths([run / "photos"])
    busy, start = time.process_time(), time.perf_counter()
    assert len(list(delivered.results(items, 64, 2))) == 300
    busy, lasted = time.process_time() - busy, time.perf_counter() - start
    print(f"\n{300 / lasted:.0f} photographs/s; {300 / busy:.0f} per second of processor time")
    assert 300 / busy > 50


def test_first_number_from_a_cold_start(run: Path, tmp_path: Path) -> None:
    photo = next((run / "photos").iterdir())
    words = [run / "method", photo, "--out", tmp_path / "o.csv"]
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "assay.predict", *map(str, words)], check=True)
    lasted = time.perf_counter() - start
    print(f"\nfirst number after {lasted:.2f} s")
    assert lasted < 30  # 0.4 s on a machine with nothing else to do
