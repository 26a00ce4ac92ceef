"""Where a picture may lie: a regular file inside the data folder, found under its exact name."""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from assay.faults import BadInput, refuse
from assay.reading.options import LARGEST_FILE

URL = re.compile(r"[a-z][a-z0-9+.-]*://|(?:file|data|mailto|javascript):", re.IGNORECASE)
WINDOWS_ROOT = re.compile(r"[A-Za-z]:[\\/]|\\\\")
MOST_COMPARED = 5000  # names that a missing one is compared with
# What operating systems and archives leave behind; nobody means them as photographs.
RESIDUE = ("__MACOSX", "Thumbs.db", "desktop.ini")


def locate(folder: Path, name: str, suggest: bool = True) -> tuple[Path, str]:
    """The regular file that `name` means inside `folder`: its path, and its own, links followed.

    BadInput E_PATH, E_SPECIAL or E_MISSING, with a near name if `suggest` (which takes a while).
    """
    _check_inside(name)
    path = folder / name
    try:
        mode = path.stat().st_mode
        real = _real(folder, name)
    except (OSError, ValueError) as error:
        raise _absent(folder, name, error, suggest) from error
    if not stat.S_ISREG(mode):
        raise _special(mode)
    if not real:
        raise refuse(
            "E_PATH",
            f"{name!r} is a link that leaves the photo folder.",
            "Copy the file into the folder.",
        )
    return path, real


def _real(folder: Path, name: str) -> str:
    """The file's path with links below `folder` followed, "" if one leaves the folder.

    Only the parts of the name are looked at, and resolved only if one is a link: thousands of
    names lie in one folder.
    """
    place = str(folder)
    for part in name.split("/"):
        place = f"{place}/{part}" if part not in ("", ".") else place
        if stat.S_ISLNK(os.lstat(place).st_mode) and place != str(folder):
            root = os.path.realpath(folder)
            real = os.path.realpath(folder / name)
            inside = real.startswith(root.rstrip("/") + "/")
            return str(folder) + real[len(root.rstrip("/")) :] if inside else ""
    return place


def _check_inside(name: str) -> None:
    """Refuse names that lead elsewhere or nowhere, before any file system call."""
    if name.startswith("/") or WINDOWS_ROOT.match(name):
        reason = "is an absolute path"
    elif URL.match(name):
        reason = "is an address, not a file"
    elif ".." in re.split(r"[\\/]", name):
        reason = "leaves the photo folder by '..'"
    elif not name.strip(" ./"):
        raise refuse("E_MISSING", "the row names no picture.", "Fill the cell or delete the row.")
    else:
        return
    raise refuse("E_PATH", f"{name!r} {reason}.", "Name it relative to the photo folder.")


def _special(mode: int) -> BadInput:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    kind = kinds.get(stat.S_IFMT(mode), "something special")
    return refuse("E_SPECIAL", f"it is {kind}, not a file.", "Put the picture's file there.")


def _absent(folder: Path, name: str, error: OSError | ValueError, suggest: bool = True) -> BadInput:
    if isinstance(error, ValueError):  # a NUL or a lone surrogate in the name
        return refuse("E_MISSING", f"{name!a} can be no file's name.", "Correct the name.")
    if error.errno == errno.ELOOP:
        return refuse("E_SPECIAL", "it is a link that runs in circles.", "Replace it by the file.")
    if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
        return refuse("E_MISSING", f"it can't be opened ({error.strerror}).", "Mend its rights.")
    near = near_name(folder, name) if suggest else ""
    remedy = f"Did you mean {near!r}?" if near else "Add the file or delete the row."
    return refuse("E_MISSING", f"{name!r} isn't in the photo folder.", remedy)


def near_name(folder: Path, name: str) -> str:
    """The file of the same subfolder whose name is nearest to `name`; "" if none is near."""
    parent, _, leaf = name.replace("\\", "/").rpartition("/")
    try:
        entries = sorted(entry.name for entry in (folder / parent).iterdir())
    except OSError:
        return ""
    bare = unicodedata.normalize("NFC", leaf.strip()).casefold()
    folded = {unicodedata.normalize("NFC", entry).casefold(): entry for entry in entries}
    stems = {key.rpartition(".")[0]: key for key in folded}
    stem = bare.rpartition(".")[0]
    if bare in folded or stem in stems:
        match = [bare if bare in folded else stems[stem]]
    else:
        match = get_close_matches(bare, sorted(folded)[:MOST_COMPARED], n=1, cutoff=0.75)
    prefix = f"{parent}/" if parent else ""
    return prefix + folded[match[0]] if match else ""


def contents(path: Path, limit: int = LARGEST_FILE) -> bytes:
    """All bytes of a regular file; BadInput E_EMPTY, E_TOO_LARGE, E_SPECIAL, E_MISSING."""
    with opened(path, limit) as file:
        # not up to the limit: so much memory would be asked for, for each small file
        return file.read(os.fstat(file.fileno()).st_size)


@contextmanager
def opened(path: Path, limit: int = LARGEST_FILE) -> Iterator[BinaryIO]:
    """A regular file, open for reading; BadInput as `contents`."""
    with _opened(path) as (file, size):
        if not size:
            raise refuse("E_EMPTY", "the file has no bytes.", "Copy it again from its source.")
        if size > limit:
            raise refuse(
                "E_TOO_LARGE",
                f"the file has {size / 2**20:.0f} MiB; at most {limit >> 20} are read.",
                "Scale it down or compress it without loss.",
            )
        yield file


def head(path: Path, length: int) -> bytes:
    """The first bytes of a file, b"" if it isn't a regular one that can be read."""
    try:
        with _opened(path) as (file, _):
            return file.read(length)
    except BadInput:
        return b""


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A regular file, opened, and its size.

    Opened without blocking and looked at through the open descriptor: a file that turned into a
    pipe since it was located can't hang the reader.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _absent(path.parent, path.name, error) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise _special(status.st_mode)
    with os.fdopen(descriptor, "rb") as file:
        try:
            yield file, status.st_size
        except OSError as error:
            raise refuse(
                "E_MISSING", f"it can't be read ({error.strerror}).", "Check the disk or network."
            ) from error


def listed(folder: Path) -> Iterator[str]:
    """Names, relative to `folder`, of all files in it but hidden files and system residue."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _residue(name))
        within = os.path.relpath(place, folder)
        prefix = "" if within == os.curdir else f"{within}/"
        yield from (prefix + name for name in sorted(names) if not _residue(name))


def _residue(name: str) -> bool:
    return name.startswith(".") or name in RESIDUE
