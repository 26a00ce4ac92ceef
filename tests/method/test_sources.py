from __future__ import annotations

from pathlib import Path

import pytest

from assay.faults import BadInput
from assay.intake.labels import Columns
from assay.method import sources
from pictures import save, scene


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "deep/b.png", "deep/Thumbs.db", ".hidden.png", "IMG.001"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(save(scene(), "PNG"))
    (tmp_path / "photos" / "notes.txt").write_text("none")
    return tmp_path / "photos"


def test_folders_and_files(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    items = sources.of_paths([folder, folder / "a.png"])
    assert [item.image for item in items] == [
        "IMG.001",
        "a.png",
        "deep/b.png",
        str(folder / "a.png"),
    ]
    assert "1 other files left out" in caplog.text


def test_rows_of_a_table_in_their_order(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("image;who;x;y;w;h\ndeep/b.png;001;1;2;3;4\n../a.png;002;1;2;3;4\n")
    one, other = sources.of_table(folder, table, "image", "who", ["x", "y", "w", "h"])
    assert (one.sample, one.region, one.fault) == ("001", (1, 2, 3, 4), None)
    assert one.path == folder / "deep/b.png"
    assert "E_PATH" in str(other.fault)
    with pytest.raises(BadInput, match="E_COLUMNS"):
        sources.of_table(folder, table, "picture", "", [])
    table.write_text("image,x,y,w,h\na.png,1,2,3,-4\n")
    with pytest.raises(BadInput, match=r"E_ROI.*row 2"):
        sources.of_table(folder, table, "image", "", ["x", "y", "w", "h"])


def test_standards_need_their_values(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("image,concentration\na.png,100\n")
    (item,) = sources.of_standards(folder, table, Columns())
    assert item.known == 100
    table.write_text("image,concentration\na.png,about 100\ndeep/b.png,\n")
    with pytest.raises(BadInput) as caught:
        sources.of_standards(folder, table, Columns())
    assert [fault.code for fault in caught.value.faults] == ["E_LABEL_TEXT", "E_LABEL_MISSING"]
