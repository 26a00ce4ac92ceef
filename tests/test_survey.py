"""One shard at a time, and the same tables in the end, whatever is wrong with the pictures."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pictures
from assay import files, images, shards
from assay.faults import BadInput
from assay.ingest import ingest
from assay.intake.examination import Finding, Targets
from assay.intake.findings import collect, write_findings
from assay.survey import survey

WRITTEN = ("photos.csv", "warnings.csv", "faults.csv", "summary.json")
SHARD = 10_000
COLUMNS = {"sample_column": "id", "roi_columns": ["x", "y", "w", "h"]}


def shot(number: int) -> np.ndarray:
    return (pictures.scene(seed=number) * (1 - 0.06 * (number % 12))).astype(np.uint8)


def corpus(folder: Path, broken: bool) -> list[list[object]]:
    """Photographs and rows: twins, repeated rows, odd names, labels below a limit; and faults."""
    (folder / "photos").mkdir(parents=True)
    whole = {f"{number}.png": pictures.save(shot(number), "PNG") for number in range(8)}
    whole |= {"turned.png": pictures.save(np.rot90(shot(2)), "PNG"), "copy.png": whole["3.png"]}
    whole["again.jpg"] = pictures.save(shot(1), "JPEG", quality=75, subsampling=0)
    whole["small\nname.png"] = pictures.save(shot(20)[:20, :20], "PNG")
    whole["grey.png"] = pictures.save(shot(21)[..., 1], "PNG")
    for name, data in whole.items():
        (folder / "photos" / name).write_bytes(data)
    (folder / "photos" / "link.png").symlink_to("4.png")
    known = {"turned.png": 2, "copy.png": 3, "again.jpg": 1, "link.png": 4}
    rows = [[name, 80 + 10 * known.get(name, i)] for i, name in enumerate([*whole, "link.png"])]
    rows += [["./0.png", 80], ["5.png ", 130], ["=6.png", 140]]
    (folder / "photos" / "=6.png").write_bytes(pictures.save(shot(30), "PNG"))
    for number in range(3):
        (folder / "photos" / f"low{number}.png").write_bytes(
            pictures.save(shot(40 + number), "PNG")
        )
        rows.append([f"low{number}.png", "<70"])
    if broken:
        wrong = {"html.png": b"<html>", "empty.png": b"", "cut.png": whole["1.png"][:300]}
        for name, data in wrong.items():
            (folder / "photos" / name).write_bytes(data)
        rows += [[name, 99] for name in [*wrong, "gone.png", "../out.png"]]
        rows += [["7.png", "many"], ["./3.png", 999]]
    return [[*row, f"s{row[1]}", 0, 0, 20, 20] for row in rows]


def in_shards(folder: Path, size: int, workers: int = 1) -> list[Path]:
    """What the step survey finds, shard by shard."""
    table = folder / "labels.csv"
    found = [folder / f"{n}.csv" for n in range(shards.count(table, size))]
    for shard, out in enumerate(found):
        survey(folder / "photos", table, out, shard, size, workers=workers, **COLUMNS)
    return found


def told(folder: Path, found: list[Path]) -> list[bytes]:
    """All that ingest writes."""
    out = folder / f"out{len(found)}" / "photos.csv"
    try:
        table = folder / "labels.csv"
        settings = {"censored": "drop", "workers": 1, "findings": found}
        ingest(folder / "photos", table, out, high=500, **settings, **COLUMNS)
    except BadInput:
        assert not out.exists()
    paths = [out.with_name(name) for name in WRITTEN]
    return [path.read_bytes() for path in paths if path.exists()]


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_shards_change_no_byte_of_what_ingest_writes(
    tmp_path: Path, broken: bool, seed: int
) -> None:
    rows = corpus(tmp_path, broken)
    random.Random(seed).shuffle(rows)  # twins, repeats and dropped rows fall across every edge
    columns = ["image", "concentration", "id", "x", "y", "w", "h"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "labels.csv", index=False)
    alone = told(tmp_path, [])
    assert len(alone) == (2 if broken else 4)
    for size in (1, 3, 10, 100):
        assert told(tmp_path, in_shards(tmp_path, size)) == alone, size


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    for number in range(6):
        data = pictures.save(shot(number), "PNG")
        (tmp_path / "photos" / f"{number}.png").write_bytes(data)
    cells = [f"{number}.png,{80 + 10 * number},s{number},0,0,9,9\n" for number in range(6)]
    (tmp_path / "labels.csv").write_text("".join(["image,concentration,id,x,y,w,h\n", *cells]))
    return tmp_path


def test_a_picture_that_kills_its_reader_costs_itself(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = images.read

    def deadly(path: Path, *rest: object) -> images.Photo:
        if path.name == "3.png":
            os.kill(os.getpid(), signal.SIGKILL)
        return read(path, *rest)

    monkeypatch.setattr(images, "read", deadly)
    found = in_shards(small, 4, workers=2)
    with pytest.raises(BadInput, match=r"E_CORRUPT: 3\.png, row 5: its decoder crashed") as caught:
        ingest(small / "photos", small / "labels.csv", small / "out.csv", findings=found, **COLUMNS)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize("name", ["1.csv", "1.npy"])
def test_altered_findings_are_refused(small: Path, name: str) -> None:
    found = in_shards(small, 3)
    content = (small / name).read_bytes()
    (small / name).write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    with pytest.raises(BadInput, match="E_CHANGED"):
        ingest(small / "photos", small / "labels.csv", small / "out.csv", findings=found, **COLUMNS)


@pytest.mark.parametrize("change", ["a shard is missing", "another table"])
def test_findings_of_other_photographs_are_refused(small: Path, change: str) -> None:
    found = in_shards(small, 3)
    if change == "another table":
        text = (small / "labels.csv").read_text().splitlines(keepends=True)
        text[1:3] = text[2], text[1]
        (small / "labels.csv").write_text("".join(text))
    else:
        found.pop(0)
    with pytest.raises(BadInput, match=r"E_CHANGED: .*another table or folder"):
        ingest(small / "photos", small / "labels.csv", small / "out.csv", findings=found, **COLUMNS)


def test_a_table_that_is_no_table_is_left_to_ingest(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "labels.csv").write_text("picture,value\na.png,1\n")
    out = tmp_path / "0.csv"
    survey(tmp_path / "photos", tmp_path / "labels.csv", out)
    assert len(files.read_table(out)) == 0
    with pytest.raises(BadInput, match="no column 'image'"):
        ingest(tmp_path / "photos", tmp_path / "labels.csv", tmp_path / "x.csv", findings=[out])


def pretended(folder: Path, count: int) -> None:
    """A label table of so many photographs, empty files, and what was found."""
    generator = np.random.default_rng(count)
    names = [f"{number // 10_000:04d}/{number:07d}_0.png" for number in range(count)]
    for name in sorted({name[:4] for name in names}):
        (folder / "photos" / name).mkdir(parents=True)
    for name in names:
        (folder / "photos" / name).touch()
    labels = generator.uniform(80, 350, count)
    rows = [f"{name},{v!r},{name[5:12]}\n" for name, v in zip(names, labels.tolist(), strict=True)]
    (folder / "labels.csv").write_text("".join(["image,concentration,sample\n", *rows]))
    targets = Targets(folder, np.arange(2, count + 2), names, names, np.empty((count, 0), int))
    colours = generator.normal(0, 30, (count, 1, 1, 3)) + generator.normal(120, 4, (count, 8, 8, 3))
    hashes = (f"{number:064x}" for number in range(count))
    found = (
        Finding(digest, digest, signature, (8, 8), 8, 8, "PNG")
        for digest, signature in zip(hashes, colours.astype(np.float32), strict=True)
    )
    whole = collect(found, count)
    for shard in range(count // SHARD):
        part = range(shard * SHARD, (shard + 1) * SHARD)
        write_findings(whole.at(part), targets.at(part), folder / f"{shard}.csv")


MEASURED = """
import re, sys
from pathlib import Path
from assay.ingest import ingest
folder = Path(sys.argv[1])
place = folder / "photos", folder / "labels.csv", folder / "photos.csv"
found = [folder / f"{shard}.csv" for shard in range(int(sys.argv[2]))]
ingest(*place, sample_column="sample", findings=found)
# not ru_maxrss: that counts the process which started this one
print(int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024)
"""


@pytest.mark.slow
def test_memory_grows_so_slowly_that_a_million_photographs_fit(tmp_path: Path, root: Path) -> None:
    peaks = []
    for count in (20_000, 60_000):
        pretended(tmp_path / str(count), count)
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, str(tmp_path / str(count)), str(count // SHARD)],
            env=os.environ | {"PYTHONPATH": str(root / "workflow")},
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(done.stdout))
    growth = (peaks[1] - peaks[0]) / 40_000
    assert peaks[0] + growth * 980_000 < 2 * 2**30, f"{growth:.0f} bytes a photograph"
