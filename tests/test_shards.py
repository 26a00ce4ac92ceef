"""How photographs are parted into files."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay import shards


@pytest.mark.parametrize(("photographs", "wanted"), [(0, 1), (1, 1), (10, 1), (11, 2), (20, 2)])
def test_number_of_shards(photographs: int, wanted: int) -> None:
    assert shards.of(photographs, 10) == wanted


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_of_a_table_are_counted(tmp_path: Path, end: str, last: bool) -> None:
    table = tmp_path / "labels.csv"
    lines = ["image,concentration", *(f"{n}.png,{n}" for n in range(21))]
    table.write_bytes((end.join(lines) + end * last).encode())
    assert shards.count(table, 10) == 3


def test_what_has_no_lines_is_one_shard(tmp_path: Path) -> None:
    assert shards.count(tmp_path / "none.csv", 1) == 1
    (tmp_path / "labels.xlsx").write_bytes(b"PK\3\4" + b"\n" * 100)
    assert shards.count(tmp_path / "labels.xlsx", 1) == 1


def test_shards_are_the_photographs_in_order() -> None:
    parts = [range(25)[shards.part(shard, 10, 25)] for shard in range(4)]
    assert [n for part in parts for n in part] == list(range(25))
    assert list(map(len, parts)) == [10, 10, 5, 0]
    assert range(25)[shards.part(0, 0, 25)] == range(25), "all"
