"""The SHA-256 beside each artefact: what its bytes were, where it belongs, which rule made it.

The seal of `x.csv` is `.x.csv.sha256`, in the format of sha256sum: its name is relative to the
folder of the run, so that files that changed places are found out while the folder may be moved.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from assay import job
from assay.faults import BadInput, refuse

LINE = re.compile(r"([0-9a-f]{64})  ([^\n]+)\n")
RULE = re.compile(r"^# rule (\w+)$", re.MULTILINE)
PLACE = re.compile(r"^# folder ([^\n]+)$", re.MULTILINE)
BLOCK = 2**18  # bytes that are read at once
ABSENT = "No such file."
MISSING = "its seal ({}) is missing."
DAMAGED = "its seal ({}) is damaged."
MOVED = "it is {} of this or another run, put in another's place."
DIFFERENT = "its bytes are not those that were written (SHA-256 differs)."


def path_of(path: Path) -> Path:
    """Where the seal of `path` stands."""
    return path.with_name(f".{path.name}.sha256")


def text(path: Path, digest: str) -> str:
    """The seal of a file of that digest (hexadecimal): a line of sha256sum, and who made it."""
    made = f"# rule {job.RULE}\n" if job.RULE else ""
    return f"{digest}  {name_of(path)}\n{made}"


def text_of_folder(folder: Path, place: Path) -> str:
    """The seal of a folder that will lie at `place`: a line for each of its files."""
    name = name_of(place)
    lines = [f"{sha256(folder / file)}  {name}/{file}\n" for file in _names(folder)]
    return "".join([*lines, f"# folder {name}\n", f"# rule {job.RULE}\n" if job.RULE else ""])


def _names(folder: Path) -> list[str]:
    """The files in a folder, by their names in it, in order; hidden ones are no photographs."""

    def within(place: str, prefix: str) -> Iterator[str]:
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from within(entry.path, f"{prefix}{entry.name}/")
                elif not entry.name.startswith(".") and entry.is_file():
                    yield prefix + entry.name

    return sorted(within(str(folder), ""))


def name_of(path: Path) -> str:
    """The name within the run's folder; by hand, without a run, the file's name alone."""
    if job.FOLDER:
        relative = os.path.relpath(path, job.FOLDER)
        if not relative.startswith(os.pardir):
            return Path(relative).as_posix()
    return path.name


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def told(path: Path, rule: str = "") -> tuple[str, str]:
    """What the seal of `path` tells: the digest and the rule; BadInput E_CHANGED if it can't.

    rule is the answer where the seal names none.
    """
    seal = path_of(path)
    if not path.is_file():
        raise changed(path, ABSENT, rule)
    if not seal.is_file():
        raise changed(path, MISSING.format(seal.name), rule)
    content = seal.read_text(encoding="utf-8", errors="replace")
    line, made = LINE.match(content), RULE.search(content)
    rule = made[1] if made else rule
    if not line:
        raise changed(path, DAMAGED.format(seal.name), rule)
    if not lies_at(path, line[2]):
        raise changed(path, MOVED.format(line[2]), rule)
    return line[1], rule


def check(path: Path, digest: str = "", rule: str = "") -> None:
    """BadInput E_CHANGED unless `path` is what was sealed.

    digest is that of its bytes, where they are read already; rule is what makes it again, for a
    seal that can't tell.
    """
    wanted, rule = told(path, rule)
    if (digest or sha256(path)) != wanted:
        raise changed(path, DIFFERENT, rule)


def check_ours(path: Path) -> None:
    """BadInput E_CHANGED if a file or folder was sealed and isn't what was written.

    One without a seal is somebody else's, and isn't looked at.
    """
    if path_of(path).is_file():
        check_folder(path) if path.is_dir() else check(path)


def check_folder(folder: Path) -> None:
    """BadInput E_CHANGED unless a folder holds the files that were written, and no other."""
    seal = path_of(folder)
    told = seal.read_text(encoding="utf-8", errors="replace")
    rule, name = (found[1] if found else "" for found in (RULE.search(told), PLACE.search(told)))
    if not name:
        raise changed(folder, DAMAGED.format(seal.name), rule)
    if not lies_at(folder, name):
        raise changed(folder, MOVED.format(name), rule)
    # both in order: of a million files only one line is looked at at a time
    for line, file in zip_longest(LINE.finditer(told), _names(folder)):
        wanted = line[2].removeprefix(f"{name}/") if line else None
        if wanted != file:
            other = min(filter(None, (wanted, file)))
            raise changed(folder / other, DIFFERENT, rule, folder)
        if sha256(folder / wanted) != line[1]:
            raise changed(folder / wanted, DIFFERENT, rule, folder)


def lies_at(path: Path, name: str) -> bool:
    """Whether `path` ends with the parts of `name`."""
    wanted = Path(name).parts
    return path.absolute().parts[-len(wanted) :] == wanted


def changed(path: Path, message: str, rule: str, made: Path | None = None) -> BadInput:
    """The refusal of a file that isn't what was written, with what brings it back.

    made is what the rule makes, where that isn't the file but its folder.
    """
    command = f"Delete it (rm -r {shlex.quote(str(made or path))}) and repeat"
    maker = f"rule {rule} makes it again" if rule else "its rule makes it again"
    remedy = f"{'Repeat' if message == ABSENT else command} the command: {maker}."
    return refuse("E_CHANGED", message, remedy, file=str(path))
