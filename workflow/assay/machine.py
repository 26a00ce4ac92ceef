"""What this run runs on: processor, cores, memory, versions. Told in the report, never a result."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

BFLOAT16 = {"amx_bf16", "avx512_bf16", "bf16"}  # what x86 and, the last, Arm call such products
PACKAGES = ("torch", "torchvision", "numpy", "pandas", "scikit-learn", "pillow", "matplotlib")


def _told(name: str) -> str:
    """What Linux tells of the first processor by that name; empty where it tells nothing."""
    try:
        found = re.search(rf"^{name}\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    except OSError:
        return ""
    return found[1].strip() if found else ""


def processor() -> str:
    """The processor's name, as its maker writes it where the system tells."""
    return _told("model name") or platform.processor() or platform.machine()


def multiplies_bfloat16() -> bool | None:
    """Whether the processor has products in bfloat16; None where the system doesn't tell."""
    flags = _told("flags") or _told("Features")
    return bool(BFLOAT16 & set(flags.split())) if flags else None


def cores() -> int:
    """The cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def versions(packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Version of Python and of each package that is installed."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def describe() -> dict[str, str | int]:
    """Processor, cores and operating system."""
    return {"processor": processor(), "cores": cores(), "system": platform.platform()}


def source() -> dict[str, str]:
    """The commit that this code is of, and whether it was changed since; unknown outside git."""
    folder = Path(__file__).parents[1]

    def ask(*words: str) -> str | None:
        try:
            command = ["git", "-C", str(folder), *words]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    # a folder inside somebody else's repository has a commit that says nothing about us
    commit = ask("rev-parse", "HEAD") if ask("ls-files", "--error-unmatch", __file__) else None
    changed = ask("status", "--porcelain", "--", str(folder)) if commit else None
    changes = "unknown" if changed is None else "uncommitted changes" if changed else "none"
    return {"commit": commit or "unknown", "changes": changes}
