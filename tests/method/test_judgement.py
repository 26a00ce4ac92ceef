from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assay.faults import Fault
from assay.method import container, judgement
from assay.method.appearance import Appearance, Shot
from assay.method.description import Description

SHOT = Shot(
    picture=np.zeros((16, 16, 3), np.uint8),
    appearance=Appearance(0.0, 1.0, 1.0, np.zeros(18)),
    shape=(64, 64),
    format="PNG",
    sha256="",
    grey=False,
    warnings=(),
)


@pytest.fixture
def description(baseline_method: Path) -> Description:
    """Of a method none of whose training photographs was found beyond the range."""
    found = container.read(baseline_method).description
    limit = replace(found.limits["beyond"], refuse=1.0)
    return replace(found, limits=found.limits | {"beyond": limit})


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "OK"),
        ({"shape": (15, 15)}, "REFUSE"),
        ({"shape": (32, 32)}, "WARN"),
        ({"shape": (50, 50)}, "OK"),
        ({"shape": (300, 300)}, "WARN"),
        ({"shape": (64, 70)}, "OK"),
        ({"shape": (96, 64)}, "WARN"),
        ({"shape": (64, 96)}, "WARN"),
        ({"shape": (64, 192)}, "REFUSE"),
        ({"grey": True}, "REFUSE"),
        ({"format": "BMP"}, "OK"),
        ({"format": "JPEG"}, "WARN"),
        ({"warnings": (Fault("W_GAMUT", "clipped."),)}, "WARN"),
        ({"warnings": (Fault("W_CLIPPED", "over-exposed."),)}, "OK"),
    ],
)
def test_files(description: Description, change: dict[str, object], verdict: str) -> None:
    judged = judgement.of_file(replace(SHOT, **change), description, {})
    assert judged.verdict == verdict
    assert bool(judged.reason) == (verdict != "OK")


def test_warnings_that_training_had_as_well_are_no_news(description: Description) -> None:
    training = replace(description.training, warnings=("W_GAMUT",), grey=True)
    photo = replace(SHOT, warnings=(Fault("W_GAMUT", "clipped."),), grey=True)
    assert judgement.of_file(photo, replace(description, training=training), {}).verdict == "OK"


@pytest.mark.parametrize(
    ("value", "head", "refused", "warned"),
    [
        (200, "linear", False, False),
        (345, "linear", False, True),
        (355, "linear", False, True),
        (361, "linear", True, False),
        (85, "linear", False, True),
        (60, "linear", True, False),
        (330, "bounded", False, False),
        (349.9, "bounded", False, True),
        (80.1, "two_stage", False, True),
        (float("nan"), "linear", True, False),
    ],
)
def test_values_at_the_ends_of_the_range(
    description: Description, value: float, head: str, refused: bool, warned: bool
) -> None:
    """With an interval of 10 to either side, or of 0.01 for heads that can't leave the range."""
    other = replace(description, experiment=replace(description.experiment, head=head))
    reach = 10 if head == "linear" else 0.01
    found = judgement.of_value(value, value, (reach, reach), other)
    assert (bool(found[0]), bool(found[1])) == (refused, warned)
    end = "350 mg/L" if value > 215 else "80 mg/L"
    assert value != value or all(end in reason for reasons in found for reason in reasons)


def test_each_end_of_the_range_is_judged_by_the_reach_towards_it(description: Description) -> None:
    for value, reach, refused in ((361, (30, 10), True), (361, (10, 30), False)):
        assert bool(judgement.of_value(value, value, reach, description)[0]) is refused
        low = 430 - value
        assert bool(judgement.of_value(low, low, reach[::-1], description)[0]) is refused
