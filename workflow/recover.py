"""After a crash: take away the lock that a killed run left here, so that the next one goes on.

`make report` calls it first. It does what `snakemake --unlock` does, but only if no run is alive.
Exit code 0: a run may start; 2: another one is at work.
"""

from __future__ import annotations

import fcntl
import shutil
import sys
from pathlib import Path

STATE = Path(".snakemake")
BUSY = (
    "Another run is at work in this folder. Wait until it has ended, or end it (Ctrl-C where it "
    "was started), then repeat the command."
)
UNKNOWN = (
    "The last run left a lock, and this file system doesn't tell whether that run is still alive. "
    "If it isn't, type: snakemake --unlock"
)
ENDED = "The last run was killed or crashed. What it finished is kept; the rest is made now."


def recover() -> int:
    """Remove a stale lock; the exit code."""
    locks = STATE / "locks"
    if not locks.is_dir() or not any(locks.iterdir()):
        return 0
    # a living run holds this lock, see rules/common.smk; we hold it until its own is taken away
    with (STATE / "assay.lock").open("a") as alive:
        try:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(BUSY, file=sys.stderr)
            return 2
        except OSError:
            print(UNKNOWN, file=sys.stderr)
            return 2
        shutil.rmtree(locks)
    print(ENDED, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(recover())
