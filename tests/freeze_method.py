"""Make tests/data/method-N anew: python tests/freeze_method.py N. Only for a new format.

The methods of older formats must keep predicting their stored numbers, so they are never remade.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import deliveries
from assay import files, predict

DATA = Path(__file__).parent / "data"


def freeze(number: int) -> None:
    """A tiny method of a network and one of a baseline, three photographs, and their numbers."""
    place = DATA / f"method-{number}"
    place.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder)
        deliveries.prepare(run, samples=160, size=32)  # enough for all that a method may hold
        photos = sorted((run / "photos").iterdir())[:3]
        (place / "photos").mkdir()
        for photo in photos:
            shutil.copy(photo, place / "photos")
        for experiment in (deliveries.MEAN, deliveries.VGG):
            deliveries.run(run, experiment)
            method = deliveries.deliver(run, experiment, place / experiment.name)
            out = place / f"{experiment.name}.csv"
            predict.predict(method, [place / "photos"], out=out)
            print(experiment.name, files.read_table(out, sealed=False)["concentration"].tolist())


if __name__ == "__main__":
    freeze(int(sys.argv[1]))
