"""A typed function becomes its command line.

Names, types and defaults come from the signature, the help from the docstring.
"""

from __future__ import annotations

import argparse
import errno
import inspect
import json
import logging
import sys
import typing
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from functools import partial
from pathlib import Path
from types import UnionType
from typing import Any

from assay import job, program, progress
from assay.faults import BadInput, Fault


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
    """Run `step` and leave: 0 done, 2 bad input (its sentences on stderr), 130 or 143 stopped."""
    if step.__module__ != "__main__":
        sys.exit(_run(step, words))
    program.imported()
    program.leave(_run(step, words))


def _run(step: Callable[..., None], words: Sequence[str] | None) -> int:
    settings = vars(parser(step).parse_args(words))
    log, quiet = settings.pop("log"), settings.pop("quiet")
    if not job.is_leader():
        log, quiet = None, True
    _start_logging(quiet)
    progress.QUIET = quiet
    try:
        with job.running(step.__name__, log):
            if log:
                _log_to(log)
            return _ended(partial(step, *_unflagged(step, settings), **settings))
    except BaseException as error:  # before the log was there
        return _told(error)


def _ended(work: Callable[[], None]) -> int:
    """Do the work and say how it ended, in the log as well; the exit code."""
    try:
        work()
    except BaseException as error:
        return _told(error)
    return 0


def _told(error: BaseException) -> int:
    """Say in a sentence what ended a step; its exit code. What nobody foresaw is raised anew."""
    logger = logging.getLogger("assay")
    if isinstance(error, BadInput):
        for fault in error.faults:
            logger.error("%s", fault)
        return 2
    if isinstance(error, KeyboardInterrupt | job.Stopped):
        by_hand = isinstance(error, KeyboardInterrupt)
        logger.error("%s; %s", "Interrupted" if by_hand else STOPPED, GOES_ON)
        return 130 if by_hand else 143
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        logger.error("%s", full(error))
        return 2
    raise error


STOPPED = "Stopped by SIGTERM (a time limit, say) or by the end of the run that started it"
GOES_ON = "nothing half-made was kept. The same command goes on from here."


def full(error: OSError) -> Fault:
    """The sentence for a disk without space."""
    where = error.filename if isinstance(error.filename, str) else ""
    remedy = "Free some space and repeat the command: nothing half-made was kept."
    return Fault("E_DISK", f"the disk is full ({error.strerror}).", remedy, file=where)


def _unflagged(step: Callable[..., None], settings: dict[str, Any]) -> list[Any]:
    """Take the values of the parameters before a `/` out of the settings."""
    parameters = inspect.signature(step).parameters.values()
    names = [p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_ONLY]
    return [settings.pop(name) for name in names]


def _start_logging(quiet: bool) -> None:
    logger = logging.getLogger("assay")
    logger.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a full disk costs the log its lines, nothing else
    screen = logging.StreamHandler(sys.stderr)
    screen.setLevel(logging.ERROR if quiet else logging.INFO)
    logger.addHandler(screen)


def _log_to(log: Path) -> None:
    """Write messages to this file as well: a new one, for by now it is this job's alone."""
    log.parent.mkdir(parents=True, exist_ok=True)
    file = logging.FileHandler(log, mode="w", encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger("assay").addHandler(file)
