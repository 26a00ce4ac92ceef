"""What the README says exists, exists, and its examples run."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
import torch
import yaml
from packaging.requirements import Requirement

from assay import cli, config, ingest, predict


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def blocks(readme: str, language: str) -> list[str]:
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    return [text for name, text in fences if name == language]


def test_every_make_target_exists(root: Path, readme: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?<![a-z])make ([a-z][a-z-]*)", readme))
    assert {"report", "test", "lint"} <= named <= targets


def test_every_study_and_file_exists(root: Path, readme: str) -> None:
    studies = {path.name for path in (root / "workflow" / "studies").glob("*.yaml")}
    assert set(re.findall(r"`([a-z_]+\.yaml)`", readme)) - {"config.yaml"} == studies
    for link in re.findall(r"\]\(([^)]+)\)", readme):
        assert (root / link).exists(), link
    (shown,) = [block for block in blocks(readme, "") if "Snakefile" in block]
    for line in shown.strip().splitlines():
        for name in line.split("  ")[0].split(", "):
            assert list(root.glob(name.strip().rstrip("/"))), name


def test_the_settings_shown_are_valid(root: Path, readme: str) -> None:
    raw = yaml.safe_load((root / "config.yaml").read_text())
    own, experiments = (yaml.safe_load(block) for block in blocks(readme, "yaml"))
    loaded = config.load(raw | own)
    assert loaded.data.photos == "my/photos"
    off: dict[str, object] = {"questions": [], "sample_size": {}, "transfer": {}}
    loaded = config.load(raw | experiments | off)
    assert loaded.experiment("my_resnet").options["depth"] == 32


def test_the_first_look_is_a_command_that_exists(readme: str) -> None:
    (command,) = [block for block in blocks(readme, "sh") if "assay.ingest" in block]
    words = command.replace("\\\n", " ").split()[3:]
    assert vars(cli.parser(ingest.ingest).parse_args(words))["sample_column"] == "sample"


def test_predicting_is_a_command_that_exists(readme: str) -> None:
    (command,) = [block for block in blocks(readme, "sh") if "assay.predict" in block]
    words = vars(cli.parser(predict.predict).parse_args(command.split()[3:]))
    assert words["out"] == Path("predictions.csv")


def test_no_command_takes_assay_from_a_registry_where_it_is_not(root: Path) -> None:
    """Nor somebody else's package of that name: what is missing is named itself."""
    kinds = ("*.md", "*.py", "*.yaml", "*.smk", "*.html")
    folders = [root / "docs", root / "envs", root / "workflow"]
    paths = [path for folder in folders for kind in kinds for path in folder.rglob(kind)]
    assert len(paths) > 200
    wrong = re.compile(r"pip install [^\n`)]*\bassay\b")
    found = [path for path in [root / "README.md", *paths] if wrong.search(path.read_text())]
    assert not found


def test_predicting_elsewhere_takes_the_packages_of_its_extra(root: Path, readme: str) -> None:
    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needed = {Requirement(line).name for line in extras["optional-dependencies"]["predict"]}
    for text in (readme, (root / "docs" / "method-format.md").read_text()):
        (named,) = re.findall(r"pip install (numpy [a-z ]*\w)", text)
        assert set(named.split()) == needed - {"openpyxl"}  # for --xlsx alone


def test_the_architecture_shown_is_one(readme: str, tmp_path: Path) -> None:
    (page,) = blocks(readme, "python")
    path = tmp_path / "pooled_line.py"
    path.write_text(page)
    spec = importlib.util.spec_from_file_location("pooled_line", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.build(3, 64, 1)
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 1)
    stated = re.search(r"Parameters at 64 px and width 1: (\d+)", page)
    assert stated
    assert int(stated[1]) == sum(weight.numel() for weight in network.parameters())
