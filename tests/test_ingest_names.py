"""Names of files: missing, unlisted, hidden or hostile; they are only text."""

import os

import pictures
from laboratory import shot


def test_a_missing_folder_is_one_fault(lab):
    lab.photos = lab.photos.parent / "elsewhere"
    assert lab.refused() == ["E_MISSING"]


def test_thousands_of_missing_names_are_told_quickly(lab):
    for number in range(3000):
        (lab.photos / f"photo{number:04d}.png").write_bytes(b"x")
        lab.rows.append({"image": f"photo{number:04d}.jpg", "concentration": 99})
    assert lab.refused() == ["E_MISSING"] * 3000
    assert "photo0000.png" in lab.told("faults")[0]["remedy"]


def test_unlisted_pictures_and_residue(lab):
    (lab.photos / "sub").mkdir()
    (lab.photos / "sub" / "extra").write_bytes(pictures.kinds()["baseline.jpg"])
    (lab.photos / "notes.txt").write_text("no picture")
    (lab.photos / ".hidden.png").write_bytes(pictures.kinds()["rgb.png"])
    os.mkfifo(lab.photos / "pipe.png")
    (lab.photos / os.fsdecode(b"odd\xff.png")).write_bytes(pictures.kinds()["rgb.png"])
    lab.ingest()
    assert sorted(fault["file"] for fault in lab.told()) == ["odd\\udcff.png", "sub/extra"]
    assert set(lab.warned()) == {"W_UNLISTED"}


def test_a_listed_hidden_file_is_read(lab):
    lab.add(".hidden.png", shot(77), 99)
    assert lab.ingest()["image"].tolist()[-1] == ".hidden.png"


def test_spaces_around_a_name_are_told(lab):
    lab.rows[0]["image"] = "0.png "
    assert lab.ingest()["image"].tolist()[0] == "0.png"
    assert lab.warned() == ["W_SPACE"]


HOSTILE = [
    "$(touch PWNED).png",
    "`touch PWNED`.png",
    "a;touch PWNED;.png",
    "a && touch PWNED.png",
    "-rf.png",
    "*.png",
    "{image}.png",
    "%s%n.png",
    "<img src=x onerror=alert(1)>.png",
    '"quoted".png',
    "=1+1.png",
    "+cmd|' calc'!A0.png",
    "@sum.png",
    "new\nline.png",
    "rtl\u202egnp.png",
]


def test_hostile_names_are_only_text(lab, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    lab.rows = []
    for number, name in enumerate(HOSTILE):
        lab.add(name, shot(number)[:20, :20], 80 + number)
    table = lab.ingest()
    assert table["image"].tolist() == HOSTILE
    for fault in lab.told():  # W_SMALL for each: nothing that a spreadsheet takes for a formula
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in fault.values())
    assert not list(tmp_path.rglob("PWNED"))
