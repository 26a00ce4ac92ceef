"""A typed function becomes its command line.

Names, types and defaults come from the signature, the help from the docstring.
"""

from __future__ import annotations

import argparse
import inspect
import json
import logging
import sys
import typing
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any

from assay import progress
from assay.faults import BadInput


def parser(step: Callable[..., None]) -> argparse.ArgumentParser:
    """Derive a parser: `--name VALUE` a parameter; a list takes several, a dataclass is JSON.

    Parameters before a `/` in the signature are words without a flag.
    """
    result = argparse.ArgumentParser(
        prog=f"python -m {_module(step)}", description=inspect.getdoc(step)
    )
    hints = typing.get_type_hints(step)
    for name, parameter in inspect.signature(step).parameters.items():
        words = _argument(hints[name], parameter.default)
        if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            del words["required"]
            result.add_argument(name, **words | {"metavar": name.upper()})
        else:
            result.add_argument("--" + name.replace("_", "-"), **words)
    result.add_argument("--log", type=Path, help="also write messages, with times, to this file")
    result.add_argument(
        "--quiet", action="store_true", help="no progress bar and no messages; errors only"
    )
    return result


def _module(step: Callable[..., None]) -> str:
    spec = sys.modules["__main__"].__spec__ if step.__module__ == "__main__" else None
    return spec.name if spec else step.__module__


def _argument(kind: Any, default: Any) -> dict[str, Any]:
    required = default is inspect.Parameter.empty
    words: dict[str, Any] = {"required": required} if required else {"default": default}
    if typing.get_origin(kind) in (typing.Union, UnionType):  # X | None
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    if typing.get_origin(kind) is list:
        words["nargs"], kind = "*", typing.get_args(kind)[0]
    if typing.get_origin(kind) is typing.Literal:
        return words | {"choices": typing.get_args(kind)}
    if kind is bool:
        return {"action": argparse.BooleanOptionalAction, **words}
    if kind is dict or typing.get_origin(kind) is dict:
        return words | {"type": json.loads, "metavar": "JSON"}
    if is_dataclass(kind):
        return words | {
            "type": lambda text: typing.cast(type, kind)(**json.loads(text)),
            "metavar": "JSON",
        }
    return words | {"type": kind, "metavar": kind.__name__.upper()}


def run(step: Callable[..., None], words: Sequence[str] | None = None) -> None:
    """Run `step` and leave: 0 done, 2 bad input (its sentences on stderr), 130 interrupted."""
    sys.exit(_run(step, words))


def _run(step: Callable[..., None], words: Sequence[str] | None) -> int:
    settings = vars(parser(step).parse_args(words))
    log, quiet = settings.pop("log"), settings.pop("quiet")
    _start_logging(log, quiet)
    progress.QUIET = quiet
    logger = logging.getLogger("assay")
    try:
        step(*_unflagged(step, settings), **settings)
    except BadInput as bad:
        for fault in bad.faults:
            logger.error("%s", fault)
        return 2
    except KeyboardInterrupt:
        logger.error("Interrupted; nothing half-made was kept. The same command goes on from here.")
        return 130
    return 0


def _unflagged(step: Callable[..., None], settings: dict[str, Any]) -> list[Any]:
    """Take the values of the parameters before a `/` out of the settings."""
    parameters = inspect.signature(step).parameters.values()
    names = [p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_ONLY]
    return [settings.pop(name) for name in names]


def _start_logging(log: Path | None, quiet: bool) -> None:
    logger = logging.getLogger("assay")
    logger.setLevel(logging.INFO)
    screen = logging.StreamHandler(sys.stderr)
    screen.setLevel(logging.ERROR if quiet else logging.INFO)
    logger.addHandler(screen)
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        file = logging.FileHandler(log, mode="w", encoding="utf-8")
        file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(file)
