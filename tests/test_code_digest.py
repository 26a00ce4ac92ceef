from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay import code_digest


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "assay"
    (folder / "inner").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "step.py").write_text("from assay import leaf\nfrom assay.inner import deep\n")
    (folder / "leaf.py").write_text("import os\n")
    (folder / "other.py").write_text("x = 1\n")
    (folder / "inner" / "__init__.py").write_text("")
    (folder / "inner" / "deep.py").write_text("import assay.leaf\n")
    monkeypatch.setattr(code_digest, "PACKAGE", folder)
    code_digest.closure.cache_clear()
    yield folder
    code_digest.closure.cache_clear()


def test_the_closure_holds_what_is_imported_and_nothing_else(package: Path) -> None:
    found = {path.relative_to(package).as_posix() for path in code_digest.closure("step")}
    assert found == {"step.py", "leaf.py", "inner/__init__.py", "inner/deep.py"}


@pytest.mark.parametrize(
    "place",
    [
        "def late():\n    {}\n",
        "if True:\n    pass\nelse:\n    {}\n",
        "try:\n    pass\nexcept OSError:\n    {}\nelse:\n    pass\n",
        "try:\n    pass\nfinally:\n    {}\n",
        "class Late:\n    def method(self):\n        with open('x'):\n            {}\n",
        "match 1:\n    case 1:\n        {}\n",
    ],
)
def test_an_import_is_found_wherever_it_stands(package: Path, place: str) -> None:
    (package / "late.py").write_text(place.format("from assay import leaf"))
    assert package / "leaf.py" in code_digest.closure("late")


@pytest.mark.parametrize("name", ["step.py", "leaf.py", "inner/deep.py"])
def test_editing_what_a_step_imports_changes_its_digest(package: Path, name: str) -> None:
    before = code_digest.digest("step")
    (package / name).write_text((package / name).read_text() + "# edited\n")
    assert code_digest.digest("step") != before


def test_touching_and_editing_elsewhere_change_nothing(package: Path) -> None:
    before = code_digest.digest("step")
    os.utime(package / "leaf.py")
    (package / "other.py").write_text("x = 2\n")
    assert code_digest.digest("step") == before


def test_moving_the_package_changes_nothing(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_digest.digest("step")
    moved = package.parent / "elsewhere" / "assay"
    moved.parent.mkdir()
    package.rename(moved)
    monkeypatch.setattr(code_digest, "PACKAGE", moved)
    code_digest.closure.cache_clear()
    assert code_digest.digest("step") == before


def test_a_module_that_is_not_there_is_an_error(package: Path) -> None:
    with pytest.raises(ValueError, match="no module nothing"):
        code_digest.digest("nothing")
