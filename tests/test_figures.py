from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from assay.figures import (
    forest,
    found_known,
    leaderboard,
    learning,
    placing,
    residuals,
    style,
    wall,
)
from assay.figures import split as splits
from assay.quantity import Quantity
from runs import NASTY, QUANTITY

FACTS = style.Facts(20, 40, 3, 1)
LOG = Quantity("pesticide", "ppm", 0.2, 100, "log10")


def values(number: int = 40, seed: int = 0) -> pd.DataFrame:
    """Photographs with known and found values."""
    generator = np.random.default_rng(seed)
    known = np.sort(generator.uniform(80, 350, number))
    return pd.DataFrame(
        {
            "photo": np.arange(number),
            "image": [f"{place}.png" for place in range(number)],
            "sample": [str(place // 2) for place in range(number)],
            "fold": np.arange(number) % 3,
            "set": "train",
            "label": known,
            "found": known + generator.normal(0, 9, number),
        }
    )


def words(figure: Figure) -> str:
    """All that is written on a figure."""
    texts = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        texts += [text.get_text() for text in axes.texts]
        texts += [axes.get_xlabel(), axes.get_ylabel()]
        legend = axes.get_legend()
        texts += [text.get_text() for text in legend.get_texts()] if legend else []
    return "\n".join(texts)


def draw(kind: str) -> Figure:
    """Each kind of figure, on the same values."""
    table = values()
    history = pd.DataFrame(
        {"stage": 0, "epoch": [1, 2], "rmse_train": [3.0, 1.0], "rmse_held_out": [4.0, 3.0]}
    )
    pictures = np.full((12, 8, 8, 3), 90, dtype=np.uint8)
    makers = {
        "residuals": lambda: residuals.residuals(table, QUANTITY, "vgg", FACTS),
        "found_known": lambda: found_known.found_known(table, QUANTITY, "vgg", FACTS, "test set"),
        "learning": lambda: learning.learning([history] * 3, QUANTITY, "vgg", FACTS),
        "split": lambda: splits.split(table, QUANTITY, 1),
        "wall": lambda: wall.wall(
            residuals.worst(table, QUANTITY, 12), pictures, QUANTITY, "vgg", FACTS
        ),
    }
    return makers[kind]()


@pytest.mark.parametrize("kind", ["residuals", "found_known", "learning", "split", "wall"])
def test_a_figure_is_the_same_bytes_again_and_says_what_it_rests_on(
    kind: str, tmp_path: Path
) -> None:
    for attempt in "ab":
        with style.style():
            figure = draw(kind)
            style.write(figure, [tmp_path / f"{attempt}.png", tmp_path / f"{attempt}.svg"])
    for suffix in ("png", "svg"):
        first, second = ((tmp_path / f"{attempt}.{suffix}").read_bytes() for attempt in "ab")
        assert first == second
        assert b"Matplotlib" not in first[:200] or suffix == "svg"
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (1200, 800)
    text = words(figure)
    assert "n = 20 samples, 40 photographs" in text
    assert "seed 1" in text
    assert "(mg/L)" in text


def test_the_users_own_settings_have_no_say(tmp_path: Path) -> None:
    import matplotlib as mpl

    with style.style():
        style.write(draw("split"), [tmp_path / "a.svg"])
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        with style.style():
            style.write(draw("split"), [tmp_path / "b.svg"])
        assert mpl.rcParams["font.size"] == 30
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_strange_file_names_are_drawn_without_complaint(tmp_path: Path) -> None:
    table = values()
    table["image"] = [NASTY, "$\\frac$", "試料/一.png", "tab\there", *table["image"][4:]]
    table["found"] = table["label"] + np.where(table["photo"] < 4, 50.0, 1.0)
    with style.style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = residuals.residuals(table, QUANTITY, "vgg", FACTS)
        style.write(figure, [tmp_path / "a.png", tmp_path / "a.svg"])
    assert "$\\frac$" in words(figure)


def test_the_worst_photographs_are_named_with_their_numbers() -> None:
    table = values()
    table.loc[7, "found"] = table.loc[7, "label"] - 90
    rows = residuals.worst(table, QUANTITY)
    assert rows["image"].iloc[0] == "7.png"
    assert rows["residual"].iloc[0] == pytest.approx(-90)
    assert list(rows["residual"].abs()) == sorted(rows["residual"].abs(), reverse=True)
    with style.style():
        text = words(residuals.residuals(table, QUANTITY, "vgg", FACTS))
    assert "7.png" in text
    assert "−90.0" in text


def test_the_running_mean_follows_a_planted_trend_and_stays_inside_the_data() -> None:
    known = np.linspace(80, 350, 400)
    residual = 0.1 * (known - 200) + np.random.default_rng(1).normal(0, 2, 400)
    line = residuals.running(known, residual)
    assert np.allclose(line["mean"], 0.1 * (line["known"] - 200), atol=1.5)
    assert line["sd"].between(1.5, 3.5).all()
    assert known.min() < line["known"].min() < line["known"].max() < known.max()


def test_repeated_levels_get_one_mean_each() -> None:
    known = np.repeat([100.0, 200.0, 300.0], 10)
    residual = np.tile([-1.0, 1.0], 15) + known / 100
    line = residuals.running(known, residual)
    assert list(line["known"]) == [100, 200, 300]
    assert list(line["mean"]) == pytest.approx([1, 2, 3])
    assert list(line["sd"]) == pytest.approx([np.std([-1, 1] * 5, ddof=1)] * 3)


def test_too_few_photographs_get_no_running_mean() -> None:
    assert residuals.running(np.arange(19.0), np.zeros(19)).empty


def test_log10_residuals_are_logarithms_of_factors() -> None:
    table = pd.DataFrame({"image": ["a"], "label": [10.0], "found": [100.0]})
    assert residuals.worst(table, LOG)["residual"].iloc[0] == pytest.approx(1)
    low, high = found_known.limits(LOG, np.array([0.5]), np.array([50.0]))
    assert 0 < low < 0.2
    assert high > 100
    wide = values()
    with style.style():
        figure = residuals.residuals(wide, LOG, "vgg", FACTS)
    assert "log10 of found ÷ known" in words(figure)
    assert figure.axes[0].get_xscale() == "log"


def test_both_axes_share_their_ends_and_hold_every_value() -> None:
    table = values()
    table.loc[0, "found"] = -40.0
    with style.style():
        axes = found_known.found_known(table, QUANTITY, "vgg", FACTS, "").axes[0]
    assert axes.get_xlim() == axes.get_ylim()
    assert axes.get_ylim()[0] < -40


def test_labels_keep_clear_of_each_other() -> None:
    points = np.array([[100.0, 100.0], [103.0, 101.0], [106.0, 99.0], [100.0, 104.0]])
    moves = placing.offsets(points, points, (0, 0, 300, 300), scale=1.0)
    labels = points + moves
    gaps = np.linalg.norm(labels[:, None] - labels[None], axis=2)[np.triu_indices(4, 1)]
    assert gaps.min() > 7
    assert len({tuple(move) for move in moves}) > 1


def test_a_label_at_the_edge_goes_inward() -> None:
    corner = np.array([[299.0, 299.0]])
    move = placing.offsets(corner, corner, (0, 0, 300, 300), scale=1.0)[0]
    assert (move < 0).all()


def test_the_gap_is_that_of_the_last_look() -> None:
    history = pd.DataFrame(
        {
            "stage": [0, 0, 1, 1],
            "epoch": [1, 2, 1, 2],
            "rmse_train": [9.0, np.nan, 5.0, 2.0],
            "rmse_held_out": [9.5, np.nan, 6.0, 4.5],
        }
    )
    table = learning.looks([history, history])
    assert list(table["epoch"]) == [1, 3, 4] * 2, "stages follow each other"
    ends = learning.last(table)
    assert list(ends["rmse_held_out"] - ends["rmse_train"]) == [2.5, 2.5]
    with style.style():
        text = words(learning.learning([history, history], QUANTITY, "vgg", FACTS))
    assert "+2.50" in text
    assert "second model" in text


def test_a_network_without_epochs_says_so() -> None:
    empty = pd.DataFrame({"stage": [], "epoch": [], "rmse_train": [], "rmse_held_out": []})
    with style.style():
        assert "No epoch was finished" in words(learning.learning([empty], QUANTITY, "v", FACTS))


def board(**changes: object) -> pd.DataFrame:
    """A leaderboard of three experiments, one of them failed."""
    table = pd.DataFrame(
        {
            "experiment": ["vgg", "colour", "broken"],
            "rmse": [10.0, 20.0, np.nan],
            "rmse_low": [8.0, 17.0, np.nan],
            "rmse_high": [13.0, 24.0, np.nan],
        }
    )
    return table.assign(**changes)


def test_the_leaderboard_writes_intervals_failures_and_the_limit() -> None:
    kinds = ["network", "estimator", "network"]
    with style.style():
        far = leaderboard.leaderboard(board(limit=0.1), kinds, QUANTITY, FACTS)
        near = leaderboard.leaderboard(board(limit=4.0), kinds, QUANTITY, FACTS)
    assert "10.0 (8.0 to 13.0)" in words(far)
    assert "failed" in words(far)
    assert "physical limit: 0.100 mg/L" in words(far), "a far limit would squeeze the rest"
    assert "physical limit" in words(near).splitlines()
    assert far.axes[0].get_xlim()[0] == 0, "an axis of errors starts at zero"


def test_a_long_leaderboard_says_what_it_leaves_out() -> None:
    many = pd.concat([board()] * 20, ignore_index=True)
    with style.style():
        figure = leaderboard.leaderboard(many, ["network"] * 60, QUANTITY, FACTS)
    assert f"the first {forest.ROWS} of 60" in words(figure)


def test_differences_show_their_verdicts_and_the_line_of_no_difference() -> None:
    table = pd.DataFrame(
        {
            "experiment": ["a", "b"],
            "difference": [-3.0, 0.5],
            "difference_low": [-5.0, -1.0],
            "difference_high": [-1.0, 2.0],
            "verdict": ["better", "no difference shown"],
        }
    )
    with style.style():
        figure = leaderboard.differences(table, "vgg", QUANTITY, FACTS)
        none = leaderboard.differences(table[:0], "vgg", QUANTITY, FACTS)
    text = words(figure)
    assert "better" in text.splitlines()
    assert "−3.00 (−5.00 to −1.00)" in text
    assert "nothing to compare" in words(none)


def test_the_parts_of_a_split_are_its_folds_and_its_test_set() -> None:
    table = values()
    table.loc[:9, "set"] = "test"
    table.loc[:9, "fold"] = -1
    parts = splits.parts(table)
    assert list(parts) == ["fold 0", "fold 1", "fold 2", "test"]
    assert sum(len(part) for part in parts.values()) == len(table)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("a.png", "a.png"),
        ("a/very/long/folder/IMG_1.png", "…/IMG_1.png"),
        ("photograph_of_a_sample_0001.png", "photog…ple_0001.png"),
    ],
)
def test_long_names_keep_what_tells_them_apart(name: str, short: str) -> None:
    assert style.shown(name, 19) == short
    assert len(style.shown(name, 19)) <= 19
