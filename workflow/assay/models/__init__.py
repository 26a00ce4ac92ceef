"""The registry of architectures: this folder. A file added here is an architecture, by its name.

Everything but `load` is read from the sources with `ast`, so that a workflow driver can ask
without importing torch. A page has either `build(channels, size, outputs, *, option=default, ...)`
(a network) or `class Estimator` whose `__init__` takes its options (a baseline).
"""

from __future__ import annotations

import ast
import importlib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The architectures, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def networks() -> list[str]:
    """The architectures that are torch networks."""
    return [name for name in names() if kind(name) == "network"]


def kind(name: str) -> str:
    """What `name` is: `network` or `estimator`. ValueError if the page has neither or both."""
    kinds = {"build": "network", "Estimator": "estimator"}
    defined = [n.name for n in _page(name) if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    found = [kinds[definition] for definition in defined if definition in kinds]
    if len(found) != 1:
        raise ValueError(f"models/{name}.py needs either a function build or a class Estimator")
    return found[0]


def options(name: str) -> dict[str, Any]:
    """The options of an architecture with their defaults, in the order of its page."""
    return {argument.arg: ast.literal_eval(default) for argument, default in _options(name)}


def choices(name: str) -> dict[str, tuple[Any, ...]]:
    """The values an option may take, for the options that are annotated with a Literal."""
    return {
        argument.arg: _values(argument.annotation.slice)
        for argument, _ in _options(name)
        if isinstance(argument.annotation, ast.Subscript)
        and ast.unparse(argument.annotation.value) == "Literal"
    }


def multiple(name: str) -> int:
    """Picture sizes are rounded down to a multiple of this many pixels."""
    return _constant(name, "MULTIPLE", 1)


def smallest(name: str) -> int:
    """The smallest picture, in pixels, that the architecture can take."""
    return _constant(name, "SMALLEST", 1)


def invariant(name: str) -> str:
    """The exact invariance claimed: `dihedral` (turns, mirrors), `rotation90`, or '' for none."""
    return _constant(name, "INVARIANT", "")


def load(name: str) -> ModuleType:
    """Import the page of an architecture. ValueError if there is none of that name."""
    if name not in names():
        raise ValueError(f"no architecture is called {name!r}; there are {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name}")


@cache
def _page(name: str) -> list[ast.stmt]:
    return ast.parse((FOLDER / f"{name}.py").read_bytes()).body


def _options(name: str) -> list[tuple[ast.arg, ast.expr]]:
    """The keyword-only arguments, with defaults, of build or of Estimator.__init__."""
    body = _page(name)
    wanted = "build"
    if kind(name) == "estimator":
        body = next(n for n in body if isinstance(n, ast.ClassDef) and n.name == "Estimator").body
        wanted = "__init__"
    found = [n.args for n in body if isinstance(n, ast.FunctionDef) and n.name == wanted]
    pairs = [
        pair
        for arguments in found
        for pair in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    return [(argument, default) for argument, default in pairs if default is not None]


def _values(literal: ast.expr) -> tuple[Any, ...]:
    value = ast.literal_eval(literal)
    return value if isinstance(value, tuple) else (value,)


def _constant(name: str, constant: str, default: Any) -> Any:
    for node in _page(name):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == constant:
            return ast.literal_eval(node.value)
    return default
