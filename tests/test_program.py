"""A step as a program: the garbage collector waits for the imports, the end is quick and whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from assay import program

# Runs before the step; tells at the end what the collector did while the step was imported, and
# whether the process was taken apart.
WATCH = """
import atexit, gc, json, os, sys, threading, time

searched = []

def look(phase, _):
    if phase == "start" and "pandas" in sys.modules and not gc.get_freeze_count():
        searched.append(len(sys.modules))

class Kept:
    def __del__(self, write=os.write):
        write(1, b"taken apart")

def tell():
    state = {"searched": searched, "kept": gc.get_freeze_count(), "enabled": gc.isenabled()}
    print(json.dumps(state))

gc.callbacks.append(look)
atexit.register(tell)
sys.kept = Kept()
threading.Thread(target=lambda: (time.sleep(2), print("a thread ended"))).start()
"""


def environment(*folders: Path) -> dict[str, str]:
    """Modules are found in these folders first, then where they are found here."""
    places = [*folders, Path(program.__file__).parent.parent, *filter(None, sys.path)]
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, places))}


def split(tiny: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A step as the workflow starts it, watched."""
    (tiny / "watch").mkdir()
    (tiny / "watch" / "sitecustomize.py").write_text(WATCH)
    flags = ["--table", str(tiny / "photos.csv"), "--out", str(tiny / "new.csv"), *words]
    return subprocess.run(
        [sys.executable, "-m", "assay.split", *flags],
        env=environment(tiny / "watch"),
        capture_output=True,
        text=True,
    )


def test_nothing_is_searched_while_a_step_is_imported_and_the_end_is_whole(tiny: Path) -> None:
    done = split(tiny, "--folds", "3")
    assert done.returncode == 0, done.stderr
    first, last = done.stdout.splitlines()
    told = json.loads(last)
    assert first == "a thread ended"
    assert told["searched"] == []
    assert told["kept"] > 10_000
    assert told["enabled"]


def test_the_exit_code_and_the_sentence_of_bad_input_get_out(tiny: Path) -> None:
    done = split(tiny, "--folds", "1000")
    assert done.returncode == 2
    assert done.stderr.startswith("E_")
    assert "taken apart" not in done.stdout


def python(code: str, out: int | IO[str] = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """These lines, where the step's modules are found."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_text_that_cannot_be_written_is_told_as_python_tells_it() -> None:
    with Path("/dev/full").open("w") as full:
        bare = python("import sys; print('a result'); sys.exit(0)", full)
        ours = python("from assay import program; print('a result'); program.leave(0)", full)
    assert ours.returncode == bare.returncode != 0
    assert ours.stderr.splitlines()[-1] == bare.stderr.splitlines()[-1]


@pytest.mark.parametrize("closed", ["1>&-", "2>&-"])
@pytest.mark.parametrize("before", ["", "import sys; sys.stdout and sys.stdout.close(); "])
def test_a_stream_that_is_closed_or_was_never_open_is_no_fault(closed: str, before: str) -> None:
    code = f"from assay import program; {before}program.leave(3)"
    words = ["sh", "-c", f'exec "$0" -c "$1" {closed}', sys.executable, code]
    assert subprocess.run(words, env=environment(), check=False).returncode == 3


def test_imported_as_a_library_the_collector_is_left_alone() -> None:
    lines = [
        "import atexit, gc",
        "atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count()))",
        "from assay import cli, split",
        "cli.run(split.split)",
    ]
    done = python("\n".join(lines))
    assert done.returncode == 2  # no table was given
    assert done.stdout == "True 0\n"
