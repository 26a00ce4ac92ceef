"""The same bits from 1 or 2 cores, in any locale, time zone and folder, and without a home."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from study import TARGET, Study, checkout

pytestmark = pytest.mark.slow

ALL = int(os.environ.get("ASSAY_KILLS", "20")) >= 200
# hours of work stand in these, or are counted in them
TIMED = r"(run\.json|report\.html|tables\.xlsx|summary\.csv|costs\.(csv|html)|models/.*)"


@dataclass
class Place:
    """Where and how a run takes place."""

    cores: int = 2
    workers: int = 2
    folder: str = "plain"
    environment: dict[str, str] = field(default_factory=dict)


def german(folder: Path) -> dict[str, str]:
    """The locale de_DE, made in a folder; nothing where its sources aren't installed."""
    folder.mkdir()
    command = ["localedef", "-i", "de_DE", "-f", "UTF-8", str(folder / "de_DE.UTF-8")]
    try:
        made = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        made = False
    return {"LC_ALL": "de_DE.UTF-8", "LOCPATH": str(folder)} if made else {"LC_ALL": "C.utf8"}


# nobody can make a folder there; Snakemake needs one, which `make` gives it in this case
HOMELESS = {"HOME": "/proc/nowhere"}
PLACES = {
    "one core": Place(cores=1),
    "one worker": Place(workers=1),
    "locale C": Place(environment={"LC_ALL": "C"}),
    "locale de_DE": Place(environment={"LC_ALL": "de_DE.UTF-8"}),
    "time zone": Place(environment={"TZ": "Asia/Kathmandu"}),
    "hash seed": Place(environment={"PYTHONHASHSEED": "4242"}),
    "folder": Place(folder="Räume mit $Platz & 'Quote'"),
    "no home": Place(environment=HOMELESS),
    "all at once": Place(
        1, 1, "Räume mit Platz", HOMELESS | {"TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "1"}
    ),
}


@pytest.mark.parametrize("name", PLACES if ALL else ["locale de_DE", "all at once"])
def test_digests_do_not_hang_on_the_place(
    name: str, reference: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    copy, whole = reference
    place = PLACES[name]
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")} | place.environment
    if name == "locale de_DE":
        environment = german(tmp_path / "locales")
    study = Study(copy, tmp_path / place.folder)
    study.configure(workers=place.workers)
    study.finish(cores=place.cores, **targeted(), **environment)
    found = untimed(study)
    assert {name for name in found if found[name] != whole.get(name)} == set()
    assert found == whole


def targeted() -> dict[str, str]:
    return {"target": "" if ALL else TARGET}


def untimed(study: Study) -> dict[str, str]:
    """Digests of all but what tells of hours and machines; seals tell no more than files."""
    found = study.digests()
    return {
        name: digest
        for name, digest in found.items()
        if not re.search(rf"(^|/)\.?{TIMED}(\.sha256)?$", name)
    }


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The checkout, and the digests of a run on two cores."""
    copy = checkout(tmp_path_factory.mktemp("checkout"))
    study = Study(copy, tmp_path_factory.mktemp("runs") / "reference")
    study.finish(**targeted())
    return copy, untimed(study)
