"""Where pictures may lie, and what their names may be."""

import os
import socket

import pytest

import pictures
from assay import images
from assay.faults import BadInput
from assay.images import ReadingOptions
from assay.ingest import is_picture
from assay.reading import names, paths

DEFAULT = ReadingOptions()


def code_of(folder, name) -> str:
    try:
        paths.locate(folder, name)
    except BadInput as bad:
        return bad.faults[0].code
    return ""


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "photos"
    (inside / "sub").mkdir(parents=True)
    for place in (inside / "a.png", inside / "sub" / "b.png", tmp_path / "secret.png"):
        place.write_bytes(pictures.kinds()["rgb.png"])
    return inside


@pytest.mark.parametrize("name", ["a.png", "sub/b.png", "./a.png", "sub//b.png"])
def test_files_inside_the_folder_are_found(folder, name):
    assert code_of(folder, name) == ""


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("/etc/hostname", "E_PATH"),
        ("../secret.png", "E_PATH"),
        ("sub/../../secret.png", "E_PATH"),
        ("sub/../a.png", "E_PATH"),
        ("..", "E_PATH"),
        (r"..\secret.png", "E_PATH"),
        (r"C:\photos\a.png", "E_PATH"),
        (r"\\server\share\a.png", "E_PATH"),
        ("https://example.org/a.png", "E_PATH"),
        ("file:///etc/hostname", "E_PATH"),
        ("data:image/png;base64,AAAA", "E_PATH"),
        ("", "E_MISSING"),
        (" ", "E_MISSING"),
        ("gone.png", "E_MISSING"),
        ("A.PNG", "E_MISSING"),
        ("a.png/b.png", "E_MISSING"),
        ("x" * 5000, "E_MISSING"),
        ("a\0.png", "E_MISSING"),
        ("\udc80.png", "E_MISSING"),
        ("sub", "E_SPECIAL"),
    ],
)
def test_names_that_lead_elsewhere_or_nowhere(folder, name, code):
    assert code_of(folder, name) == code


@pytest.mark.parametrize(
    ("name", "near"),
    [("A.PNG", "a.png"), ("a.jpg", "a.png"), ("aa.png", "a.png"), ("sub/B.png", "sub/b.png")],
)
def test_the_near_name_is_suggested(folder, name, near):
    with pytest.raises(BadInput, match=f"Did you mean '{near}'"):
        paths.locate(folder, name)


def test_unicode_forms_are_different_files_and_the_other_is_suggested(folder):
    (folder / "cafe\u0301.png").write_bytes(b"x")
    with pytest.raises(BadInput, match="Did you mean"):
        paths.locate(folder, "caf\u00e9.png")


def test_links(folder):
    (folder / "good.png").symlink_to("sub/b.png")
    (folder / "out.png").symlink_to("../secret.png")
    (folder / "outside").symlink_to("..")
    (folder / "dangling.png").symlink_to("nothing")
    (folder / "loop.png").symlink_to("pool.png")
    (folder / "pool.png").symlink_to("loop.png")
    (folder / "folder.png").symlink_to("sub")
    (folder / "zero.png").symlink_to("/dev/zero")
    assert code_of(folder, "good.png") == ""
    assert paths.locate(folder, "good.png")[1] == paths.locate(folder, "sub/b.png")[1]
    assert code_of(folder, "out.png") == "E_PATH"
    assert code_of(folder, "outside/secret.png") == "E_PATH"
    assert code_of(folder, "outside/photos/a.png") == ""
    assert code_of(folder, "dangling.png") == "E_MISSING"
    assert code_of(folder, "loop.png") == "E_SPECIAL"
    assert code_of(folder, "folder.png") == "E_SPECIAL"
    assert code_of(folder, "zero.png") == "E_SPECIAL"


def test_a_photo_folder_that_is_a_link_itself_is_fine(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert code_of(tmp_path / "link", "a.png") == ""


def test_pipes_sockets_and_folders_do_not_hang(folder, monkeypatch):
    monkeypatch.chdir(folder)  # a socket's path must be short
    os.mkfifo("pipe.png")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("socket.png")
    for name in ("pipe.png", "socket.png", "sub"):
        assert code_of(folder, name) == "E_SPECIAL"
    for name in ("pipe.png", "sub"):
        with pytest.raises(BadInput, match="E_SPECIAL"):
            images.read(folder / name, DEFAULT)
    with pytest.raises(BadInput):
        images.read(folder / "socket.png", DEFAULT)
    with pytest.raises(BadInput, match="E_SPECIAL"):
        images.read(folder.__class__("/dev/zero"), DEFAULT)
    listener.close()


def test_folder_is_listed_without_hidden_files_and_residue(folder):
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", ".hidden.png", "._a.png"):
        (folder / name).write_bytes(b"x")
    for name in ("__MACOSX", ".ipynb_checkpoints"):
        (folder / name).mkdir()
        (folder / name / "a.png").write_bytes(b"x")
    assert list(paths.listed(folder)) == ["a.png", "sub/b.png"]
    assert is_picture(folder / "a.png")
    assert not is_picture(folder / "Thumbs.db")
    assert not is_picture(folder / "sub")


@pytest.mark.parametrize(
    ("name", "awkward"),
    [
        ("a.png", False),
        ("with space.png", False),
        ("tab\tname.png", False),
        ("测试图.png", False),
        ("new\nline.png", True),
        ("rtl\u202egnp.png", True),
        ("zero\u200bwidth.png", True),
        ("bell\a.png", True),
    ],
)
def test_invisible_characters_in_names(name, awkward):
    assert bool(names.awkward(name)) == awkward


def test_lookalike_names():
    composed, decomposed = "caf\u00e9.png", "cafe\u0301.png"
    found = names.lookalikes(
        ["IMG_1.PNG", "img_1.png", composed, decomposed, "b.png", "b\u200b.png"]
    )
    assert set(found) == {"IMG_1.PNG", "img_1.png", decomposed, "b.png", "b\u200b.png"}
    assert found["IMG_1.PNG"] == ["img_1.png"]
