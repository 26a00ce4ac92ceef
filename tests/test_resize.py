from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay import files, resize
from assay.faults import BadInput
from assay.pictures import area
from tiny_assay import photographs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five photographs of 20 x 16 pixels and their table."""
    images = photographs(6, 20)[0][:5, :16]
    names = [f"p{number}.png" for number in range(5)]
    for name, pixels in zip(names, images, strict=True):
        Image.fromarray(pixels).save(tmp_path / name)
    digests = [hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in names]
    files.write_table(tmp_path / "photos.csv", pd.DataFrame({"image": names, "sha256": digests}))
    return tmp_path


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("aspect", ["crop", "pad", "stretch"])
def test_the_array_holds_each_photograph_in_order(
    folder: Path, aspect: area.Aspect, workers: int
) -> None:
    out = folder / "images.npy"
    resize.resize(folder, folder / "photos.csv", out, 8, aspect, workers=workers)
    array = files.load_array(out, "resize")
    images = photographs(6, 20)[0][:5, :16]
    assert array.shape == (5, 8, 8, 3)
    for found, pixels in zip(array, images, strict=True):
        assert np.array_equal(found, area.resize(pixels, 8, aspect))


def test_a_region_of_interest_is_cut_out_first(folder: Path) -> None:
    table = files.read_table(folder / "photos.csv")
    table[["roi_x", "roi_y", "roi_w", "roi_h"]] = [4, 2, 8, 8]
    files.write_table(folder / "photos.csv", table)
    resize.resize(folder, folder / "photos.csv", folder / "images.npy", 4)
    wanted = area.resize(photographs(6, 20)[0][3, :16][2:10, 4:12], 4)
    assert np.array_equal(files.load_array(folder / "images.npy", "resize")[3], wanted)


def test_a_photograph_that_changed_since_it_was_ingested_is_refused(folder: Path) -> None:
    path = folder / "p2.png"
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"E_CHANGED: .*p2\.png"):
        resize.resize(folder, folder / "photos.csv", folder / "images.npy", 4)
    assert not (folder / "images.npy").exists()


def test_shards_hold_the_photographs_of_the_whole(folder: Path) -> None:
    resize.resize(folder, folder / "photos.csv", folder / "whole.npy", 8)
    for shard in range(4):  # 2, 2, 1 and no photographs
        out = folder / f"{shard}.npy"
        resize.resize(folder, folder / "photos.csv", out, 8, shard=shard, shard_size=2)
    arrays = files.load_shards([folder / f"{shard}.npy" for shard in range(4)], "resize")
    assert list(map(len, arrays)) == [2, 2, 1, 0]
    assert np.array_equal(np.concatenate(arrays), files.load_array(folder / "whole.npy", "resize"))
