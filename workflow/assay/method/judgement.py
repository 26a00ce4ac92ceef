"""OK, WARN or REFUSE: what is known of a photograph against what the method was trained on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.method import limits, probes
from assay.method.appearance import Shot
from assay.method.description import Description, Training

TURNED_ASPECT, OTHER_ASPECT = 1.15, 2.0  # ratios of ratios of sides: a warning, a refusal
SMALLER, LARGER = 0.75, 4.0  # times the training photographs' sides, beyond which is warned
REACH = 0.02  # of the range: how far a value may lie beyond it where there are no intervals
SQUEEZED = ("bounded", "two_stage")  # heads whose values never leave the range
AT_END = 0.002  # of the range: a squeezed value so near to an end may mean anything beyond


@dataclass
class Judgement:
    """Reasons to refuse and to warn, in plain words; the verdict follows from them."""

    refused: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """OK, WARN or REFUSE."""
        return "REFUSE" if self.refused else "WARN" if self.warned else "OK"

    @property
    def reason(self) -> str:
        """All reasons of the verdict, the gravest first."""
        return "; ".join([*self.refused, *self.warned])

    def add(self, refused: list[str], warned: list[str]) -> None:
        """Take in more reasons."""
        self.refused += refused
        self.warned += warned


def of_file(shot: Shot, description: Description, decoded_alike: Mapping[str, bool]) -> Judgement:
    """What the file itself tells: size, shape, colours, format, decoder, warnings of reading."""
    training = description.training
    judgement = Judgement()
    for found in (
        _size(shot, training, description.experiment.size),
        _shape(shot, training),
        _format(shot, training, decoded_alike),
    ):
        judgement.add(*found)
    if shot.grey and not training.grey:
        judgement.refused.append("grey: the file has no colours, and colour is the measurement")
    for warning in shot.warnings:
        if warning.code not in (*training.warnings, "W_CLIPPED"):
            judgement.warned.append(warning.message.rstrip("."))
    return judgement


def _size(shot: Shot, training: Training, size: int) -> tuple[list[str], list[str]]:
    side = min(shot.shape)
    least, largest = training.sides
    if side < size and side < least:
        return [f"too small: {side} pixels on its shorter side, the method takes {size}"], []
    if not SMALLER * least <= side <= LARGER * largest:
        usual = f"{least}" if least == largest else f"{least} to {largest}"
        return [], [f"another size: {side} pixels on its shorter side, training had {usual}"]
    return [], []


def _shape(shot: Shot, training: Training) -> tuple[list[str], list[str]]:
    height, width = shot.shape
    least, largest = training.aspects
    # a photograph may be turned: the method takes it upright or on its side
    ratios = sorted([width / height, height / width])
    nearest = [min(max(ratio, least), largest) for ratio in ratios]
    off = min(max(r / n, n / r) for r, n in zip(ratios, nearest, strict=True))
    sentence = f"another shape: {width}x{height} pixels, training had {least:.3g} to {largest:.3g}"
    if off > OTHER_ASPECT:
        return [sentence], []
    return [], [sentence] if off > TURNED_ASPECT else []


def _format(
    shot: Shot, training: Training, decoded_alike: Mapping[str, bool]
) -> tuple[list[str], list[str]]:
    name = shot.format
    if not decoded_alike.get(name, True):
        return [f"another decoder: this computer reads {name} otherwise than training's"], []
    trained = sorted(training.formats)
    lossless = name in probes.LOSSLESS
    if name not in trained and not any((t in probes.LOSSLESS) == lossless for t in trained):
        loss = "without" if lossless else "with"
        return [], [f"a {name} file, compressed {loss} loss; training had {', '.join(trained)}"]
    return [], []


def of_value(
    value: float, raw: float, reach: tuple[float, float], description: Description
) -> tuple[list[str], list[str]]:
    """What the value, not held inside the range, tells; raw: before standards adjusted it.

    reach: of the interval, below and above its value. A value that lies beyond the range by more
    than that, and than training's did, is refused; one within reach of an end may lie on either
    side of it. A head that can't leave the range tells only that it stands at one of its ends.
    """
    quantity = description.quantity
    upper = value > (quantity.low + quantity.high) / 2
    end, side = (quantity.high, "above") if upper else (quantity.low, "below")
    bound = f"{end:g} {quantity.unit}".strip()
    inside = end - value if upper else value - end
    if not math.isfinite(value):
        return ["the method gives no number for it"], []
    limit = description.limits.get(limits.BEYOND)
    if inside < -reach[upper] * (limit.refuse if limit else 1.0):
        return [f"outside the calibrated range: {side} {bound}"], []
    ends = raw - quantity.low, quantity.high - raw
    stuck = min(ends) < AT_END * (quantity.high - quantity.low)
    if inside < reach[upper] or (stuck and description.experiment.head in SQUEEZED):
        return [], [f"at the end of the calibrated range: it may lie {side} {bound}"]
    return [], []
