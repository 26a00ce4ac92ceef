"""Whole simulated validations, no nets: what is planted is found, and nothing where nothing is.

A validation: 60 samples at 6 levels in 6 sessions, two photographs each, RMSE about 3.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from assay.statistics import comparison, variance
from assay.statistics.analytical import (
    accuracy,
    agreement,
    deming,
    label_detective,
    linearity,
    outliers,
    passing_bablok,
    precision,
)
from assay.statistics.samples import group_per_sample, per_sample

TRIALS = 200
MOST_FALSE = stats.binom.ppf(0.999, TRIALS, 0.05)
LEAST_HELD = stats.binom.ppf(0.001, TRIALS, 0.95)


class Validation:
    """Predictions with planted faults, photographs and their samples."""

    def __init__(self, generator, *, bias=0.0, factor=1.0, bow=0.0, session_sd=0.0, growth=0.0):
        level = np.tile(np.linspace(80, 350, 6), 10)
        self.sample = np.repeat(np.arange(60), 2)
        self.known = level[self.sample]
        self.session = (np.arange(60) // 10)[self.sample]
        error = generator.normal(0, 3, 60) * (level / 215) ** growth
        error += generator.normal(0, session_sd, 6)[np.arange(60) // 10] if session_sd else 0
        photo = generator.normal(0, 1, 120)
        bend = bow * ((level - 215) / 135) ** 2
        self.found = bias + factor * self.known + (error + bend)[self.sample] + photo
        self.samples = per_sample(self.sample, self.known, self.found)
        self.sessions = group_per_sample(self.sample, self.session)
        self.pair = (self.samples.known, self.samples.found)


def alarms(validation, rival, trial):
    """Every verdict of a validation, and the one against an equal rival: True where it claims."""
    line = linearity.linearity(*validation.pair)
    regression = deming.deming(*validation.pair, 0.01)
    robust = passing_bablok.passing_bablok(*validation.pair)
    (compared,) = comparison.compare(
        validation.known,
        {"one": validation.found, "other": rival.found},
        validation.sample,
        "one",
        count=300,
        flips=500,
        seed=trial,
    )
    return {
        "identity": line.identity.p <= 0.05,
        "lack of fit": line.lack_of_fit.p <= 0.05,
        "mandel": line.mandel.p <= 0.05,
        "bias": not accuracy.overall(*validation.pair).bias.contains(0),
        "agreement": not agreement.agreement(*validation.pair).units.bias.contains(0),
        "variance": variance.brown_forsythe(*validation.pair).test.p <= 0.05,
        "session": precision.one_way(*validation.pair, validation.sessions).session_effect.p
        <= 0.05,
        "deming": not regression.slope.contains(1),
        "passing-bablok": not robust.slope.contains(1),
        "outliers": bool(outliers.by_esd(validation.samples.errors, most=5)),
        "comparison": compared.verdict != "no difference shown",
    }


def test_nothing_planted_nothing_found_at_the_nominal_rate():
    generator = np.random.default_rng(0)
    counts = dict.fromkeys(alarms(Validation(generator), Validation(generator), 0), 0)
    for trial in range(TRIALS):
        pair = Validation(generator), Validation(generator)
        for name, alarm in alarms(*pair, trial).items():
            counts[name] += alarm
    assert {name: count for name, count in counts.items() if count > MOST_FALSE} == {}


@pytest.mark.parametrize(
    ("planted", "sized", "seen", "truth"),
    [
        (
            {"factor": 1.02},
            lambda v: accuracy.overall(*v.pair).recovery,
            lambda v: not accuracy.overall(*v.pair).recovery.contains(100),
            102,
        ),
        (
            {"factor": 0.95, "bias": 10.75},
            lambda v: linearity.linearity(*v.pair).slope,
            lambda v: linearity.linearity(*v.pair).identity.p <= 0.05,
            0.95,
        ),
        (
            {"bow": 8},
            lambda v: linearity.linearity(*v.pair).curvature,
            lambda v: linearity.linearity(*v.pair).mandel.p <= 0.05,
            8,
        ),
        (
            {"session_sd": 6},
            lambda v: precision.one_way(*v.pair, v.sessions)["between sessions"].sd,
            lambda v: precision.one_way(*v.pair, v.sessions).session_effect.p <= 0.05,
            6,
        ),
    ],
    ids=["bias of 2 %", "proportional error", "curvature", "between sessions"],
)
def test_what_is_planted_is_found_and_sized(planted, sized, seen, truth):
    generator, held, found = np.random.default_rng(1), 0, 0
    for _ in range(TRIALS):
        validation = Validation(generator, **planted)
        held += sized(validation).contains(truth)
        found += seen(validation)
    assert held >= LEAST_HELD
    assert found >= 0.95 * TRIALS


def test_errors_that_grow_with_the_level_are_found():
    generator = np.random.default_rng(2)
    found = sum(
        variance.brown_forsythe(*Validation(generator, growth=1.5).pair).test.p <= 0.05
        for _ in range(TRIALS)
    )
    assert found >= 0.8 * TRIALS


def test_the_photo_to_photo_part_is_sized():
    generator, held = np.random.default_rng(3), np.zeros(3)
    names = ("between photographs", "between samples", "between sessions")
    for _ in range(TRIALS):
        validation = Validation(generator, session_sd=6)
        parts = precision.nested(
            validation.known, validation.found, validation.sample, validation.session
        )
        held += [
            parts[name].sd.contains(truth) for name, truth in zip(names, (1, 3, 6), strict=True)
        ]
    assert np.all(held >= LEAST_HELD)


def test_a_swapped_pair_and_a_slipped_point_are_named():
    generator, named = np.random.default_rng(4), 0
    for _ in range(50):
        samples = Validation(generator).samples
        labels = samples.known.copy()
        labels[[20, 21]] = labels[[21, 20]]
        labels[40] *= 10
        found = {
            one.position: (one.kind, one.suggested)
            for one in label_detective.suggestions(labels, samples.found)
        }
        named += found == {
            20: ("swapped", samples.known[20]),
            21: ("swapped", samples.known[21]),
            40: ("decimal point", samples.known[40]),
        }
    assert named >= 48
