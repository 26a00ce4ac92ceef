from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import appearance, plot_data
from assay.figures import data, style
from assay.quantity import Quantity
from runs import NASTY, QUANTITY
from test_figures import words


def tables(number: int = 60, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Photographs and how they look, all alike but for noise."""
    generator = np.random.default_rng(seed)
    photos = pd.DataFrame(
        {
            "photo": np.arange(number),
            "image": [f"{photo}.png" for photo in range(number)],
            "sample": [str(photo // 2) for photo in range(number)],
            "group": [f"day {1 + photo % 12}" for photo in range(number)],
            "label": generator.uniform(80, 350, number),
        }
    )
    looks = pd.DataFrame(
        {
            "photo": np.arange(number),
            "exposure": 0.4 * np.exp(generator.normal(0, 0.05, number)),
            "clipped": 0.0,
            "dark": 0.01,
            "sharpness": 80 * np.exp(generator.normal(0, 0.1, number)),
            "border_L": 90.0,
            "border_a": 0.0,
            "border_b": 2.0,
            "card": 1,
        }
    )
    return photos, looks


def test_odd_ones_are_found_and_said_to_be_what_they_are() -> None:
    _, looks = tables()
    looks.loc[7, "exposure"] = 0.02
    looks.loc[9, "sharpness"] = 5.0
    looks.loc[11, "sharpness"] = 0.0  # no logarithm
    found = data.odd(looks)
    assert list(found.index) == [7, 11, 9] or list(found.index) == [11, 7, 9]
    assert dict(zip(found.index, found["why"], strict=True)) == {
        7: "darker",
        9: "less sharp",
        11: "less sharp",
    }


@pytest.mark.parametrize("number", [1, 2, 9])
def test_few_or_equal_photographs_are_not_odd(number: int) -> None:
    assert data.odd(tables()[1].head(number)).empty
    equal = tables()[1].assign(exposure=0.4, sharpness=80.0)
    assert data.odd(equal).empty


def test_drift_is_that_of_the_card_in_the_natural_order_of_groups() -> None:
    photos, looks = tables()
    late = photos["group"].eq("day 10")
    looks.loc[late, "border_L"] = 84.0
    looks.loc[0, ["border_L", "card"]] = [20.0, 0]  # no card: isn't counted
    found = data.drift(photos, looks)
    assert list(found["group"]) == [f"day {day}" for day in range(1, 13)]
    assert found.set_index("group").loc["day 10", "L"] == pytest.approx(-6)
    assert found.loc[0, "L"] == 0
    assert found.loc[0, "photographs"] == 4
    assert "CIE" not in data.why_no_drift(photos, looks)


def test_where_there_is_no_card_or_no_group_the_figure_says_so() -> None:
    photos, looks = tables()
    with style.style():
        assert "no card to compare" in words(data.card(photos, looks.assign(card=0)))
        assert "no drift to show" in words(data.card(photos.assign(group=""), looks))


def test_levels_are_drawn_with_their_numbers_of_photographs() -> None:
    photos, _ = tables()
    with style.style():
        even = words(data.labels(photos.assign(label=np.tile([80.0, 200.0, 350.0], 20)), QUANTITY))
        odd = words(data.labels(photos, QUANTITY))
    assert "3 levels, 20 to 20 photographs each" in even
    assert "60 different values" in odd
    assert "n = 30 samples, 60 photographs" in odd


def test_one_photograph_and_a_log_scale_are_drawn() -> None:
    photos, looks = tables(2)
    log = Quantity("pesticide", "ppm", 0.2, 100, "log10")
    with style.style():
        style.settle(data.labels(photos, log))
        style.settle(data.exposure(photos.head(1), looks.head(1), 16))


def test_names_are_text(tmp_path: Path) -> None:
    photos, looks = tables()
    photos.loc[7, "image"], looks.loc[7, "exposure"] = NASTY, 0.01
    with style.style():
        figure = data.exposure(photos, looks, 64)
        assert "co.png" in words(figure)
        style.write(figure, [tmp_path / "x.svg"])
    assert "onerror=alert(1)>" not in (tmp_path / "x.svg").read_text()


def test_the_step_writes_every_figure_twice_and_the_same_again(tiny: Path) -> None:
    appearance.appearance([tiny / "images.npy"], tiny / "appearance.csv")
    for folder in ("one", "two"):
        plot_data.plot_data(
            tiny / "photos.csv", tiny / "appearance.csv", QUANTITY, 16, tiny / folder
        )
    names = [f"{name}.{kind}" for name in ("labels", "exposure", "card") for kind in ("png", "svg")]
    for name in names:
        assert (tiny / "one" / name).read_bytes() == (tiny / "two" / name).read_bytes()
