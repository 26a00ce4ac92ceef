"""Tiny photographs, a million in minutes: the liquid's colour alone fills the whole picture.

Made to try how much a run can hold, not how well a network sees: no well, no card, no glare.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assay.simulation import camera
from assay.simulation.laboratory import PHOTO, Laboratory
from assay.simulation.scene import METERED, Scene, extent, seen_spectrum, transmission

SIZE = 8  # pixels
SAMPLES_A_FOLDER = 10_000  # a folder of a million files is slow to list


def image_name(sample: int, photo: int = 0) -> str:
    """Name of a photograph within the folder, the same whatever the number of samples."""
    return f"{sample // SAMPLES_A_FOLDER:04d}/{sample:07d}_{photo}.png"


def colours(concentrations: np.ndarray) -> np.ndarray:
    """Linear red, green and blue of liquids at nominal fill and light, (N, 3): Beer-Lambert."""
    lamp = Scene(0.0)
    spectrum = seen_spectrum(lamp.temperature, lamp.tint)
    path = np.full(len(concentrations), lamp.fill)
    passed = transmission(path, extent(concentrations)) @ spectrum.T
    return METERED * lamp.card * passed


def draw(
    laboratory: Laboratory, folder: Path, photos_per_sample: int, samples: range
) -> tuple[np.ndarray, np.ndarray]:
    """Write the photographs of some samples; (samples,) concentrations, (shots,) exposures.

    Each has its own random stream, of the seed, its sample and its number: it can be drawn alone.
    """
    known = np.array([laboratory.concentration(sample) for sample in samples])
    exposures = []
    for sample, colour in zip(samples, colours(known), strict=True):
        for photo in range(photos_per_sample):
            stream = laboratory.noise(sample, photo)
            exposures.append(stream.normal(*PHOTO["exposure"]))
            seen = np.broadcast_to(colour * exposures[-1], (SIZE, SIZE, 3))
            encoded = camera.encode(camera.photograph(seen, stream), "png")
            Path(f"{folder}/{image_name(sample, photo)}").write_bytes(encoded)
    return known, np.array(exposures)
