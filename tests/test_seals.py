"""What was altered, by whatever means, is refused before it is used."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from assay import augment, cross_validate, files, ingest, job, resize, seals, simulate, train
from assay.experiment import Augmentation, Experiment
from assay.faults import BadInput
from assay.learning import trained
from assay.reporting import render

DAMAGES = 200
BASELINE = {"architecture": "mean_colour", "size": 16}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with an artefact of every kind, two of each; treat it as read-only."""
    folder = tmp_path_factory.mktemp("Räume mit Platz") / "results"
    before = job.FOLDER, job.RULE
    try:
        job.FOLDER = folder
        make(folder)
    finally:
        job.FOLDER, job.RULE = before
    return folder


def make(folder: Path) -> None:
    for name in ("a", "b"):
        job.RULE = "simulate"
        tables = [folder / name / f"{table}.csv" for table in ("labels", "truth")]
        options = {"seed": ord(name), "size": 16}
        simulate.simulate(folder / name / "photos", *tables, samples=6, **options)
        job.RULE = "ingest"
        listing = folder / name / "photos.csv"
        ingest.ingest(folder / name / "photos", tables[0], listing, workers=1)
        job.RULE = "resize"
        array = folder / name / "images.npy"
        resize.resize(folder / name / "photos", listing, array, 16, workers=1)
        job.RULE = "split"
        table = files.read_table(listing).assign(block=range(6), set="train", fold=[0, 1] * 3)
        files.write_table(folder / name / "split.csv", table)
        job.RULE = "augment"
        augment.augment(
            array,
            folder / name / "split.csv",
            Augmentation(copies=2, turn="any", noise=(0.0, 0.02)),
            16,
            folder / name / "copies.npy",
            folder / name / "copies.csv",
            seed=ord(name),
        )
        job.RULE = "train"
        out = folder / "train" / name
        experiment = Experiment(name, **BASELINE)
        train.train([array], folder / name / "split.csv", experiment, [0], 80.0, 350.0, out)
        job.RULE = "plot"
        for suffix in ("svg", "png"):
            picture = folder / "figures" / name / f"labels.{suffix}"
            files.write_bytes(picture, f"<svg>{name}</svg>".encode())


def pooling(path: Path) -> None:
    """Read a training job's description and predictions as the step cross_validate does."""
    description, found = path.with_name("model.json"), path.with_name("predictions.csv")
    folder = path.parents[3]
    out = [folder / "new" / f"{name}.csv" for name in ("predictions", "comparison", "board")]
    split = folder / path.parents[1].name / "split.csv"
    cross_validate.cross_validate(split, [description], [found], "x", 80.0, 350.0, *out)


def training(path: Path) -> None:
    """Read pictures, split and copies as the step train does."""
    images, split = (path.with_name(name) for name in ("images.npy", "split.csv"))
    copies = [[path.with_name(name)] for name in ("copies.npy", "copies.csv")]
    experiment = Experiment("x", **BASELINE)
    train.train([images], split, experiment, [0], 80.0, 350.0, path.with_name("new"), *copies)


def ingesting(path: Path) -> None:
    """Read simulated photographs as the step ingest does."""
    ingesting_labels(path.parents[1] / "labels.csv")


def ingesting_labels(path: Path) -> None:
    """Read a table of simulated photographs as the step ingest does."""
    ingest.ingest(path.with_name("photos"), path, path.with_name("new.csv"), workers=1)


def resizing(path: Path) -> None:
    """Read photographs and their table as the step resize does."""
    place = path.with_name("photos")
    resize.resize(place, path, path.with_name("new.npy"), 16, workers=1)


# An artefact of every kind, the rule that makes it again, and how a step reads it.
KINDS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a/photos/{photo}": ("simulate", ingesting),
    "a/labels.csv": ("simulate", ingesting_labels),
    "a/photos.csv": ("ingest", resizing),
    "a/images.npy": ("resize", training),
    "a/split.csv": ("split", training),
    "a/copies.npy": ("augment", training),
    "a/copies.csv": ("augment", training),
    "train/a/fold0/model.safetensors": ("train", trained.load),
    "train/a/fold0/model.json": ("train", pooling),
    "train/a/fold0/predictions.csv": ("train", pooling),
    "figures/a/labels.svg": ("plot", lambda path: render.chart(path.with_suffix(""))),
    "figures/a/labels.png": ("plot", lambda path: render.photographs(path.with_suffix(""))),
}


def flip(path: Path, other: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def cut(path: Path, other: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(1, len(content))])


def empty(path: Path, other: Path, chance: random.Random) -> None:
    path.write_bytes(b"")


def swap(path: Path, other: Path, chance: random.Random) -> None:
    first, second = path.read_bytes(), other.read_bytes()
    path.write_bytes(second)
    other.write_bytes(first)


def swap_with_seals(path: Path, other: Path, chance: random.Random) -> None:
    swap(path, other, chance)
    if seals.path_of(path).is_file():
        swap(seals.path_of(path), seals.path_of(other), chance)


def lose_seal(path: Path, other: Path, chance: random.Random) -> None:
    if path.parent.name == "photos" or path.name == "labels.csv":
        empty(path, other, chance)  # without a seal they might be anybody's
    else:
        seals.path_of(path).unlink()


@pytest.mark.slow
def test_two_hundred_damages_are_refused_before_use(written: Path, tmp_path: Path) -> None:
    """Each names the file and, where its seal still can, the rule that makes it again."""
    chance = random.Random(7)
    damages = [flip, cut, empty, swap, swap_with_seals, lose_seal]
    plan = [(name, damage) for name in KINDS for damage in damages]
    plan += chance.choices(plan, k=DAMAGES - len(plan))
    assert len(plan) == DAMAGES
    for number, (name, damage) in enumerate(plan):
        folder = tmp_path / str(number) / "moved"  # a run may be moved as a whole
        shutil.copytree(written, folder)
        photo = chance.choice([path.name for path in (folder / "a" / "photos").glob("*.png")])
        path = folder / name.format(photo=photo)
        other = folder / name.format(photo=photo).replace("a/", "b/", 1)
        rule, read = KINDS[name]
        before = {file for file in folder.rglob("*") if file.is_file()}
        damage(path, other, chance)
        with pytest.raises(BadInput) as refused:
            read(path)
        fault = refused.value.faults[0]
        assert fault.code == "E_CHANGED", (name, damage.__name__)
        assert fault.file == str(path)
        assert damage is lose_seal or f"rule {rule} makes it again" in fault.remedy
        assert {file for file in folder.rglob("*") if file.is_file()} <= before, "nothing is made"
        shutil.rmtree(folder.parent)


def test_undamaged_all_is_read_and_sha256sum_agrees(written: Path) -> None:
    for name, (_, read) in KINDS.items():
        if name.endswith(("model.safetensors", ".svg")):
            read(written / name)
    paths = [seals.path_of(written / name) for name in KINDS if "{" not in name]
    told = [str(path.relative_to(written)) for path in paths]
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", *told, "a/.photos.sha256"],
        cwd=written,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(paths) + 6


def test_a_file_in_another_ones_place_is_told_by_name(tmp_path: Path) -> None:
    with job.running("train", tmp_path / "logs" / "x.log"):
        for name in ("a", "b"):
            files.write_text(tmp_path / "train" / name / "t.csv", "same")
    shutil.copytree(tmp_path / "train" / "a", tmp_path / "train" / "c")
    with pytest.raises(BadInput, match=r"it is train/a/t\.csv of this or another run, put"):
        files.read_bytes(tmp_path / "train" / "c" / "t.csv")


@pytest.mark.parametrize("kept", ["old", "other", "damaged"])
def test_a_stale_seal_does_no_harm_to_a_new_file(tmp_path: Path, kept: str) -> None:
    path = tmp_path / "t.csv"
    files.write_text(path, "old")
    path.unlink()  # as a driver deletes what it makes anew; it knows nothing of the seal
    if kept != "old":
        seals.path_of(path).write_text("0" * 64 + "  other\n" if kept == "other" else "\0\xff")
    files.write_text(path, "new")
    assert files.read_bytes(path) == b"new"


def test_a_folder_has_the_files_it_was_made_with_and_no_other(tmp_path: Path) -> None:
    with files.making_folder(tmp_path / "photos", sealed=True) as folder:
        (folder / "sub").mkdir()
        (folder / "sub" / "1.png").write_bytes(b"1")
    photos = tmp_path / "photos"
    (photos / ".snakemake_timestamp").touch()
    seals.check_folder(photos)
    (photos / "2.png").touch()
    with pytest.raises(BadInput, match=r"E_CHANGED: .*photos/2\.png.*rm -r .*photos\)"):
        seals.check_ours(photos)
    (photos / "2.png").unlink()
    photos.rename(tmp_path / "elsewhere")
    seals.path_of(photos).rename(seals.path_of(tmp_path / "elsewhere"))
    with pytest.raises(BadInput, match=r"it is photos of this or another run"):
        seals.check_folder(tmp_path / "elsewhere")
    (tmp_path / "mine").mkdir()
    seals.check_ours(tmp_path / "mine")


def test_what_is_handed_to_people_has_no_seal(tmp_path: Path) -> None:
    files.write_text(tmp_path / "predictions.csv", "x", sealed=False)
    assert [path.name for path in tmp_path.iterdir()] == ["predictions.csv"]
