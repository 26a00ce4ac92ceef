"""The profiles: what only a cluster knows stands there, and a clean clone runs by them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from test_workflow import SMALL, checkout_copy

PROFILES = ["slurm", "local-gpu"]
OURS = {"gpu", "mem_mb", "runtime"}  # what a rule may ask for, beside threads
ALWAYS = {"_cores", "_nodes", "tmpdir"}  # Snakemake's own
RULES = """
import json, sys
from pathlib import Path
from snakemake.api import OutputSettings, ResourceSettings, SnakemakeApi
from snakemake.settings.types import Quietness

with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
    workflow = api.workflow(ResourceSettings(cores=1), snakefile=Path(sys.argv[1]))
    rules = {rule.name: sorted(rule.resources) for rule in workflow._workflow.rules}
Path(sys.argv[2]).write_text(json.dumps(rules))
"""


def page(root: Path, name: str) -> str:
    return (root / "workflow" / "profiles" / name / "profile.yaml").read_text()


@pytest.mark.parametrize("name", PROFILES)
def test_every_key_has_its_reason(root: Path, name: str) -> None:
    keys = re.findall(r"^ *[a-z][a-z_-]*: +\S.*$", page(root, name), re.MULTILINE)
    assert len(keys) >= 5
    assert [line for line in keys if " # " not in line and "executor" not in line] == []


def test_the_keys_to_choose_from_are_yaml_as_well(root: Path) -> None:
    text = page(root, "slurm")
    chosen = yaml.safe_load(
        re.sub(r"^# (?=resources|set-resources| )", "", text, flags=re.MULTILINE)
    )
    assert chosen["default-resources"]["slurm_account"] == "my_account"
    assert chosen["set-resources"]["train"]["gpu_model"] == "a100"
    assert chosen["resources"] == {"gpu": 8}


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_never_says_how_many_cores(root: Path, name: str) -> None:
    assert "cores" not in yaml.safe_load(page(root, name))


@pytest.mark.slow
def test_rules_ask_for_nothing_that_only_one_cluster_knows(root: Path, tmp_path: Path) -> None:
    found = tmp_path / "rules.json"
    call = [sys.executable, "-c", RULES, str(root / "Snakefile"), str(found)]
    subprocess.run(call, cwd=root, timeout=120, check=True)
    rules = json.loads(found.read_text())
    assert set(rules["train"]) == OURS | ALWAYS
    assert {key for keys in rules.values() for key in keys} == OURS | ALWAYS


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words", "device"),
    [
        ("slurm", (), 1),
        ("slurm", ("--config", "gpu=false"), 0),
        ("local-gpu", ("--cores", "2"), 1),
        ("local-gpu", ("--cores", "2", "--resources", "gpu=0"), 0),
    ],
)
def test_a_clean_clone_runs_by_the_profile(
    root: Path, tmp_path: Path, name: str, words: tuple[str, ...], device: int
) -> None:
    clone = checkout_copy(root, tmp_path / "clone")
    (clone / "study.yaml").write_text(yaml.safe_dump(SMALL))
    call = [sys.executable, "-m", "snakemake", "--profile", f"workflow/profiles/{name}", *words]
    call += [
        "--configfile",
        "study.yaml",
        "--dry-run",
        "--printshellcmds",
        "results/leaderboard.csv",
    ]
    result = subprocess.run(
        call,
        cwd=clone,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"PYTHONPATH": ""},
    )
    assert result.returncode == 0, result.stderr
    asked = re.findall(r"--device \$\(\[ (\d) -gt 0", result.stdout + result.stderr)
    networks, baselines = 2 * 2, 2  # of the small study: experiments x folds, experiments
    assert sorted(asked) == sorted([str(device)] * networks + ["0"] * baselines)
