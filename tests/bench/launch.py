"""Run a command and write its cost: python launch.py OUT COMMAND ...

A process of its own, because a process counts the memory of the one that started it as its own
peak: this one has little. OUT: seconds, seconds of processor, MiB of the largest process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main(out: str, *words: str) -> int:
    """Run the command to its end; return its status."""
    start = time.perf_counter()
    child = subprocess.Popen(words)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    told = wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    with open(out, "w") as file:  # noqa: PTH123 - pathlib would double this process's memory
        json.dump(told, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
