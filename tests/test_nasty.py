"""Every row of the bad-input corpus: verdict, code, what the message mentions, pixels."""

import csv
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest

from assay import images
from assay.faults import BadInput
from assay.images import ReadingOptions
from assay.ingest import ingest

CORPUS = Path(__file__).parents[2] / "shared" / "nasty.tar.gz"
# Told of a picture that is accepted all the same: they are true of the corpus's tiny pictures.
# Its tables name ok.png and ok.bmp, the same pixels, with different values.
HARMLESS = {"W_SMALL", "W_CONSTANT", "W_GRAY", "W_UNLISTED", "W_DUPLICATE"}

pytestmark = pytest.mark.skipif(not CORPUS.is_file(), reason="no corpus beside the checkout")


def corpus_rows() -> list[dict[str, str]]:
    if not CORPUS.is_file():
        return []
    with tarfile.open(CORPUS) as archive:
        text = archive.extractfile("nasty/nasty.csv").read().decode()
    return list(csv.DictReader(text.splitlines(keepends=True)))


ROWS = corpus_rows()


def of_folder(*names: str) -> list[dict[str, str]]:
    return [row for row in ROWS if row["file"].split("/")[0] in names]


def identify(row: dict[str, str]) -> str:
    return row["file"].encode("ascii", "backslashreplace").decode()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    with tarfile.open(CORPUS) as archive:
        # Python 3.11.2, which is Debian 12's, has no filters yet and trusts fully
        trusting = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}
        archive.extractall(folder, **trusting)
    return folder / "nasty"


def run(folder: Path, table: Path, out: Path, **settings) -> tuple[list[dict[str, str]], bool]:
    """Errors and warnings as the files say, and whether the data set was accepted."""
    try:
        ingest(folder, table, out / "photos.csv", workers=1, **settings)
        accepted = True
    except BadInput:
        accepted = False
    faults = []
    for name in ("faults.csv", "warnings.csv"):
        with (out / name).open(encoding="utf-8", newline="") as file:
            faults += list(csv.DictReader(file))
    return faults, accepted


def write_table(path: Path, rows: list[tuple[str, float]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("image", "concentration"), *rows])
    return path


def said(fault: dict[str, str]) -> str:
    place = f"{fault['file']} row {fault['row']} {fault['column']}"
    return f"{place} {fault['message']} {fault['remedy']}"


def check(row: dict[str, str], faults: list[dict[str, str]], accepted: bool) -> None:
    codes = {fault["code"] for fault in faults}
    if row["expected"] == "ACCEPT":
        assert accepted
        assert codes <= HARMLESS
        return
    assert accepted == (row["expected"] == "ACCEPT_WARN")
    matching = [fault for fault in faults if fault["code"] == row["code"]]
    assert matching, f"{row['code']} not in {codes}"
    assert any(row["must_mention"] in said(fault) for fault in matching)


@pytest.mark.parametrize("row", of_folder("img"), ids=identify)
def test_picture(row, corpus, tmp_path):
    name = Path(row["file"]).name
    companion = "palette_opaque.png" if name != "palette_opaque.png" else "ok.png"
    table = write_table(tmp_path / "labels.csv", [(name, 80), (companion, 120)])
    faults, accepted = run(corpus / "img", table, tmp_path)
    check(row, [fault for fault in faults if fault["file"] == name], accepted)
    if row["check"]:
        check_pixels(images.read(corpus / row["file"], ReadingOptions()), row["check"])


def check_pixels(photo: images.Photo, text: str) -> None:
    for part in text.split(";"):
        if size := re.fullmatch(r"size=(\d+)x(\d+)", part):
            assert (photo.width, photo.height) == tuple(map(int, size.groups()))
        elif pixel := re.fullmatch(r"px@(\d+),(\d+)=(\d+),(\d+),(\d+)~(\d+)", part):
            x, y, *colour, tolerance = map(int, pixel.groups())
            assert np.abs(photo.pixels[y, x].astype(int) - colour).max() <= tolerance
        else:
            levels = re.fullmatch(r"levels>=(\d+)", part)
            assert len(np.unique(photo.pixels)) >= int(levels[1])


@pytest.mark.parametrize("row", of_folder("csv"), ids=identify)
def test_table(row, corpus, tmp_path):
    table = corpus / row["file"]
    content = table.read_bytes().replace(b"\0", b"")
    faults, accepted = run(
        corpus / "img",
        table,
        tmp_path,
        label_column="mg_per_L",
        sample_column="sample" if b"sample" in content else "",
        low=0,
        high=1e6,
        folds=5 if "5 folds" in row["kind"] else 2,
    )
    check(row, faults, accepted)


@pytest.fixture(scope="module")
def duplicates(corpus, tmp_path_factory):
    rows = [(Path(row["file"]).name, 80) for row in of_folder("dup")]
    rows = [(name, 120 if name.startswith("c") else label) for name, label in rows]
    out = tmp_path_factory.mktemp("dup")
    return *run(corpus / "dup", write_table(out / "labels.csv", rows), out), out / "photos.csv"


@pytest.mark.parametrize("row", of_folder("dup"), ids=identify)
def test_duplicate(row, duplicates):
    faults, accepted, table = duplicates
    name = Path(row["file"]).name
    check(row, [fault for fault in faults if fault["file"] == name], accepted)
    with table.open(newline="") as file:
        twin = {photo["image"]: photo["twin"] for photo in csv.DictReader(file)}
    assert (twin[name] == twin["a.png"]) == name.startswith("a")


@pytest.fixture(scope="module")
def named(corpus, tmp_path_factory):
    listed = [row for row in of_folder("names") if row["expected"] != "IGNORE"]
    rows = [(row["file"].removeprefix("names/"), 80 + i) for i, row in enumerate(listed)]
    out = tmp_path_factory.mktemp("names")
    return run(corpus / "names", write_table(out / "labels.csv", rows), out)


@pytest.mark.parametrize("row", of_folder("names"), ids=identify)
def test_name(row, named):
    faults, accepted = named
    name = row["file"].removeprefix("names/")
    own = [fault for fault in faults if fault["file"].removeprefix("'") == name]
    if row["expected"] == "IGNORE":
        assert not own
    else:
        check(row, own, accepted)


def test_the_corpus_is_whole():
    assert len(ROWS) == 139
