"""New groups: what is planted is found and set right, what isn't planted is not claimed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import cli, files, metrics, split, transfer
from assay.experiment import Experiment
from assay.learning import groups as grouping
from assay.statistics.comparison import Comparison, together
from assay.statistics.interval import Interval

SIZE = 8
MEAN = Experiment("mean", "mean_colour", size=SIZE)


def assay(
    folder: Path,
    *,
    seed: int = 0,
    high: float = 0.0,
    groups: int = 6,
    samples: int = 20,
    shared: bool = False,
) -> Path:
    """Two photographs a sample; group 3 reads `high` (a share) too high.

    shared: each sample is photographed once in its own group and once in the next.
    """
    rng = np.random.default_rng(seed)
    sample = np.repeat(np.arange(groups * samples), 2)
    label = rng.uniform(80, 350, groups * samples)[sample]
    group = sample // samples
    if shared:
        group = (group + np.arange(len(sample)) % 2) % groups
    read = label * np.where(group == 2, 1 + high, 1)
    colour = np.stack([230 - 0.5 * read, 200 - 0.3 * read, 120 + 0.1 * read], axis=1)
    colour += rng.normal(0, 3, (len(sample), 3))
    noise = rng.normal(0, 2, (len(sample), SIZE, SIZE, 3))
    images = np.clip(colour[:, None, None] + noise, 0, 255).astype(np.uint8)
    table = pd.DataFrame({"photo": np.arange(len(sample)), "label": label, "split": ""})
    table["sample"] = [f"s{number}" for number in sample]
    table["image"] = table["twin"] = table["photo"].astype(str)
    table["group"] = [f"phone {number + 1}" for number in group]
    return written(folder, images, table)


def written(folder: Path, images: np.ndarray, table: pd.DataFrame) -> Path:
    """The files that the step reads; predictions as if each model had answered 1 % too high."""
    files.save_array(folder / "images.npy", images.shape, lambda to: np.copyto(to, images))
    files.write_table(folder / "photos.csv", table)
    split.split(folder / "photos.csv", folder / "split.csv", folds=3, test=0)
    dealt = files.read_table(folder / "split.csv")
    for fold in range(3):
        rows = dealt[dealt["fold"].eq(fold)].assign(role="held_out")
        rows["found"] = 1.01 * rows["label"]
        files.write_table(folder / f"{fold}.csv", rows[["photo", "role", "found"]])
    return folder


def made(folder: Path, **changes: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table of groups and the matrix."""
    transfer.transfer(
        images=[folder / "images.npy"],
        split=folder / "split.csv",
        photos=folder / "photos.csv",
        predictions=[folder / f"{fold}.csv" for fold in range(3)],
        low=80,
        high=350,
        out=folder / "groups.csv",
        matrix=folder / "pairs.csv",
        **{"experiment": MEAN} | changes,
    )
    groups, pairs = (files.read_table(folder / name) for name in ("groups.csv", "pairs.csv"))
    return groups.set_index("group"), pairs


def test_a_group_that_reads_ten_percent_high_is_found_and_mended(tmp_path: Path) -> None:
    groups, pairs = made(assay(tmp_path, high=0.1))
    assert list(groups.index) == [f"phone {n}" for n in range(1, 7)] + ["all groups"]
    odd = groups.loc["phone 3"]
    assert odd["bias_low"] < 21 < odd["bias_high"], "10 % of 215 on average"
    assert odd["difference_verdict"] == "better"
    assert odd["slope"] == pytest.approx(0.9, abs=0.05)
    assert odd["after"] < 0.5 * odd["before"]
    assert (odd["samples"], odd["standards"], odd["judged"]) == (20, 4, 16)
    assert odd["trained_on_samples"] == 100
    others = groups.drop(["phone 3", "all groups"])
    assert others["difference_verdict"].eq("no difference shown").all()
    assert groups.loc["all groups", "difference_verdict"] == "better"
    wide = pairs.pivot(index="trained_on", columns="group", values="rmse")
    assert wide["phone 3"].dropna().min() > 2 * wide.drop(columns="phone 3").loc["phone 1"].max()
    assert wide.loc["phone 3"].dropna().min() > 15
    assert len(pairs) == 30
    assert pairs["trained_on_samples"].eq(20).all()


@pytest.mark.slow
def test_with_nothing_planted_nothing_is_said_to_be_mended(tmp_path: Path) -> None:
    better, plain = 0, 0
    for seed in range(12):
        folder = tmp_path / str(seed)
        groups, _ = made(assay(folder, seed=seed), alone=False)
        verdicts = groups.drop("all groups")["difference_verdict"]
        better += verdicts.eq("better").any()
        plain += verdicts.eq("no difference shown").sum()
        assert groups.loc["all groups", "difference_verdict"] != "better"
    assert better <= 2, "5 % of the families; the scatter of standards may well make it worse"
    assert plain >= 0.85 * 12 * 6


def test_numbers_are_those_of_the_models_trained_on_the_other_groups(tmp_path: Path) -> None:
    folder = assay(tmp_path)
    groups, pairs = made(folder)
    table, images = files.read_table(folder / "split.csv"), np.load(folder / "images.npy")
    baseline = transfer_by_hand(images, table, table["group"].ne("phone 2"))
    own = table[table["group"].eq("phone 2")]
    found = baseline.predict(images[own.index])
    assert groups.loc["phone 2", "rmse"] == pytest.approx(metrics.rmse(own["label"], found))
    ordinary = 0.01 * np.sqrt(np.mean(own["label"] ** 2))
    assert groups.loc["phone 2", "ordinary"] == pytest.approx(ordinary)
    assert groups.loc["all groups", "cost_verdict"] == "worse", "than 1 % off"
    alone = transfer_by_hand(images, table, table["group"].eq("phone 5"))
    pair = pairs[pairs["trained_on"].eq("phone 5") & pairs["group"].eq("phone 2")].iloc[0]
    rmse = metrics.rmse(own["label"], alone.predict(images[own.index]))
    assert pair["rmse"] == pytest.approx(rmse)


def transfer_by_hand(images: np.ndarray, table: pd.DataFrame, rows: pd.Series) -> object:
    from assay.learning.baseline import Baseline

    baseline = Baseline(MEAN, 80, 350)
    seen = table[rows]
    baseline.fit(images[seen.index], seen["label"].to_numpy(), seen["block"].to_numpy())
    return baseline


def test_a_sample_shared_by_two_phones_is_never_on_both_sides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def spy(experiment, low, high, data, device):
        samples = data.table["sample"].to_numpy()
        seen.append(len(data.held_out))
        assert not set(samples[data.seen]) & set(samples[data.held_out])
        assert not set(data.table["group"].iloc[data.seen]) & set(
            data.table["group"].iloc[data.held_out]
        )
        return np.full(len(data.held_out), 200.0), ""

    monkeypatch.setattr(grouping, "retrained", spy)
    folder = assay(tmp_path, groups=3, shared=True)
    groups, _ = made(folder)
    assert groups["photographs"].iloc[:3].tolist() == [40] * 3
    assert groups["rmse"].notna().all()
    assert len(seen) == 2 * 3 * transfer.PARTS


def test_many_groups_are_bundled_with_their_neighbours(tmp_path: Path) -> None:
    names = [f"day {number}" for number in range(1, 12)]
    assert grouping.in_order([*names[::-1], "day 2"]) == names
    bundle = grouping.bundled(names, 4)
    assert list(dict.fromkeys(bundle.values())) == [
        "day 1 to day 2",
        "day 3 to day 5",
        "day 6 to day 8",
        "day 9 to day 11",
    ]
    assert grouping.bundled(names, 11) == {name: name for name in names}
    groups, pairs = made(assay(tmp_path), most_groups=2)
    assert list(groups.index) == ["phone 1 to phone 3", "phone 4 to phone 6", "all groups"]
    assert list(groups["groups"]) == [3, 3, 6]
    assert len(pairs) == 2


@pytest.mark.parametrize(
    ("group", "said"),
    [("", "no column of sessions"), ("phone 1", "all training photographs are of one group")],
)
def test_without_groups_the_table_says_so(tmp_path: Path, group: str, said: str) -> None:
    folder = assay(tmp_path, groups=1)
    table = files.read_table(folder / "photos.csv").assign(group=group)
    written(folder, np.load(folder / "images.npy"), table)
    groups, pairs = made(folder)
    assert said in groups["note"].item()
    assert pairs.empty


def test_too_few_samples_are_told_and_stop_nothing(tmp_path: Path) -> None:
    groups, pairs = made(assay(tmp_path, samples=4, groups=3))
    note = "4 samples: none would be left to judge by after 4 standards"
    assert groups["note"].iloc[:3].tolist() == [note] * 3
    assert groups["rmse"].notna().all()
    assert groups["after"].isna().all()
    assert pairs["note"].eq("fewer than 5 samples to train on").all()
    tiny, _ = made(assay(tmp_path / "tiny", samples=2, groups=3))
    assert tiny["note"].iloc[0] == "fewer than 5 samples to train on"
    assert tiny["rmse"].isna().all()


def test_folds_of_whole_groups_know_no_ordinary_error(tmp_path: Path) -> None:
    folder = assay(tmp_path)
    split.split(folder / "photos.csv", folder / "split.csv", folds=3, test=0, block="group")
    groups, _ = made(folder, alone=False)
    assert groups["ordinary"].isna().all()
    assert groups["cost_verdict"].isna().all()


def test_comparisons_without_a_p_value_keep_their_place_among_others() -> None:
    def one(p: float | None) -> Comparison:
        return Comparison("a", "b", 9, 9, 1, 2, Interval(-1, -2, -0.5), p, p, "better")

    rows = together([one(None), one(0.01), one(None), one(0.03)])
    assert [row.p_holm for row in rows] == [None, 0.02, None, 0.03]


def test_the_step_has_a_command_line() -> None:
    assert "--most-groups" in cli.parser(transfer.transfer).format_help()
