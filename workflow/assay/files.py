"""Nothing lost, nothing half-written: written aside, synced, renamed, sealed by SHA-256."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from assay.faults import as_meant, harmless, refuse

if TYPE_CHECKING:
    import pandas as pd  # imported where a table is read: predicting needs no pandas


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path`; on leaving without an error sync and rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


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
def making_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder beside `folder` that takes its name and place once all is well.

    Its files are on the disk by then: all at once, for one by one takes longer than drawing.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".part"))
    try:
        filled = temporary / folder.name  # made by mkdir, so with the user's permissions
        filled.mkdir()
        yield filled
        os.sync()
        if folder.exists():
            shutil.rmtree(folder)
        filled.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` whole or not at all; OSError if the file came out short."""
    with writing(path) as file:
        file.write(content)
        file.flush()
        if os.fstat(file.fileno()).st_size != len(content):
            raise OSError(f"{path}: written short; is the disk full?")


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all."""
    write_bytes(path, text.encode())


def write_json(path: Path, content: Any) -> None:
    """Write JSON with sorted keys; ValueError for NaN and infinity: JSON has no such numbers."""
    write_text(path, json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file of ours."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV: UTF-8, dot decimals, all digits that tell floats apart.

    People open these files in spreadsheets, so text that looks like a formula gets a quote before
    it; read_table takes it away.
    """
    write_text(path, _text_by(harmless, table).to_csv(index=False, lineterminator="\n"))


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


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV table of ours. Name columns stay text (sample `001` stays `001`), "" included."""
    import pandas as pd

    table = pd.read_csv(
        path,
        dtype=dict.fromkeys(NAMES, str),
        keep_default_na=False,
        na_values=[""],
    )
    names = [name for name in NAMES if name in table]
    return _text_by(as_meant, table.fillna(dict.fromkeys(names, "")))


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal_of(path: Path) -> Path:
    """Where the SHA-256 of `path` stands: beside it, in the format of sha256sum."""
    return path.with_name(path.name + ".sha256")


def seal(path: Path) -> None:
    """Write the SHA-256 of `path` beside it."""
    write_text(seal_of(path), f"{sha256(path)}  {path.name}\n")


def check(path: Path, rule: str) -> Path:
    """Return `path` if it is what was sealed; else BadInput E_CHANGED, naming the remaking rule."""
    remedy = f"Delete it and repeat the command: rule {rule} makes it again."
    if not path.is_file() or not seal_of(path).is_file():
        raise refuse("E_CHANGED", "the file or its .sha256 is missing.", remedy, file=str(path))
    wanted = seal_of(path).read_text(encoding="utf-8", errors="replace").split(" ")[0].strip()
    if sha256(path) != wanted:
        raise refuse(
            "E_CHANGED",
            "its bytes are not those that were written (SHA-256 differs).",
            remedy,
            file=str(path),
        )
    return path


def demand_space(folder: Path, size: int) -> None:
    """OSError (ENOSPC) unless `size` bytes are free where `folder` lies; `folder` is made."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < size:
        message = f"{size / 1e9:.1f} GB of space are needed, {free / 1e9:.1f} GB are free"
        raise OSError(errno.ENOSPC, message, str(folder))


def save_array(path: Path, shape: tuple[int, ...], fill: Callable[[np.ndarray], None]) -> None:
    """Write a uint8 array as .npy that can be memory-mapped, and its seal.

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
    seal(path)


def safetensors(arrays: dict[str, np.ndarray]) -> bytes:
    """The arrays by name as the bytes of a safetensors file.

    The library stores a view, such as a column of a matrix, as other numbers without a word: each
    array is laid out anew first.
    """
    from safetensors.numpy import save

    return save({name: np.array(array, order="C") for name, array in arrays.items()})


def load_array(path: Path, rule: str) -> np.ndarray:
    """Memory-map a sealed array read-only; BadInput E_CHANGED if it was altered."""
    return np.load(check(path, rule), mmap_mode="r", allow_pickle=False)
