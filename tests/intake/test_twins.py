"""The same photograph twice: found whatever way it was turned or encoded, others let alone."""

import io

import numpy as np
import pytest
from PIL import Image

import pictures
from assay.intake import twins


def photographs(count: int = 12, noise: float = 3, seed: int = 0) -> list[np.ndarray]:
    """Shots of one rig: the same texture, another colour of the spot and another noise in each."""
    generator = np.random.default_rng(seed)
    texture = generator.normal(0, 5, (96, 128, 1))
    shots = []
    for number in range(count):
        pixels = np.full((96, 128, 3), 200.0) + texture
        pixels[30:70, 40:90] = (40 + 25 * (number // 2), 120, 90)
        pixels = pixels + generator.normal(0, noise, pixels.shape)
        shots.append(np.clip(pixels, 0, 255).astype(np.uint8))
    return shots


def encoded(pixels: np.ndarray, kind: str = "JPEG", **options) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return np.asarray(Image.open(file).convert("RGB"))


def pairs(shots: list[np.ndarray], labels: list[float]) -> list[tuple[int, int]]:
    found, unseen = twins.near_pairs(
        np.stack([twins.signature(shot) for shot in shots]),
        np.array(labels),
        np.array([shot.shape[:2] for shot in shots], dtype=float),
        shots.__getitem__,
    )
    assert unseen == 0
    return found


@pytest.mark.parametrize("shape", [(36, 48), (48, 48), (5, 5), (2, 3), (1, 1)])
def test_hash_is_the_same_for_all_turns_and_no_other_picture(shape):
    pixels = pictures.scene(*shape)
    hashes = {twins.pixel_hash(turn) for turn in twins.turns(pixels)}
    assert len(hashes) == 1
    other = pixels.copy()
    other[0, 0, 0] ^= 1
    assert twins.pixel_hash(other) not in hashes
    assert twins.pixel_hash(pixels.astype(np.uint16)) not in hashes


def test_hash_of_symmetric_pictures_is_the_same_for_all_turns():
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[1, 2] = 9  # all borders are equal, the inside isn't
    assert len({twins.pixel_hash(turn) for turn in twins.turns(pixels)}) == 1


def test_turns_are_the_eight_of_the_square():
    pixels = pictures.scene(3, 3)
    assert len({turn.tobytes() for turn in map(np.ascontiguousarray, twins.turns(pixels))}) == 8
    for turn, quarter in zip(twins.turns(pixels), range(4), strict=False):
        assert (turn == np.rot90(pixels, quarter)).all()


@pytest.mark.parametrize("shape", [(36, 48), (64, 64), (5, 7), (44, 52)])
def test_signature_turns_with_the_picture(shape):
    pixels = pictures.scene(*shape)
    for turn, wanted in zip(twins.turns(pixels), twins.turns(twins.signature(pixels)), strict=True):
        # odd sides have no middle between their pixels
        assert np.abs(twins.signature(turn) - wanted).max() < (0.01 if shape[0] % 2 == 0 else 60)
    deep = twins.signature(pixels.astype(np.uint16) * 257)
    assert np.allclose(deep, twins.signature(pixels), atol=1e-3)


@pytest.mark.parametrize("quality", [95, 85, 70, 50])
@pytest.mark.parametrize("turn", [0, 3, 6])
def test_a_photograph_encoded_again_is_found_under_any_turn(quality, turn):
    shots = photographs()
    labels = [float(number // 2) for number in range(12)]
    again = np.ascontiguousarray(list(twins.turns(encoded(shots[4], quality=quality)))[turn])
    assert pairs([*shots, again], [*labels, labels[4]]) == [(4, 12)]


def test_webp_and_half_size_copies_are_found():
    shots = photographs()
    labels = [float(number // 2) for number in range(12)]
    small = np.asarray(Image.fromarray(shots[0]).resize((64, 48), Image.Resampling.LANCZOS))
    web = encoded(shots[6], "WEBP", quality=75)
    assert pairs([*shots, small, web], [*labels, 0, 3]) == [(0, 12), (6, 13)]


@pytest.mark.parametrize("seed", range(5))
def test_two_shots_of_one_sample_are_not_called_one(seed):
    shots = photographs(seed=seed)
    assert pairs(shots, [float(number // 2) for number in range(12)]) == []
    assert pairs(shots, [1.0] * 12) == []


def test_pairs_with_different_labels_set_how_close_is_near():
    shots = photographs()
    again = encoded(shots[4], quality=95)
    # the copy has another label: what is as close as that is no duplicate here
    assert pairs([*shots, again], [float(number // 2) for number in range(12)] + [99.0]) == []


def test_one_photograph_alone_has_no_twin():
    assert pairs(photographs(1), [1.0]) == []


def test_groups_are_joined_through_common_members():
    assert twins.joined(6, [[0, 2], [2, 4], [3, 5]]) == [0, 1, 0, 3, 0, 3]
    assert twins.equal(["a", "b", "a", "c", "b"]) == [[0, 2], [1, 4]]
