"""What was found in the photographs, by column, and as the files that one job hands to another."""

from __future__ import annotations

import json
import mmap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assay import files
from assay.faults import Fault, refuse
from assay.intake.examination import Finding, Targets
from assay.intake.nearness import GRID
from assay.intake.rows import at

SIGNATURE = (GRID, GRID, 3)
BLOCK = 50_000  # rows that are written at once
DIGEST = "S64"  # 32 bytes in hexadecimal
SHAPE = ("measured_height", "measured_width")
MOST_TEXTS = 4096  # different texts that are kept once
TOLD_OF_FAULTS = ("code", "message", "remedy", "column", "value")  # file and row: the target's


class Signatures:
    """Signatures that lie in several arrays, on the disk perhaps; indexing copies some of them."""

    def __init__(self, parts: Sequence[Part], places: np.ndarray):
        self.parts, self.places = parts, places
        self.starts = np.cumsum([0, *(len(part.array) for part in parts)])

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, positions: slice | np.ndarray) -> np.ndarray:
        """(n, 8, 8, 3) float32 of some positions."""
        places = self.places[positions]
        result = np.empty((len(places), *SIGNATURE), np.float32)
        owner = np.searchsorted(self.starts, places, side="right") - 1
        for number, part in enumerate(self.parts):
            mine = owner == number
            if mine.any():
                result[mine] = part.array[places[mine] - self.starts[number]]
                part.forget()
        return result

    def at(self, positions: Sequence[int] | np.ndarray) -> Signatures:
        """The signatures at these positions."""
        return Signatures(self.parts, at(self.places, positions))


class Part:
    """An array of signatures in memory, or in a file whose pages don't stay in this process."""

    def __init__(self, array: np.ndarray, pages: mmap.mmap | None = None):
        self.array, self.pages = array, pages

    @classmethod
    def of_file(cls, path: Path) -> Part:
        """The signatures that `write_findings` wrote; BadInput E_CHANGED if they were altered."""
        with files.check(path).open("rb") as file:
            np.lib.format.read_magic(file)
            shape, _, _ = np.lib.format.read_array_header_1_0(file)
            if not shape[0]:
                return cls(np.empty((0, *SIGNATURE), np.float32))
            pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            array = np.frombuffer(pages, np.float32, offset=file.tell()).reshape(shape)
        return cls(array, pages)

    def forget(self) -> None:
        """Give the memory back that was read; the operating system still has the file's pages."""
        if self.pages:
            self.pages.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True, eq=False)
class Findings:
    """Findings by column: see Finding. notes and faults are JSON texts, of which few differ."""

    sha256: np.ndarray
    pixel_hash: np.ndarray
    signatures: Signatures
    shape: np.ndarray
    width: np.ndarray
    height: np.ndarray
    format: list[str]
    grey: np.ndarray
    notes: list[str]
    faults: list[str]

    def __len__(self) -> int:
        return len(self.width)

    def at(self, positions: Sequence[int] | np.ndarray) -> Findings:
        """The findings at these positions."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        signatures = own.pop("signatures").at(positions)
        return Findings(
            signatures=signatures, **{key: at(column, positions) for key, column in own.items()}
        )

    @property
    def is_read(self) -> np.ndarray:
        """(N,) whether each photograph was read true."""
        return self.sha256 != b""

    def counted_notes(self) -> dict[str, int]:
        """How often each note was made."""
        told: Counter[str] = Counter()
        for text, count in Counter(self.notes).items():
            told.update({note: count * n for note, n in Counter(json.loads(text)).items()})
        return dict(told)


@dataclass(frozen=True, eq=False)
class FaultsOfPhotos:
    """The faults of all photographs, put together one by one as they are asked for."""

    row: np.ndarray
    image: list[str]
    texts: list[str]

    def __iter__(self) -> Iterator[Fault]:
        for row, image, text in zip(self.row.tolist(), self.image, self.texts, strict=True):
            for fault in _read_faults(text):
                yield replace(fault, file=image, row=row)


@lru_cache(4096)
def _read_faults(text: str) -> list[Fault]:
    return [Fault(**told) for told in json.loads(text)]


def collect(examined: Iterable[Finding], count: int) -> Findings:
    """Put the findings of `count` photographs into columns as they come."""
    digests, hashes = np.zeros(count, DIGEST), np.zeros(count, DIGEST)
    signatures = np.zeros((count, *SIGNATURE), np.float32)
    shape = np.zeros((count, 2), np.int32)
    width, height = np.zeros(count, np.int32), np.zeros(count, np.int32)
    grey = np.zeros(count, dtype=bool)
    texts: dict[str, str] = {}
    formats, notes, faults = [], [], []
    for index, finding in enumerate(examined):
        digests[index], hashes[index] = finding.sha256.encode(), finding.pixel_hash.encode()
        if finding.signature is not None:
            signatures[index] = finding.signature
        shape[index] = finding.shape
        width[index], height[index], grey[index] = finding.width, finding.height, finding.grey
        formats.append(finding.format)
        notes.append(_once(texts, json.dumps(finding.notes)))
        faults.append(_once(texts, _written(finding.faults)))
    found = Signatures([Part(signatures)], np.arange(count))
    return Findings(digests, hashes, found, shape, width, height, formats, grey, notes, faults)


def _once(texts: dict[str, str], text: str) -> str:
    """The same text as before, where there are few."""
    return texts.setdefault(text, text) if len(texts) < MOST_TEXTS else texts.get(text, text)


def _written(faults: Iterable[Fault]) -> str:
    told = ({name: getattr(fault, name) for name in TOLD_OF_FAULTS} for fault in faults)
    return json.dumps([{name: text for name, text in fault.items() if text} for fault in told])


def write_findings(findings: Findings, targets: Targets, table: Path) -> None:
    """Write what was found in these targets: a table, and beside it their signatures (.npy)."""
    starts = range(0, max(1, len(findings)), BLOCK)
    with files.writing(table.with_suffix(".npy")) as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (len(findings), *SIGNATURE)}
        np.lib.format.write_array_header_1_0(file, header)
        for start in starts:
            file.write(findings.signatures[start : start + BLOCK].data)
    files.write_blocks(table, (_block(findings, targets, slice(s, s + BLOCK)) for s in starts))


def _block(findings: Findings, targets: Targets, part: slice) -> pd.DataFrame:
    """Some rows of the table of findings."""
    columns: dict[str, Any] = {"row": targets.row[part], "image": targets.image[part]}
    for name in ("sha256", "pixel_hash"):
        columns[name] = getattr(findings, name)[part].astype(str)
    columns |= {name: findings.shape[part, axis] for axis, name in enumerate(SHAPE)}
    columns |= {name: getattr(findings, name)[part] for name in ("width", "height", "format")}
    columns |= {"grey": findings.grey[part].astype(int), "notes": findings.notes[part]}
    return pd.DataFrame(columns | {"faults": findings.faults[part]})


def read_findings(tables: Sequence[Path], targets: Targets) -> Findings:
    """What was found in these targets, from the tables of all shards in order.

    BadInput E_CHANGED if they were altered, or made of other photographs than these.
    """
    parts, found, places = [], [], []
    taken = start = 0
    for table in tables:
        frame, part = files.read_table(table), Part.of_file(table.with_suffix(".npy"))
        rows = frame["row"].to_numpy(dtype=np.int64)
        ends = (rows[0], rows[-1] + 1) if len(rows) else (0, 0)
        first, last = np.searchsorted(targets.row, ends)
        index = np.searchsorted(rows, targets.row[first:last])
        chosen = frame.iloc[index]
        told = (chosen["row"].tolist(), chosen["image"].tolist())
        if first > taken or told != (targets.row[first:last].tolist(), targets.image[first:last]):
            break
        found.append(_columns(chosen))
        parts.append(part)
        places.append(start + index)
        taken, start = max(taken, last), start + len(frame)
    if taken != len(targets):
        message = "it was made of another table or folder than this one."
        raise refuse(
            "E_CHANGED", message, "Repeat the command of its rule: survey.", file=str(table)
        )
    columns = {key: _chained([part[key] for part in found]) for key in found[0]}
    return Findings(signatures=Signatures(parts, np.concatenate(places)), **columns)


def _columns(frame: pd.DataFrame) -> dict[str, Any]:
    """The columns of Findings from the table that `write_findings` wrote."""
    texts: dict[str, str] = {}
    result: dict[str, Any] = {
        name: np.array(frame[name].to_numpy(dtype=object), DIGEST)
        for name in ("sha256", "pixel_hash")
    }
    result["shape"] = frame[list(SHAPE)].to_numpy(dtype=np.int32)
    result |= {name: frame[name].to_numpy(dtype=np.int32) for name in ("width", "height")}
    result["grey"] = frame["grey"].to_numpy(dtype=bool)
    return result | {
        name: [_once(texts, text) for text in frame[name]] for name in ("format", "notes", "faults")
    }


def _chained(columns: Sequence[Any]) -> Any:
    if isinstance(columns[0], list):
        return [cell for column in columns for cell in column]
    return np.concatenate(columns)
