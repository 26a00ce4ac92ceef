"""The study on a real Slurm of three nodes on this machine: make test-slurm.

No card is needed: Slurm hands out stand-ins, and the copy of the workflow trains on the CPU.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from test_workflow import checkout_copy

pytestmark = [pytest.mark.slow, pytest.mark.slurm]

SCRIPTS = Path(__file__).parent / "slurm"
TARGET = "results/leaderboard.csv"
STUDY = {
    "data": {"simulate": {"samples": 40}},
    "split": {"folds": 3},
    "full_size": 16,
    "workers": 1,
    "base": {"architecture": "vgg", "width": 0.0625, "size": 16, "epochs": 20, "batch_size": 8},
    "experiments": [{"name": "vgg"}, {"name": "gray", "color": "gray"}],
    "reference": "vgg",
}
Job = dict[str, str]


@dataclass
class Cluster:
    """Where the cluster keeps its state, and the environment that finds it."""

    folder: Path
    environment: dict[str, str]

    def call(self, *words: str, limit: float = 20, **options: object) -> str:
        """What a command prints; CalledProcessError or TimeoutExpired when it fails."""
        settings = {"env": self.environment, "timeout": limit, "text": True} | options
        return subprocess.run(words, check=True, capture_output=True, **settings).stdout

    def jobs(self, rule: str = "train") -> list[Job]:
        """What Slurm knows of the rule's jobs, the finished ones as well."""
        rows = self.call("scontrol", "show", "job", "--details", "--oneliner").splitlines()
        found = [dict(re.findall(r"(\w+)=(\S*)", row)) for row in rows]
        return [job for job in found if job.get("Comment", "").startswith(f"rule_{rule}")]

    def running(self) -> list[Job]:
        """The training jobs that run now."""
        return [job for job in self.jobs() if job["JobState"] == "RUNNING"]

    def pids(self) -> dict[str, int]:
        """The daemons that up.sh started."""
        rows = (self.folder / "run" / "pids").read_text().split()
        return dict(zip(rows[::2], map(int, rows[1::2]), strict=True))

    def processes(self, **values: str) -> list[int]:
        """The processes that have these values in their environment, and know this cluster."""
        wanted = {f"{name}={value}" for name, value in values.items()}
        wanted.add(f"SLURM_CONF={self.environment['SLURM_CONF']}")
        return [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/environ")
            if wanted <= set(content(path).split("\0"))
        ]

    def lose(self, node: str) -> None:
        """As if its power failed: the node's daemon and all that runs there, killed at once."""
        numbers = [job["JobId"] for job in self.running() if job["NodeList"] == node]
        keepers = tuple(f"slurmstepd: [{number}." for number in numbers)
        victims = self.processes(SLURMD_NODENAME=node)
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            if content(path).startswith(keepers):
                victims.append(int(path.parent.name))
        for pid in [self.pids()[node], *victims]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.call("scontrol", "update", f"nodename={node}", "state=down", "reason=lost")


def content(path: Path) -> str:
    """What /proc says; nothing of a process that has ended or is not ours."""
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""


@dataclass
class Story:
    """What was done to the run, and what came of it."""

    folder: Path
    left: list[str] = field(default_factory=list)
    after_cancelling: list[str] = field(default_factory=list)
    cancelled: Job = field(default_factory=dict)
    lost: Job = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    output: str = ""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("slurm")
    call = [str(SCRIPTS / "up.sh"), str(folder), "3"]
    up = subprocess.run(call, capture_output=True, text=True, timeout=240, check=False)
    if up.returncode == 77:
        pytest.skip(up.stderr.strip().splitlines()[-1])
    assert up.returncode == 0, up.stderr
    values = {
        "SLURM_CONF": str(folder / "etc" / "slurm.conf"),
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": "",
    }
    try:
        yield Cluster(folder, os.environ | values)
    finally:
        subprocess.run([str(SCRIPTS / "down.sh"), str(folder)], timeout=60, check=False)


@pytest.fixture(scope="module")
def checkout(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout that asks for cards, but trains on the CPU."""
    copy = checkout_copy(root, tmp_path_factory.mktemp("a place") / "checkout")
    rules = copy / "workflow" / "rules" / "train.smk"
    device = "--device $([ {resources.gpu} -gt 0 ] && echo cuda || echo cpu)"
    assert rules.read_text().count(device) == 1
    rules.write_text(rules.read_text().replace(device, "--device cpu"))
    return copy


def command(checkout: Path, *words: str) -> list[str]:
    """The call of a user in the folder of his study; `timeout` ends it, whatever happens here."""
    snakemake = [sys.executable, "-m", "snakemake", "--snakefile", str(checkout / "Snakefile")]
    return ["timeout", "-k", "5", "500", *snakemake, "--configfile", "study.yaml", *words]


@pytest.fixture(scope="module")
def local(cluster: Cluster, checkout: Path) -> Path:
    """The folder of the study, run on this machine without Slurm."""
    folder = checkout.parent / "local"
    folder.mkdir()
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    cluster.call(*command(checkout, "--cores", "2", TARGET), limit=510, cwd=folder)
    return folder


def started(folder: Path, job: Job) -> bool:
    """Whether the training itself has begun: its log is there."""
    experiment, fold = job["Comment"].split("_")[-2:]
    return (folder / "results" / "logs" / "train" / f"{experiment}-{fold}.log").is_file()


def until(ready: Callable[[], bool], process: subprocess.Popen[str], limit: float) -> None:
    """Look again and again until it is so, the process has ended or the time is up."""
    end = time.monotonic() + limit
    while not ready() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.3)


@pytest.fixture(scope="module")
def story(cluster: Cluster, checkout: Path, local: Path) -> Story:
    """Kill Snakemake; start again; cancel a job; let a node fail; wait for the end."""
    story = Story(checkout.parent / "on the cluster")
    unfinished = shutil.ignore_patterns("train", "cross_validate", "leaderboard.csv")
    shutil.copytree(local, story.folder, ignore=unfinished)  # the photographs, ready to train on
    profile = str(checkout / "workflow" / "profiles" / "slurm")
    call = command(
        *(checkout, "--profile", profile, "--slurm-init-seconds-before-status-checks", "1", TARGET)
    )
    options = {"cwd": story.folder, "env": cluster.environment, "start_new_session": True}
    with (story.folder / "output.txt").open("w+") as output:
        options |= {"stdout": output, "stderr": subprocess.STDOUT, "text": True}
        first = subprocess.Popen(call, **options)
        until(lambda: bool(cluster.running()), first, 200)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(10)
        story.left = [job["JobId"] for job in cluster.running()]
        cluster.call(f"{profile}/cancel.sh", limit=60, cwd=story.folder)
        story.after_cancelling = [job["JobId"] for job in cluster.running()]
        cluster.call(*command(checkout, "--unlock"), limit=60, cwd=story.folder)
        known = {job["JobId"] for job in cluster.jobs()}
        second = subprocess.Popen(call, **options)
        try:
            disturb(cluster, story, second)
            second.wait(500)
        finally:
            if second.poll() is None:
                os.killpg(second.pid, signal.SIGKILL)
        output.seek(0)
        story.output = output.read()
    story.jobs = [job for job in cluster.jobs() if job["JobId"] not in known]
    assert second.returncode == 0, story.output[-5000:]
    return story


def disturb(cluster: Cluster, story: Story, run: subprocess.Popen[str]) -> None:
    """Cancel a training that has begun, then lose the node of another.

    One that ends by itself in that very moment doesn't count, the next is taken.
    """
    tried = {job["JobId"] for job in cluster.jobs()}

    def strike(blow: Callable[[Job], object], mark: str, value: str) -> Job:
        while True:
            until(lambda: bool(begun()), run, 200)
            found = begun()
            assert found, (story.folder / "output.txt").read_text()[-5000:]
            job = found[0]
            tried.add(job["JobId"])
            blow(job)
            if settled(job)[mark] == value:
                return job

    def begun() -> list[Job]:
        running = [job for job in cluster.running() if job["JobId"] not in tried]
        return [job for job in running if started(story.folder, job)]

    def settled(job: Job) -> Job:
        def state() -> Job:
            return next(found for found in cluster.jobs() if found["JobId"] == job["JobId"])

        until(lambda: state()["JobState"] not in ("RUNNING", "COMPLETING"), run, 60)
        return state()

    def cancel(job: Job) -> None:
        cluster.call("scancel", job["JobId"])

    story.cancelled = strike(cancel, "JobState", "CANCELLED")
    story.lost = strike(lambda job: cluster.lose(job["NodeList"]), "Restarts", "1")
    # Slurm lets a job that it put back wait for two minutes
    cluster.call("scontrol", "update", f"jobid={story.lost['JobId']}", "starttime=now")


def test_a_killed_snakemake_leaves_jobs_and_the_script_of_the_profile_ends_them(
    story: Story,
) -> None:
    assert story.left
    assert not story.after_cancelling


def test_six_trainings_ran_in_slurm_with_a_card_each_on_several_nodes(story: Story) -> None:
    ended = [job for job in story.jobs if job["JobState"] == "COMPLETED"]
    assert len({job["Comment"] for job in ended}) == len(ended) == 6
    assert {job["JOB_GRES"] for job in story.jobs} == {"gpu:1"}
    assert len({job["NodeList"] for job in ended}) >= 2


def test_a_cancelled_job_is_tried_again_and_asks_for_more(story: Story) -> None:
    tries = [job for job in story.jobs if job["Comment"] == story.cancelled["Comment"]]
    assert [job["JobState"] for job in tries] == ["CANCELLED", "COMPLETED"]
    asked = [int(re.findall(r"mem=(\d+)M", job["TRES"])[0]) for job in tries]
    assert asked[1] > 1.9 * asked[0]


def test_the_job_of_a_lost_node_ends_well_on_another(story: Story) -> None:
    (again,) = [job for job in story.jobs if job["JobId"] == story.lost["JobId"]]
    assert again["JobState"] == "COMPLETED"
    assert again["Restarts"] == "1"
    assert again["NodeList"] != story.lost["NodeList"]


def digests(folder: Path) -> dict[str, str]:
    results = folder / "results"
    paths = [results / "leaderboard.csv"]
    paths += [
        *results.glob("train/*/*/model.safetensors"),
        *results.glob("train/*/*/predictions.csv"),
    ]
    names = [path.relative_to(results).as_posix() for path in paths]
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    return dict(zip(names, sums, strict=True))


def test_the_results_are_those_of_one_machine_bit_for_bit(story: Story, local: Path) -> None:
    found = digests(story.folder)
    assert len(found) == 1 + 2 * 6
    assert found == digests(local)


def test_nothing_that_was_started_is_left(story: Story, cluster: Cluster) -> None:
    pids = cluster.pids()
    cluster.call(str(SCRIPTS / "down.sh"), str(cluster.folder), limit=60)
    states = [Path(f"/proc/{pid}/stat") for pid in pids.values()]
    alive = [path for path in states if path.exists() and path.read_text().split()[2] != "Z"]
    assert not alive
    assert not cluster.processes()
