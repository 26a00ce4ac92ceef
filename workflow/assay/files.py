"""Nothing lost, nothing half-written: written aside, synced, renamed, sealed by SHA-256."""

from __future__ import annotations

import errno
import glob
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from assay import job, seals
from assay.faults import as_meant, harmless

if TYPE_CHECKING:
    import pandas as pd  # imported where a table is read: predicting needs no pandas

sha256 = seals.sha256
BLOCK = 100_000  # rows of a table that are written at once


@contextmanager
def writing(path: Path, sealed: bool = True) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path`; on leaving without an error sync and rename it.

    Its seal is renamed first: an end between the two leaves a file that is refused, not believed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        if sealed:
            write_text(seals.path_of(path), seals.text(path, sha256(temporary)), sealed=False)
        temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


PART = ".part"  # the end of temporary names


def _sweep(path: Path) -> None:
    """Take away what a killed writer of `path` left; only if no other can be at work."""
    if job.is_held():
        for left in path.parent.glob(f".{glob.escape(path.name)}.{'?' * 8}{PART}"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def making_folder(folder: Path, sealed: bool = False) -> Iterator[Path]:
    """A temporary folder beside `folder` that takes its name and place once all is well.

    Its files are on the disk by then: all at once, for one by one takes longer than drawing.
    sealed: whoever reads it can ask `seals.check_folder`.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=PART))
    try:
        filled = temporary / folder.name  # made by mkdir, so with the user's permissions
        filled.mkdir()
        yield filled
        os.sync()
        if sealed:
            seal = seals.text_of_folder(filled, folder)
            write_text(seals.path_of(folder), seal, sealed=False)
        if folder.exists():
            shutil.rmtree(folder)
        filled.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_bytes(path: Path, content: bytes, sealed: bool = True) -> None:
    """Write `content` to `path` whole or not at all; OSError if the file came out short.

    sealed=False is for what is handed to people, and read by no step.
    """
    with writing(path, sealed) as file:
        file.write(content)
        _check_size(path, file, len(content))


def _check_size(path: Path, file: BinaryIO, size: int) -> None:
    file.flush()
    if os.fstat(file.fileno()).st_size != size:
        raise OSError(f"{path}: written short; is the disk full?")


def write_text(path: Path, text: str, sealed: bool = True) -> None:
    """Write UTF-8 text whole or not at all."""
    write_bytes(path, text.encode(), sealed)


def write_json(path: Path, content: Any) -> None:
    """Write JSON with sorted keys; ValueError for NaN and infinity: JSON has no such numbers."""
    write_text(path, json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n")


def read_bytes(path: Path, rule: str = "") -> bytes:
    """Read a file of ours; BadInput E_CHANGED if it isn't what was written here."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    seals.check(path, hashlib.sha256(content).hexdigest(), rule)
    return content


def read_json(path: Path) -> Any:
    """Read a JSON file of ours; BadInput E_CHANGED if it isn't what was written here."""
    return json.loads(read_bytes(path))


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV: UTF-8, dot decimals, all digits that tell floats apart.

    People open these files in spreadsheets, so text that looks like a formula gets a quote before
    it; read_table takes it away.
    """
    starts = range(0, max(1, len(table)), BLOCK)
    write_blocks(path, (table.iloc[start : start + BLOCK] for start in starts))


def write_blocks(path: Path, blocks: Iterable[pd.DataFrame]) -> None:
    """Write a table as `write_table` does that comes in blocks of rows, to spare memory."""
    size = 0
    with writing(path) as file:
        for block in blocks:
            text = _text_by(harmless, block).to_csv(
                index=False, header=not size, lineterminator="\n"
            )
            size += file.write(text.encode())
        _check_size(path, file, size)


def _text_by(change: Callable[[str], str], table: pd.DataFrame) -> pd.DataFrame:
    """The table with each text changed; numbers stay."""
    result = table.copy()
    for name in table.select_dtypes(["object", "string"]):
        result[name] = table[name].map(lambda cell: change(cell) if isinstance(cell, str) else cell)
    return result


# Columns that hold names: never numbers, whatever they look like.
NAMES = (
    "image",
    "sample",
    "group",
    "trained_on",
    "split",
    "experiment",
    "sha256",
    "pixel_hash",
    "set",
    "format",
    "preset",
    "session",
    "lot",
    "file",
    "message",
    "remedy",
)


def read_table(
    path: Path, sealed: bool = True, only: Collection[str] | None = None
) -> pd.DataFrame:
    """Read a CSV table of ours; BadInput E_CHANGED if it isn't what was written here.

    Name columns stay text (sample `001` stays `001`), "" included. sealed=False: nobody sealed it.
    only: the columns to be read, of those that are there; None for all.
    """
    import pandas as pd

    table = pd.read_csv(
        check(path) if sealed else path,
        usecols=None if only is None else lambda name: name in only,
        dtype=dict.fromkeys(NAMES, str),
        keep_default_na=False,
        na_values=[""],
    )
    names = [name for name in NAMES if name in table]
    return _text_by(as_meant, table.fillna(dict.fromkeys(names, "")))


def seal(path: Path) -> None:
    """Seal a file that was not written by `writing`."""
    write_text(seals.path_of(path), seals.text(path, sha256(path)), sealed=False)


def check(path: Path, rule: str = "") -> Path:
    """Return `path` if it is what was written here; else BadInput E_CHANGED.

    The seal names the rule that makes it again; `rule` does if the seal can't.
    """
    seals.check(path, rule=rule)
    return path


def digest(path: Path) -> str:
    """The SHA-256 of a file of ours, hexadecimal, as it was written: its bytes aren't read."""
    return seals.told(path)[0]


def demand_space(folder: Path, size: int) -> None:
    """OSError (ENOSPC) unless `size` bytes are free where `folder` lies; `folder` is made."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < size:
        message = f"{size / 1e9:.1f} GB of space are needed, {free / 1e9:.1f} GB are free"
        raise OSError(errno.ENOSPC, message, str(folder))


def save_array(path: Path, shape: tuple[int, ...], fill: Callable[[np.ndarray], None]) -> None:
    """Write a uint8 array as .npy that can be memory-mapped.

    fill receives the writable, zeroed, memory-mapped array of `shape`. The space is reserved first,
    so that a full disk is an OSError before the work, not a crash (SIGBUS) amid it.
    """
    header = io.BytesIO()
    descriptor = {
        "descr": np.lib.format.dtype_to_descr(np.dtype("u1")),
        "fortran_order": False,
        "shape": shape,
    }
    np.lib.format.write_array_header_1_0(header, descriptor)
    size = int(np.prod(shape, dtype=np.int64))
    demand_space(path.parent, size)
    with writing(path) as file:
        file.write(header.getvalue())
        file.flush()
        if size:
            os.posix_fallocate(file.fileno(), 0, header.tell() + size)
            array = np.memmap(file, dtype=np.uint8, mode="r+", offset=header.tell(), shape=shape)
            fill(array)
            array.flush()
            del array


def safetensors(arrays: dict[str, np.ndarray]) -> bytes:
    """The arrays by name as the bytes of a safetensors file.

    The library stores a view, such as a column of a matrix, as other numbers without a word: each
    array is laid out anew first.
    """
    from safetensors.numpy import save

    return save({name: np.array(array, order="C") for name, array in arrays.items()})


def load_shards(paths: Sequence[Path], rule: str = "") -> list[np.ndarray]:
    """Memory-map sealed arrays read-only; BadInput E_CHANGED if one of them was altered."""
    return [load_array(path, rule) for path in paths]


def load_array(path: Path, rule: str = "") -> np.ndarray:
    """Memory-map a sealed array read-only; BadInput E_CHANGED if it was altered."""
    return np.load(check(path, rule), mmap_mode="r", allow_pickle=False)
