"""Kill a run again and again, at any moment: repeating the command ends with the same bits."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from study import STUDY, Study, checkout

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("ASSAY_KILLS", "20"))
SEEDS = (1, 2)  # two settings: a file of one in a run of the other would be found out


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(tmp_path_factory.mktemp("Prüf stand"))


def configure(study: Study, seed: int) -> None:
    study.configure(base=STUDY["base"] | {"seed": seed})


def steps(driver: int) -> list[psutil.Process]:
    """The Python processes of steps that a run has started."""
    try:
        below = psutil.Process(driver).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    found = []
    for process in below:
        try:
            if "assay." in " ".join(process.cmdline()) and "python" in process.name():
                found.append(process)
        except psutil.Error:
            continue
    return found


def kill(process: subprocess.Popen[str], what: str, chance: random.Random) -> bool:
    """SIGKILL a step, the driver or both; False if the run ended before a step was at work."""
    if what == "both":
        os.killpg(process.pid, signal.SIGKILL)
    elif what == "driver":
        process.kill()  # its jobs are still there when the next run starts
    else:
        while not (victims := steps(process.pid)):
            if process.poll() is not None:
                return False
            time.sleep(0.02)
        with suppress(psutil.NoSuchProcess):
            chance.choice(victims).kill()  # the driver reports the failed job, and ends
    process.wait(120)
    return what != "step" or process.returncode != 0


def killed(process: subprocess.Popen[str], seconds: float, chance: random.Random) -> str:
    """What was killed at a random moment of a run of so many seconds; "" if it ended before.

    Most moments are early ones, so that a run is killed several times.
    """
    what = chance.choice(["step", "driver", "both"])
    try:
        process.wait(chance.uniform(0, seconds * chance.choice([0.3, 0.3, 1.0])))
    except subprocess.TimeoutExpired:
        return what if kill(process, what, chance) else ""
    return ""


def test_a_killed_run_goes_on_and_ends_with_the_same_bits(copy: Path, tmp_path: Path) -> None:
    study = Study(copy, tmp_path / "Mein Versuch")
    whole, seconds = {}, 0.0
    for seed in SEEDS:
        study.clear()
        configure(study, seed)
        start = time.monotonic()
        study.finish()
        seconds = time.monotonic() - start
        whole[seed] = study.digests()
    assert whole[1] != whole[2]
    study.clear()
    chance, done, runs, seed = random.Random(11), Counter[str](), 0, SEEDS[0]
    configure(study, seed)
    while done.total() < KILLS:
        recovered = study.recover()
        assert recovered.returncode == 0, recovered.stderr
        process = study.start()
        what = killed(process, seconds, chance)
        if what:
            done[what] += 1
            if what == "driver" and chance.random() < 0.2:
                seed = chance.choice(SEEDS)  # other settings, while orphans are at work
                configure(study, seed)
            continue
        assert process.wait(600) == 0, study.log()
        assert study.digests() == whole[seed], f"after {done}"
        runs += 1
        study.clear()
    study.finish()
    assert study.digests() == whole[seed]
    print(f"{done.total()} kills ({dict(done)}), {runs} runs, every one with the same bits.")
    litter = [path for path in study.folder.rglob("*") if path.name.endswith(".part")]
    assert not litter
    assert "Nothing to be done" in again(study)


def again(study: Study) -> str:
    process = study.start("--dry-run")
    assert process.wait(120) == 0
    return study.log()
