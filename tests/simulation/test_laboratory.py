from collections import Counter
from dataclasses import asdict, fields

import numpy as np
import pytest

from assay.simulation import laboratory
from assay.simulation.laboratory import Laboratory
from assay.simulation.scene import Scene


def numbers(scene: Scene) -> dict[str, float]:
    return {k: v for k, v in asdict(scene).items() if k not in ("spots", "mixing")}


def differing(one: Scene, other: Scene) -> set[str]:
    names = [field.name for field in fields(Scene)]
    return {n for n in names if not np.array_equal(getattr(one, n), getattr(other, n))}


def test_a_photograph_can_be_drawn_again_alone():
    first = [Laboratory().scene(sample, 0) for sample in range(8)][7]
    again = Laboratory().scene(7, 0)
    assert not differing(first, again)
    noise, same = (Laboratory().noise(7, 0).standard_normal(5) for _ in range(2))
    np.testing.assert_array_equal(noise, same)


def test_photographs_of_a_sample_share_the_liquid_and_nothing_else():
    differs = differing(Laboratory("field").scene(5, 0), Laboratory("field").scene(5, 1))
    shared = {"concentration", "fill", "meniscus", "lot", "temperature", "tint"}
    assert differs == {field.name for field in fields(Scene)} - shared


def test_another_seed_is_another_laboratory():
    assert differing(Laboratory(seed=1).scene(5, 0), Laboratory(seed=2).scene(5, 0)) > {
        "concentration",
        "fill",
        "mixing",
    }


def test_without_glare_or_mixing_nothing_else_changes():
    samples = range(5)
    full = [Laboratory().scene(sample, 0) for sample in samples]
    plain = [Laboratory(glare=False, mixing=False).scene(sample, 0) for sample in samples]
    assert set.union(*map(differing, full, plain)) == {"spots", "mixing"}
    assert all(len(scene.spots) == 0 for scene in plain)


def test_levels_are_balanced_and_not_confounded_with_sessions():
    lab = Laboratory(levels=10, sessions=10)
    found = [lab.concentration(sample) for sample in range(200)]
    assert Counter(found) == dict.fromkeys(np.linspace(80, 350, 10).tolist(), 20)
    pairs = {(lab.session(sample), found[sample]) for sample in range(200)}
    assert len(pairs) > 70  # of 100; 10 if each session had its own level


@pytest.mark.parametrize("preset", ["instrument", "field"])
def test_priors_are_the_laws_by_which_scenes_are_drawn(preset):
    lab = Laboratory(preset, sessions=4000)
    drawn = [numbers(lab.scene(sample, 0)) for sample in range(2000)]
    for name, (mean, deviation) in lab.priors().items():
        values = np.array([scene[name] for scene in drawn])
        if name == "lot":
            values = values[::2]  # two sessions share a lot
        assert values.mean() == pytest.approx(mean, abs=4 * deviation / len(values) ** 0.5), name
        assert values.std() == pytest.approx(deviation, rel=0.08), name
    fixed = set(drawn[0]) - set(lab.priors())
    assert fixed == (set() if preset == "field" else {"lot"})


def test_spot_prior_is_the_spread_of_spots():
    spots = np.concatenate([Laboratory().scene(sample, 0).spots for sample in range(1000)])
    assert len(spots) == pytest.approx(3000, abs=250)
    np.testing.assert_allclose(spots.std(axis=0), laboratory.SPOT_PRIOR, rtol=0.08)


def test_field_has_a_lamp_per_session_and_a_lot_per_two():
    lab = Laboratory("field", sessions=6)
    scenes = [lab.scene(sample, 0) for sample in range(24)]
    lamps = {(lab.session(n), scene.temperature, scene.tint) for n, scene in enumerate(scenes)}
    assert len(lamps) == 6
    assert len({(lab.lot(n), scene.lot) for n, scene in enumerate(scenes)}) == 3
    assert min(scene.temperature for scene in scenes) >= 3500


def test_instrument_has_sessions_without_effect():
    lab = Laboratory()
    scenes = [lab.scene(sample, 0) for sample in range(40)]
    assert len({lab.session(sample) for sample in range(40)}) == 20
    assert {scene.lot for scene in scenes} == {1.0}
    assert np.std([scene.temperature for scene in scenes[::20]]) > 0  # same session, other lamp
