"""A step as a job of a run: one writer at a time, and an end that loses nothing.

A step becomes a job by its log: `<results>/logs/<name>.log` tells the folder of the run and the
job's name. By hand, without a log, nothing is locked.
"""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import os
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

logger = logging.getLogger("assay")

FOLDER: Path | None = None  # of the run; set by `running`, as is RULE
RULE = ""  # the step that runs, which is the rule's name
LOGS, LOCKS = "logs", ".locks"


class Stopped(BaseException):
    """The job was told to end by SIGTERM: a time limit, or the run that started it died."""


class _State:
    """The lock that is held (-1: none), and the signal that asks for the end but must wait."""

    lock = -1
    signal = 0
    waits = False


@contextmanager
def running(rule: str, log: Path | None) -> Iterator[None]:
    """Be the only writer of the job that `log` names, and ready to be stopped, inside.

    Waits while another process is at it: a run that was killed may leave a job behind.
    """
    global FOLDER, RULE
    before = {number: signal.signal(number, _hear) for number in (signal.SIGTERM, signal.SIGINT)}
    RULE, FOLDER = rule, folder_of(log) if log else None
    try:
        _watch_driver()
        if log and FOLDER:
            name = Path(os.path.relpath(log, FOLDER / LOGS))
            _hold(FOLDER / LOCKS / name.with_name(f"{name.name}.lock"))
        yield
    finally:
        RULE, FOLDER = "", None
        _let_go()
        for number, handler in before.items():
            signal.signal(number, handler)


def folder_of(log: Path) -> Path | None:
    """The folder of the run that a log belongs to; None if it lies in no folder `logs`."""
    return next((parent.parent for parent in log.parents if parent.name == LOGS), None)


def is_leader() -> bool:
    """Whether this process is the one of its team that writes: see learning/together.py."""
    return os.environ.get("RANK", "0") == "0"


def is_held() -> bool:
    """Whether this process is known to be the only writer of its files."""
    return _State.lock >= 0


def _hold(path: Path) -> None:
    """Take the lock at `path` for the life of this process; its file stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 100, 0).decode(errors="replace").strip()
        logger.warning("Another process (%s) still writes these files: waiting for it.", holder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:  # some network file systems have none
        logger.warning("No lock here (%s): don't start two runs at once.", error.strerror)
        return
    _State.lock = descriptor
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.uname().nodename}, process {os.getpid()}\n".encode(), 0)


def _let_go() -> None:
    if is_held():
        os.close(_State.lock)
        _State.lock = -1


def _in_child() -> None:
    """In a forked worker: neither the lock nor the signals are its business."""
    if is_held():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    _let_go()


os.register_at_fork(after_in_child=_in_child)


def _hear(number: int, _: FrameType | None) -> None:
    """Note the signal if it must wait; a second one, or at any other time: end at once."""
    if _State.waits and not _State.signal:
        _State.signal = number
        return
    raise KeyboardInterrupt if number == signal.SIGINT else Stopped


@contextmanager
def finishing() -> Iterator[None]:
    """Hold SIGTERM and Ctrl-C back: the work inside asks `stop_wished` and ends by `stop`."""
    _State.waits = True
    try:
        yield
    finally:
        _State.waits = False
    stop()


def stop_wished() -> bool:
    """Whether a signal has come that is held back."""
    return bool(_State.signal)


def stop() -> None:
    """End as the signal that came would have; if none came nothing happens."""
    number, _State.signal = _State.signal, 0
    if number:
        raise KeyboardInterrupt if number == signal.SIGINT else Stopped


def process_namespace() -> str:
    """What process ids are relative to; empty where the system doesn't tell."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _watch_driver() -> None:
    """Send SIGTERM to ourselves when the process that drives the run dies, even by SIGKILL.

    ASSAY_DRIVER is its namespace and process id. Inside a container with processes of its own the
    id means nothing, and nothing is watched.
    """
    namespace, _, number = os.environ.get("ASSAY_DRIVER", "").partition(" ")
    if namespace and namespace == process_namespace():
        end_with(int(number), signal.SIGTERM)


def end_with_parent() -> None:
    """Kill this worker when its parent dies: it would wait for work for ever.

    To be called in a worker process, as the initializer of its pool.
    """
    parent = multiprocessing.parent_process()
    if parent and parent.pid:
        end_with(parent.pid, signal.SIGKILL)


def end_with(process: int, by: int) -> None:
    """Send the signal `by` to ourselves when another process is gone; Linux only."""
    if not hasattr(os, "pidfd_open"):
        return
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        os.kill(os.getpid(), by)
        return

    def wait() -> None:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll()
        os.kill(os.getpid(), by)

    threading.Thread(target=wait, daemon=True, name=f"end with {process}").start()
