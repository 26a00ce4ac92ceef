"""The record of a run: what was run, with what, on what, and the digest of all that it hangs on."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from assay import __version__, cli, files, machine

FORMAT = 1


def photographs_digest(names: list[str], digests: list[str]) -> str:
    """One SHA-256 over the lines of sha256sum of all photographs, in the order of the table."""
    lines = (f"{digest}  {name}\n" for name, digest in zip(names, digests, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def of_data(photos: Path, table: Path, listing: Path) -> dict[str, Any]:
    """Where photographs and labels lay, how many there were, and their digests."""
    read = files.read_table(listing)
    return {
        "photographs": str(photos),
        "number": len(read),
        "photographs_sha256": photographs_digest(list(read["image"]), list(read["sha256"])),
        "table": str(table),
        "table_sha256": files.sha256(table),
    }


def devices(speeds: list[Path]) -> list[str]:
    """What the models were trained on: names of graphics cards, or of processors."""
    told = [files.read_json(path) for path in speeds]
    return sorted({one.get("gpu") or one["processor"] or one["device"] for one in told})


def record(
    photos: Path,
    table: Path,
    listing: Path,
    speeds: list[Path],
    artefacts: list[Path],
    settings: dict[str, Any],
    command: str,
    packages: list[str],
    out: Path,
) -> None:
    """Write what was run, on what, and the SHA-256 of data, settings and ARTEFACTS, to OUT (json).

    PHOTOS and TABLE were ingested, which LISTING (the ingested table) tells; SPEEDS are those of
    all trainings; COMMAND made the run. Names of artefacts are relative to the folder of OUT.
    """
    text = json.dumps(settings, sort_keys=True)
    named = {Path(os.path.relpath(path, out.parent)).as_posix(): path for path in artefacts}
    content = {
        "format": FORMAT,
        "assay": __version__,
        "command": command,
        "source": machine.source(),
        "versions": machine.versions(tuple(packages)),
        "machine": machine.describe(),
        "trained_on": devices(speeds),
        "settings": settings,
        "settings_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "data": of_data(photos, table, listing),
        "artefacts": {name: files.digest(files.check(path)) for name, path in named.items()},
    }
    files.write_json(out, content)


if __name__ == "__main__":
    cli.run(record)
