"""A study of a few seconds that can be run, killed and compared; see docs/crashes.md."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
TARGET = "results/leaderboard.csv"

STUDY: dict[str, Any] = {
    "data": {"photos": "photos", "table": "labels.csv", "columns": {"sample": "", "group": ""}},
    "split": {"folds": 2, "test": 0.0},
    "full_size": 16,
    "workers": 2,
    "base": {
        "architecture": "vgg",
        "width": 0.0625,
        "size": 16,
        "epochs": 3,
        "batch_size": 8,
        "ema": 0.9,
    },
    "experiments": [{"name": "vgg", "augmentation": "rotation"}],
    "reference": "vgg",
    "questions": [],
}


def photographs(folder: Path, number: int = 30) -> None:
    """Photographs of 16 px whose mean colour tells the concentration, and their table."""
    (folder / "photos").mkdir(parents=True)
    generator = np.random.default_rng(1)
    rows = ["image,concentration"]
    for photo in range(number):
        label = 80 + 270 * (photo + 0.5) / number
        colour = np.array([230 - 0.5 * label, 200 - 0.3 * label, 120 + 0.1 * label])
        pixels = colour + generator.normal(0, 6, (16, 16, 3))
        name = f"p{photo:02d}.png"
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / "photos" / name)
        rows.append(f"{name},{label:.2f}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")


def checkout(target: Path) -> Path:
    """A copy of the workflow in which a training writes its state after every step."""
    shutil.copytree(
        ROOT / "workflow", target / "workflow", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "envs", target / "envs")
    for name in ("Snakefile", "config.yaml"):
        shutil.copy(ROOT / name, target / name)
    page = target / "workflow" / "assay" / "learning" / "checkpoint.py"
    text = page.read_text()
    assert "SECONDS = 20.0" in text
    assert "SHARE = 0.05" in text
    text = text.replace("SECONDS = 20.0", "SECONDS = 0.0").replace("SHARE = 0.05", "SHARE = 1e9")
    page.write_text(text)
    return target


class Study:
    """The study in a folder of its own, run by the checkout's workflow."""

    def __init__(self, checkout: Path, folder: Path):
        self.checkout, self.folder = checkout, folder
        photographs(folder)
        self.configure()

    def configure(self, **changes: Any) -> None:
        """Write the settings, some of them changed."""
        (self.folder / "study.yaml").write_text(yaml.safe_dump(STUDY | changes))

    def recover(self) -> subprocess.CompletedProcess[str]:
        """What `make report` does first."""
        command = [sys.executable, str(self.checkout / "workflow" / "recover.py")]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def start(
        self, *words: str, target: str = TARGET, cores: int = 2, **environment: str
    ) -> subprocess.Popen[str]:
        """What `make report` does next, in a session of its own; output goes to run.log."""
        command = [sys.executable, "-m", "snakemake", "--configfile", "study.yaml"]
        command += ["--snakefile", str(self.checkout / "Snakefile")]
        command += ["--cores", str(cores), "--rerun-incomplete"]
        with (self.folder / "run.log").open("a") as log:
            return subprocess.Popen(
                [*command, *words, *([target] if target else [])],
                cwd=self.folder,
                env=os.environ | {"PYTHONPATH": ""} | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def finish(self, **words: Any) -> None:
        """Repeat the command until it is done; it must be at the first time."""
        assert self.recover().returncode == 0
        assert self.start(**words).wait(600) == 0, self.log()

    def log(self) -> str:
        """The end of what was said."""
        return (self.folder / "run.log").read_text()[-4000:]

    def digests(self) -> dict[str, str]:
        """SHA-256 by name of everything made that may not differ; hours and locks may."""
        results = self.folder / "results"
        found = {}
        for path in sorted(results.rglob("*")):
            name = path.relative_to(results).as_posix()
            aside = name.startswith(("logs/", ".locks/")) or "speed.json" in name
            if path.is_file() and not aside:
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def clear(self) -> None:
        """Take away everything that was made."""
        for name in ("results", ".snakemake"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "run.log").unlink(missing_ok=True)
