from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay import images
from assay.images import ReadingOptions
from assay.method import container, probes
from assay.method.delivered import Delivered
from assay.method.sources import Item

OPTIONS = ReadingOptions()


def test_probes_are_of_the_formats_of_training_and_of_the_usual_ones() -> None:
    assert set(probes.make(["BMP", "HEIC"])) == {"PNG", "JPEG", "BMP"}


def test_a_digest_tells_pixels_and_options_apart() -> None:
    made = probes.make(["JPEG"])
    digests = {name: probes.digest(probe, OPTIONS, 16, "crop") for name, probe in made.items()}
    assert len(set(digests.values())) == 2
    assert digests["PNG"] == probes.digest(made["PNG"], OPTIONS, 16, "stretch")
    assert digests["PNG"] != probes.digest(made["PNG"], OPTIONS, 8, "crop")
    assert probes.digest(np.frombuffer(b"<html>", np.uint8), OPTIONS, 8, "crop").startswith("not ")


@pytest.fixture
def photo(tmp_path: Path, small_run: Path) -> Item:
    png = next((small_run / "photos").iterdir())
    Image.open(png).save(tmp_path / "a.jpg", quality=95)
    return Item("a.jpg", tmp_path / "a.jpg", "a")


def verdict(method: Path, photo: Item) -> str:
    (result,) = Delivered(method).results([photo], 1, 1)
    return f"{result.verdict}: {result.reason}"


def test_other_versions_that_decode_alike_pass_and_other_pixels_are_refused(
    baseline_method: Path, tmp_path: Path, photo: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "decoders", lambda: {"pillow": "99.0"})
    assert "decoder" not in verdict(baseline_method, photo)
    other = Path(shutil.copytree(baseline_method, tmp_path / "m"))
    described = json.loads((other / "method.json").read_text())
    described["reading"]["probes"]["JPEG"] = "0" * 64
    (other / "method.json").write_text(json.dumps(described))
    said = verdict(other, photo)
    assert said.startswith("REFUSE: another decoder: this computer reads JPEG otherwise")
    monkeypatch.undo()
    assert "decoder" not in verdict(other, photo)  # the very versions of training


def test_a_method_tells_the_pixels_of_its_probes(baseline_method: Path) -> None:
    method = container.read(baseline_method)
    assert set(method.description.reading.probes) == {"PNG", "JPEG"}
    arrays = method.arrays()
    for name, wanted in method.description.reading.probes.items():
        assert probes.digest(arrays[f"probe.{name}"], OPTIONS, 16, "crop") == wanted
