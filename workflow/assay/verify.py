"""Is everything still what was written? All digests of a run, computed anew."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assay import cli, files, seals
from assay.faults import BadInput, Fault
from assay.progress import progress

logger = logging.getLogger("assay")

NOT_RECORDED = "it is sealed, but isn't the file that this run recorded."


def artefact(path: Path, digest: str) -> Iterator[Fault]:
    """The fault of an artefact that isn't what was written, or, with a digest, recorded."""
    try:
        files.check(path)
    except BadInput as bad:
        yield from bad.faults
        return
    told, rule = seals.told(path)
    if digest and told != digest:
        yield from seals.changed(path, NOT_RECORDED, rule).faults


def photographs(folder: Path, listing: Path) -> Iterator[Fault]:
    """The faults of photographs that aren't those that were ingested."""
    if not folder.is_dir():
        yield Fault(
            "E_CHANGED", "the folder of photographs is gone.", "Bring it back.", str(folder)
        )
        return
    table = files.read_table(listing)
    rows = list(zip(table["image"], table["sha256"], strict=True))
    for name, digest in progress(rows, "photographs"):
        path = folder / name
        if not path.is_file():
            yield Fault("E_CHANGED", "the photograph is gone.", "Bring it back.", str(path))
        elif files.sha256(path) != digest:
            message = "it is not the photograph that was ingested (SHA-256 differs)."
            yield Fault("E_CHANGED", message, "Bring it back, or repeat the run.", str(path))


def label_table(data: dict[str, Any]) -> Iterator[Fault]:
    """The fault of a label table that isn't the one that was read."""
    path = Path(data["table"])
    if not path.is_file() or files.sha256(path) != data["table_sha256"]:
        message = "it is not the table that was read (SHA-256 differs, or it is gone)."
        yield Fault("E_CHANGED", message, "Bring it back, or repeat the run.", str(path))


def settings(run: Path, told: dict[str, Any]) -> Iterator[Fault]:
    """The fault of settings that don't give their own digest."""
    text = json.dumps(told["settings"], sort_keys=True)
    if hashlib.sha256(text.encode()).hexdigest() != told["settings_sha256"]:
        yield Fault("E_CHANGED", "its settings aren't those of their digest.", file=str(run))


def sealed(folder: Path) -> dict[str, str]:
    """Names of all sealed files of a run's folder that exist, with no digest to compare."""
    found = folder.rglob(".?*.sha256")
    paths = (seal.with_name(seal.name[1:].removesuffix(".sha256")) for seal in found)
    return {
        path.relative_to(folder).as_posix(): ""
        for path in sorted(paths)
        if path.is_file() and ".resume" not in path.parts
    }


def verify(run: Path, /) -> None:
    """Compute all digests of a run anew; each file that differs is named, with exit code 2.

    RUN is its run.json. Looked at are the artefacts that it lists and every other sealed file in
    its folder, the settings, and photographs and label table, where they lay when it was run.
    """
    told, folder = files.read_json(run), run.parent
    named = sealed(folder) | told["artefacts"]
    faults = [
        fault
        for name, digest in progress(named.items(), "artefacts", len(named), "files")
        for fault in artefact(folder / name, digest)
    ]
    faults += settings(run, told)
    faults += label_table(told["data"])
    faults += photographs(Path(told["data"]["photographs"]), folder / "ingest" / "photos.csv")
    if faults:
        raise BadInput(faults)
    logger.info(
        "All %d files and %d photographs are as written.", len(named), told["data"]["number"]
    )


if __name__ == "__main__":
    cli.run(verify)
