"""One writer at a time, an end that is heard, and no process that outlives the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assay import cli, job

WRITER = """
import sys, time
from pathlib import Path
from assay import cli, files

def writer(out: Path, word: str, seconds: float) -> None:
    "Write the word into two files, slowly."
    print("begins", flush=True)
    files.write_text(out / "a.txt", word)
    end = time.monotonic() + seconds
    while time.monotonic() < end and not (out / "go").exists():
        time.sleep(0.01)
    files.write_text(out / "b.txt", word)

cli.run(writer)
"""


def writer(folder: Path, word: str, seconds: float, **environment: str) -> subprocess.Popen[str]:
    out = ["--out", str(folder), "--word", word, "--seconds", str(seconds)]
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, *out, "--log", str(folder / "logs" / "writer.log")],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def begun(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    assert process.stdout
    assert process.stdout.readline() == "begins\n"
    return process


def test_a_log_tells_the_folder_of_the_run() -> None:
    assert job.folder_of(Path("out/results/logs/train/vgg-0.log")) == Path("out/results")
    assert job.folder_of(Path("results/logs/plot/logs.log")) == Path("results")
    assert job.folder_of(Path("elsewhere/step.log")) is None


def test_a_second_writer_waits_and_files_are_never_mixed(tmp_path: Path) -> None:
    first = begun(writer(tmp_path, "first", 60))
    second = writer(tmp_path, "second", 0.0)
    assert second.stderr
    assert f"process {first.pid}) still writes these files" in second.stderr.readline()
    assert second.poll() is None
    (tmp_path / "go").touch()
    assert first.wait(60) == second.wait(60) == 0
    assert {(tmp_path / name).read_text() for name in ("a.txt", "b.txt")} == {"second"}


def test_a_killed_writer_keeps_nobody_waiting_and_its_litter_goes(tmp_path: Path) -> None:
    first = begun(writer(tmp_path, "first", 60))
    (tmp_path / ".a.txt.abcdefgh.part").write_text("half")
    first.kill()
    assert begun(writer(tmp_path, "second", 0.0)).wait(60) == 0
    assert (tmp_path / "b.txt").read_text() == "second"
    assert not list(tmp_path.glob(".*.part"))


def test_sigterm_is_a_sentence_and_exit_code_143(tmp_path: Path) -> None:
    process = begun(writer(tmp_path, "x", 60))
    process.terminate()
    assert process.wait(60) == 143
    assert process.stderr
    said = process.stderr.read()
    assert "Stopped by SIGTERM" in said
    assert "Traceback" not in said
    assert "Stopped by SIGTERM" in (tmp_path / "logs" / "writer.log").read_text()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells when a process ends")
@pytest.mark.parametrize("moment", ["during the work", "before it"])
def test_a_job_ends_with_the_run_that_started_it(tmp_path: Path, moment: str) -> None:
    driver = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    told = {"ASSAY_DRIVER": f"{job.process_namespace()} {driver.pid}"}
    if moment == "before it":
        driver.kill()
        driver.wait()
        process = writer(tmp_path, "x", 60, **told)
    else:
        process = begun(writer(tmp_path, "x", 60, **told))
        driver.kill()
        driver.wait()
    assert process.wait(20) == 143


def test_a_driver_of_another_namespace_is_not_watched(tmp_path: Path) -> None:
    assert begun(writer(tmp_path, "x", 0.0, ASSAY_DRIVER="pid:[1] 1")).wait(60) == 0


POOL = """
import os, time
from assay import parallel

def work(number):
    os.write(1, b"%d\\n" % os.getpid())  # one call: of print two can mix with another process's
    time.sleep(0.2)
    return number

if __name__ == "__main__":
    list(parallel.in_order(work, range(1000), 2, None))
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells when a process ends")
def test_no_worker_outlives_its_step() -> None:
    process = subprocess.Popen([sys.executable, "-c", POOL], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    workers = {int(process.stdout.readline()) for _ in range(4)}
    process.kill()
    deadline = time.monotonic() + 20
    while any(map(alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, workers))


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_signal_waits_for_a_good_moment_and_a_second_one_does_not() -> None:
    with job.running("step", None):
        with pytest.raises(job.Stopped), job.finishing():  # noqa: PT012 - what comes first counts
            os.kill(os.getpid(), signal.SIGTERM)
            assert job.stop_wished()
            job.stop()
        with pytest.raises(KeyboardInterrupt), job.finishing():  # noqa: PT012
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
        assert job.stop_wished()
        with pytest.raises(KeyboardInterrupt):
            job.stop()
    assert not job.is_held()


def test_a_full_disk_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def step(out: Path) -> None:
        """Find the disk full."""
        raise OSError(28, "No space left on device", str(out))

    with pytest.raises(SystemExit) as left:
        cli.run(step, ["--out", "results/x.csv"])
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("E_DISK: results/x.csv: the disk is full (No space left on device).")
