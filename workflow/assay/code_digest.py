"""A digest of the code that a step runs: its module and all of ours that it imports, by content."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent


def digest(*modules: str) -> str:
    """A short digest of the sources of `modules` (`train`, `models.vgg`) and of their imports.

    Touching a file changes nothing, editing one does, so that a workflow driver can tell which
    results are stale. ValueError if there is no such module.
    """
    paths = sorted({path for module in modules for path in closure(module)})
    content = hashlib.sha256()
    for path in paths:
        content.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return content.hexdigest()[:16]


@cache
def closure(module: str) -> frozenset[Path]:
    """The source files of a module of this package and of everything of ours that it imports."""
    found: set[Path] = set()
    waiting = [_source(module)]
    while waiting:
        path = waiting.pop()
        if path is None or path in found:
            continue
        found.add(path)
        waiting += [_source(name) for name in _imports(path)]
    if not found:
        raise ValueError(f"no module {module} in {PACKAGE.name}")
    return frozenset(found)


def _source(module: str) -> Path | None:
    path = PACKAGE.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


@cache
def _imports(path: Path) -> list[str]:
    """Names within the package that a file imports: `from assay.x import y` may mean x or x.y."""
    names = []
    for node in _statements(ast.parse(path.read_bytes()).body):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    prefix = PACKAGE.name + "."
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]


def _statements(nodes: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Statements and those within them; expressions, which import nothing, are left out."""
    for node in nodes:
        yield node
        for inside in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _statements(getattr(node, inside, []))
