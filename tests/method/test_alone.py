"""A delivered method on a computer that has the extra `predict` and nothing else of Assay's."""

from __future__ import annotations

import json
import re
import resource
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

from assay import files
from assay.method.description import FORMAT

pytestmark = pytest.mark.slow


def closure(names: set[str]) -> set[str]:
    """The packages and all that they need."""
    found: set[str] = set()
    while names:
        name = names.pop()
        found.add(name)
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                names |= {needed.name.lower().replace("_", "-")} - found
    return found


def locked(root: Path, names: set[str]) -> str:
    """The lines of the lock, with hashes, of these packages."""
    blocks = re.split(r"\n(?=\S)", (root / "envs" / "requirements.lock").read_text())
    return "\n".join(b for b in blocks if re.split(r"[=\[ ]", b, maxsplit=1)[0] in names)


@pytest.fixture(scope="module")
def alone(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A Python with the extra `predict`, pinned as in the lock, and a folder with the sources."""
    place = tmp_path_factory.mktemp("another computer")
    extra = re.search(r"(?s)^predict = \[\n(.*?)^\]", (root / "pyproject.toml").read_text(), re.M)
    assert extra
    names = closure(set(re.findall(r'"([a-z0-9-]+)', extra[1])))
    assert not {"torch", "pandas", "scipy"} & names
    (place / "requirements.txt").write_text(locked(root, names))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "venv"], check=True)
    python = place / "venv" / "bin" / "python"
    words = [
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "-r",
        place / "requirements.txt",
    ]
    pip = [sys.executable, "-m", "pip", "--python", python, *words]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no packages here: {done.stderr.strip().splitlines()[-1]}")
    shutil.copytree(root / "workflow", place / "workflow")
    return python, place


def run(alone: tuple[Path, Path], *words: object) -> subprocess.CompletedProcess[str]:
    """The command in an environment that knows of nothing else."""
    python, place = alone
    environment = {"PYTHONPATH": str(place / "workflow"), "PATH": "/usr/bin:/bin"}
    command = [str(word) for word in (python, *words)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=place
    )


@pytest.mark.parametrize("name", ["mean", "vgg"])
@pytest.mark.parametrize("number", range(1, FORMAT + 1))
def test_stored_numbers_come_without_torch_and_training_data(
    alone: tuple[Path, Path], root: Path, tmp_path: Path, number: int, name: str
) -> None:
    for absent in ("torch", "pandas", "scipy", "assay.nothing"):
        assert run(alone, "-c", f"import {absent}").returncode, absent
    data = root / "tests" / "data" / f"method-{number}"
    method, photos = (shutil.copytree(data / part, tmp_path / part) for part in (name, "photos"))
    names = ("o.csv", "o.html", "o.xlsx", "s.csv")
    flags = ("--out", "--page-out", "--xlsx", "--samples")
    outputs = [word for pair in zip(flags, names, strict=True) for word in pair]
    outputs = [tmp_path / word if word in names else word for word in outputs]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run(alone, "-m", "assay.predict", method, photos, *outputs)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 3
    found, wanted = (
        files.read_table(tmp_path / "o.csv", sealed=False),
        files.read_table(data / f"{name}.csv", sealed=False),
    )
    for column in ("concentration", "lower", "upper"):
        assert np.abs(found[column] - wanted[column]).max() < 1e-4 * (350 - 80)
    assert all((tmp_path / one).stat().st_size > 100 for one in names)


def test_standards_set_a_method_right_there_too(
    alone: tuple[Path, Path], root: Path, tmp_path: Path
) -> None:
    data = root / "tests" / "data" / f"method-{FORMAT}"
    found = files.read_table(data / "vgg.csv", sealed=False)
    rows = [f"{row.image},{row.concentration + 9}" for row in found.itertuples()]
    (tmp_path / "s.csv").write_text("\n".join(["image,concentration", *rows]) + "\n")
    words = ("--table", tmp_path / "s.csv", "--out", tmp_path / "new")
    done = run(alone, "-m", "assay.recalibrate", data / "vgg", data / "photos", *words)
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "new" / "method.json").read_text(encoding="utf-8"))
    assert told["adjustment"]["offset"] == pytest.approx(9, abs=0.1)
    assert told["parent"] == files.sha256(data / "vgg" / "method.json")
