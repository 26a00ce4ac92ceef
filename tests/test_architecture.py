"""The laws of the house: see README, "The map of the house"."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "workflow" / "assay"
MODULES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_bytes()) for path in MODULES}
# a rule's directives and its command line are one line each: the smoke alarm is set for its shape
FILE_LINES, FUNCTION_LINES, RULE_LINES = 300, 40, 50


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def is_step(path: Path) -> bool:
    return "cli.run(" in path.read_text()


def imports(path: Path) -> set[str]:
    """Modules of ours that a file imports."""
    known = {name_of(module) for module in MODULES}
    found = set()
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "assay":
            base = (node.module or "").removeprefix("assay").lstrip(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                found.add(inner if inner in known else base)
    return found - {""}


STEPS = {name_of(path) for path in MODULES if is_step(path)}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    name = name_of(path)
    assert not imports(path) & (STEPS - {name}), "steps meet in files, nothing imports a step"
    if name.startswith("models."):
        leaves = {
            "parts.layers",
            "parts.regressors",
            "pictures.colour",
            "pictures.stack",
            "learning.pretrained",
        }
        assert imports(path) <= leaves | {"faults"}
    if name != "config":
        assert "schema" not in imports(path)
    assert "config" not in imports(path), "only the driver imports the settings"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_and_functions_stay_short(path: Path) -> None:
    assert path.read_text().count("\n") <= FILE_LINES
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.FunctionDef):
            length = node.end_lineno - node.lineno + 1
            # a step's signature is its command line, and may be long
            signature = node.body[0].lineno - node.lineno
            assert length - (signature if name_of(path) in STEPS else 0) <= FUNCTION_LINES, (
                node.name
            )


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_driver_is_not_named_and_nothing_runs_what_it_reads(path: Path) -> None:
    text = path.read_text()
    assert "snakemake" not in text.lower() or name_of(path) == "report"
    assert not re.search(r"\bpickle\b|(?<!\.)\beval\(|\bexec\(|shell=True|weights_only=False", text)


@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_step_a_rule_and_a_test_share_one_name(name: str) -> None:
    tree = TREES[PACKAGE / f"{name.replace('.', '/')}.py"]
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert name in functions
    assert (PACKAGE.parent.parent / "tests" / f"test_{name}.py").is_file()
    rules = "".join(path.read_text() for path in (PACKAGE.parent / "rules").glob("*.smk"))
    assert re.search(rf"\brule {name}:", rules)
    assert re.search(rf"(python -m|{{params.launcher}}) assay\.{name} ", rules)


def test_rules_are_commands_and_short() -> None:
    for path in (PACKAGE.parent / "rules").glob("*.smk"):
        for rule in re.split(r"\n(?=\s*(?:use )?rule )", path.read_text())[1:]:
            assert rule.strip().count("\n") <= RULE_LINES, rule.split(":")[0]
            assert not re.search(r"^\s*(run|script):", rule, re.MULTILINE), rule.split(":")[0]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_names_have_docstrings(path: Path) -> None:
    assert ast.get_docstring(TREES[path])
    for node in TREES[path].body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
