"""Side by side: every program does the default run's work, as config.yaml has it."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from PIL import Image

import deliveries
from assay import config
from assay.learning import fitting
from assay.models import vgg
from assay.pictures import colour
from bench.__main__ import options
from bench.clock import Cost
from bench.peers import cached_loop, plain_loop, settings, side_by_side, task

NETS = ["vgg", "vgg_rotation", "recommended"]
SMALL = ["peers", "--epochs", "1", "--width", "0.0625"]
INSTALLED = [key for key, peer in side_by_side.PEERS.items() if not peer.library]


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 15 photographs, dealt to folds."""
    folder = tmp_path_factory.mktemp("peers")
    deliveries.draw(folder, 15, 64)
    return side_by_side.prepare(folder, 15)


@pytest.fixture
def default(root: Path) -> config.Config:
    """config.yaml itself."""
    return config.load(yaml.safe_load((root / "config.yaml").read_text()))


def argued(
    monkeypatch: pytest.MonkeyPatch, photographs: Path, place: Path, *more: str
) -> task.Task:
    """The task as a program gets it from its command line."""
    _, nets = settings.write(photographs, place, options(SMALL))
    words = [photographs, nets, place / "found.csv", "--workers", "0", *more]
    monkeypatch.setattr(sys, "argv", ["peer", *map(str, words)])
    return task.task()


@pytest.mark.parametrize("key", INSTALLED)
def test_a_peer_answers_every_photograph_out_of_fold_for_each_network(
    key: str, photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = side_by_side.PEERS[key]
    argued(monkeypatch, photographs, tmp_path, *["--tuned"] * peer.tuned)
    import_module(f"bench.peers.{peer.module}").main()
    errors = side_by_side.rmse(photographs, tmp_path / "found.csv", NETS)
    assert list(errors) == NETS
    assert all(0 < error < 300 for error in errors.values())
    found = pd.read_csv(tmp_path / "found.csv")
    assert len(found) == 3 * 12
    found.iloc[1:].to_csv(tmp_path / "one_less.csv")
    pd.concat([found, found.iloc[:1]]).to_csv(tmp_path / "twice.csv")
    for name in ("one_less.csv", "twice.csv"):
        with pytest.raises(RuntimeError, match="vgg doesn't answer each training photograph once"):
            side_by_side.rmse(photographs, tmp_path / name, NETS)


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in side_by_side.PEERS if key not in INSTALLED])
def test_the_other_peers_run_where_they_are_installed(
    key: str, photographs: Path, tmp_path: Path
) -> None:
    library = side_by_side.PEERS[key].library
    if not find_spec(library):
        pytest.skip(f"{library} isn't installed: see envs/bench.txt")
    chosen = options([*SMALL, "--python", sys.executable])
    cost, out = side_by_side.theirs(key, photographs, tmp_path, chosen)
    assert cost.wall > 0
    assert list(side_by_side.rmse(photographs, out, NETS)) == NETS


def test_our_side_is_the_default_run_s_networks(
    photographs: Path, tmp_path: Path, default: config.Config
) -> None:
    ours, _ = settings.write(photographs, tmp_path, options(["peers"]))
    run = config.load(yaml.safe_load(ours.read_text()))
    assert [net.name for net in run.experiments] == NETS
    assert run.experiments == [default.experiment(name) for name in NETS]
    kept = ("range", "scale", "split", "full_size", "aspect", "augmentations", "seed", "threads")
    assert all(getattr(run, key) == getattr(default, key) for key in kept)


def test_the_peers_networks_are_the_default_run_s(
    photographs: Path, tmp_path: Path, default: config.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = settings.write(photographs, tmp_path, options(["peers"]))
    told = json.loads(path.read_text())
    assert (told["low"], told["high"]) == default.range
    same = ("architecture", "options", "color", "size", "batch_size", "learning_rate")
    same += ("weight_decay", "gradient_clip", "orbit", "seed")
    for net in told["nets"]:
        experiment = default.experiment(net["name"])
        assert {key: net[key] for key in same} == {key: asdict(experiment)[key] for key in same}
        turned = {"vgg": "none", "vgg_rotation": "any", "recommended": "right_angles"}
        assert net["turn"] == turned[experiment.name]
        preset = experiment.augmentation
        copies = 0 if preset == "none" else default.augmentation(preset).copies
        assert net["passes"] == experiment.epochs * (1 + copies)
        assert task.Net(**net).look == -(-net["passes"] // 10)
    job = argued(monkeypatch, photographs, tmp_path)
    assert str(job.network(job.nets[0])) == str(vgg.build(3, 64, 1, width=0.0625))
    shares = [fitting.rate(default.experiment("vgg"), step, 100) for step in range(100)]
    assert int(np.argmax(shares)) == 100 * task.RISE


def test_fewer_epochs_are_fewer_for_all_in_proportion(photographs: Path) -> None:
    chosen = options(["peers", "--epochs", "4", "--width", "0.5"])
    run = config.load(settings.for_assay(photographs, chosen))
    assert [net.epochs for net in run.experiments] == [4, 1, 8]
    assert [net.passes for net in settings.for_peers(run)] == [4, 5, 8]
    assert {net.options["width"] for net in run.experiments} == {0.5}
    assert "vgg_rotation (5 passes of turned pictures, 16 a step)" in settings.told(chosen)


@pytest.mark.parametrize(
    ("key", "value"),
    [("loss", "huber"), ("augmentation", "fischer"), ("color", "gray")],
)
def test_what_the_peers_cannot_do_is_not_compared(
    photographs: Path, key: str, value: object
) -> None:
    raw = settings.for_assay(photographs, options(["peers"]))
    raw["base"][key] = value
    with pytest.raises(ValueError, match=f"vgg: the other programs don't do {key}: {value}"):
        settings.for_peers(config.load(raw))


def test_poses_of_copies_are_not_compared(photographs: Path) -> None:
    raw = settings.for_assay(photographs, options(["peers"]))
    raw["experiments"][-1]["augmentation"] = "rotation"
    with pytest.raises(ValueError, match="recommended: the other programs don't do poses of cop"):
        settings.for_peers(config.load(raw))


def test_a_peer_s_folds_share_no_photograph(
    photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = argued(monkeypatch, photographs, tmp_path)
    assert job.folds == [0, 1, 2]
    for fold in job.folds:
        seen, held_out = job.parts(fold)
        assert not set(seen["photo"]) & set(held_out["photo"])
        assert len(seen) + len(held_out) == len(job.table) == 12
        assert abs(seen["target"].mean()) < 1e-6
        for loaded, rows in zip(
            plain_loop.loaders(job, job.nets[0], fold), job.parts(fold), strict=True
        ):
            assert len(loaded.dataset) == len(rows)


def test_the_peers_density_is_ours() -> None:
    codes = torch.arange(256) / 255
    np.testing.assert_allclose(task.density(codes), colour.density_of_codes(), atol=1e-5)


@pytest.mark.parametrize("net", range(3))
def test_the_cached_loop_sees_what_the_plain_loop_sees(
    net: int, photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = argued(monkeypatch, photographs, tmp_path)
    change = plain_loop.transform(job.nets[net], False)
    read, _ = plain_loop.Photographs(job.parts(0)[0], change)[0]
    path = job.parts(0)[0]["path"].iloc[0]
    assert read.shape == (3, 64, 64)
    assert torch.equal(read, change(cached_loop.decoded(path)))
    with Image.open(path) as picture:
        plain = torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1) / 255
    if job.nets[net].color == "optical_density":
        plain = torch.from_numpy(colour.density_of_codes())[(plain * 255).round().long()]
    mean, deviation = (torch.tensor(v)[:, None, None] for v in task.SCALES[job.nets[net].color])
    np.testing.assert_allclose(read, (plain - mean) / deviation, atol=1e-4)


def test_only_seen_photographs_are_turned_and_each_time_anew(
    photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = argued(monkeypatch, photographs, tmp_path)
    for net in job.nets:
        seen, held_out = (loader.dataset for loader in plain_loop.loaders(job, net, 0))
        assert torch.equal(held_out[0][0], held_out[0][0])
        shown = [seen[0][0] for _ in range(20)]
        assert all(torch.equal(shown[0], one) for one in shown) == (net.turn == "none")
        if net.turn == "right_angles":
            poses = [task.quarter_turn(held_out[0][0]).sort().values.sum() for _ in range(20)]
            assert max(poses) - min(poses) < 1e-2, "pixels change places, nothing else"


def test_the_last_look_is_at_all_poses() -> None:
    torch.manual_seed(1)
    network = task.Posed(vgg.build(3, 16, 1, width=0.0625)).eval()
    images = torch.rand(2, 3, 16, 16)
    one = network(images)
    network.whole = True
    whole = network(images)
    assert torch.equal(one, network.network(images))
    assert not torch.allclose(one, whole)
    assert torch.allclose(whole, network(images.rot90(1, (2, 3)).flip(3)), atol=1e-5)
    network.train()
    assert network(images).shape == (2, 1)


def test_a_row_has_each_network_s_error_and_ratios_to_assay_before_and_after() -> None:
    a, b = {"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.0}
    runs = {
        # grows slower all the time: three runs in each of two turns
        side_by_side.OURS: [(Cost(w, 2 * w), e) for e in (a, b) for w in (10, 20, 30)],
        "plain_loop": [(Cost(45, 60), {"a": 3.0, "b": 4.0}), (Cost(60, 90), {"a": 5, "b": 4})],
        "with_lightning": [(Cost(50, 50), a), (Cost(75, 150), b)],
    }
    row = side_by_side.row("plain_loop", runs, sys.executable)
    assert row["times Assay's"] == "3.50 (3.00 to 4.00)"
    assert row["times Assay's processor"] == "2.50 (2.00 to 3.00)"
    assert (row["RMSE a"], row["RMSE b"]) == ("4.00 (3.00 to 5.00)", "4.00 (4.00 to 4.00)")
    assert [cost.wall for cost, _ in side_by_side.beside(runs, "with_lightning")] == [25, 25]
    assert side_by_side.row(side_by_side.OURS, runs, sys.executable)["n"] == "6"


@pytest.mark.parametrize("varies", [False, True])
def test_assay_runs_before_and_after_each_program_with_the_same_answers(
    varies: bool, photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    monkeypatch.setattr(side_by_side, "rmse", lambda *_: {"vgg": float(varies and len(order))})

    def ours(*_: object) -> tuple[Cost, Path]:
        order.append(side_by_side.OURS)
        return Cost(1, 1), tmp_path

    def theirs(key: str, *_: object) -> tuple[Cost, Path]:
        order.append(key)
        return Cost(1, 1), tmp_path

    monkeypatch.setattr(side_by_side, "ours", ours)
    monkeypatch.setattr(side_by_side, "theirs", theirs)
    keys = [side_by_side.OURS, "plain_loop", "with_fastai"]
    found: side_by_side.Runs = {key: [] for key in keys}
    with pytest.raises(RuntimeError, match="other answers") if varies else nullcontext():
        side_by_side.in_turn(photographs, tmp_path, options(SMALL), found)
    assert order == ["Assay", "plain_loop", "Assay", "with_fastai", "Assay"]


def test_errors_are_compared_pair_by_pair() -> None:
    cost = Cost(1.0, 1.0)
    turns = [(cost, {"a": 1.0, "b": 10.0}), (cost, {"a": 2.0, "b": 10.0})]
    ours = [turn for turn in turns for _ in range(2)]  # before and after
    found = {side_by_side.OURS: ours, "plain_loop": [(c, dict(e)) for c, e in turns]}
    same = "plain loop 1.00 (1.00 to 1.00), the smaller in 0 of 4"
    assert side_by_side.against(found, "plain_loop") == same
    found["plain_loop"] = [(cost, {"a": 2.0, "b": 5.0}), (cost, {"a": 4.0, "b": 5.0})]
    # logarithms of 2, 1/2, 2, 1/2: mean 0, deviation 0.8004; Student's t(3) is 3.182
    told = "plain loop 1.00 (0.280 to 3.57), the smaller in 2 of 4"
    assert side_by_side.against(found, "plain_loop") == told
    one = {key: [(cost, {"a": 2.0})] * times for key, times in zip(found, (2, 1), strict=True)}
    assert side_by_side.against(one, "plain_loop") == "plain loop 1.00, the smaller in 0 of 1"
