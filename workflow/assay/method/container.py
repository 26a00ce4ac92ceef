"""A method's folder: method.json, its card, arrays and models.

Every file is looked at before it is believed: its name is one of these, it is a regular file, its
size and SHA-256 are those that method.json tells, and shapes agree with sizes before any array is
made. So a damaged or hostile method is refused with a sentence, and none is ever run as code.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays

from assay import files
from assay.faults import BadInput, refuse
from assay.method import card, strict
from assay.method.description import FORMAT, Description, Entry
from assay.reading import paths

NAME = re.compile(r"(arrays|fold\d{1,2})\.safetensors|model\.onnx|README\.md")
LARGEST = 2**31  # bytes of one file
ARRAYS, GRAPH, CARD, JSON = "arrays.safetensors", "model.onnx", "README.md", "method.json"


@dataclass(frozen=True)
class Container:
    """A method's description and where its other files lie; digest: SHA-256 of method.json."""

    folder: Path
    description: Description
    digest: str

    def content(self, name: str) -> bytes:
        """The bytes of one of its files; BadInput E_METHOD if they aren't those written."""
        entry = self.description.files.get(name)
        path = self.folder / name
        if entry is None or not NAME.fullmatch(name):
            raise strict.damaged("method.json names no such file.", str(path))
        try:
            content = paths.contents(path, LARGEST)
        except BadInput as bad:
            raise strict.damaged(bad.faults[0].message, str(path)) from bad
        if len(content) != entry.bytes or hashlib.sha256(content).hexdigest() != entry.sha256:
            message = "its bytes are not those that were written (size or SHA-256 differs)."
            raise strict.damaged(message, str(path))
        return content

    def arrays(self, name: str = ARRAYS) -> dict[str, np.ndarray]:
        """The arrays of a safetensors file by name; BadInput E_METHOD if it isn't one."""
        try:
            # the library compares shapes, types and offsets with the size of the file first
            found = load_arrays(self.content(name))
        except (SafetensorError, ValueError, KeyError, TypeError, OverflowError) as error:
            raise strict.damaged(f"its arrays can't be read ({error}).", name) from error
        return dict(found)

    def fold(self, number: int) -> dict[str, np.ndarray]:
        """The learned arrays of the model of one fold."""
        return self.arrays(f"fold{number}.safetensors")


def _named(bad: BadInput, path: Path) -> BadInput:
    return BadInput(replace(fault, file=fault.file or str(path)) for fault in bad.faults)


def read(folder: Path) -> Container:
    """Open a method's folder; BadInput E_METHOD or E_METHOD_FORMAT where it can't be believed."""
    path = folder / JSON
    if not folder.is_dir() or not path.is_file():
        remedy = "Name the folder that holds method.json: make method writes results/method."
        raise refuse("E_METHOD", "there is no method in this folder.", remedy, file=str(folder))
    try:
        raw = strict.load(path)
        _check_format(raw)
        description = strict.decode(Description, raw)
    except BadInput as bad:
        raise _named(bad, path) from bad
    wrong = [name for name in description.files if not NAME.fullmatch(name)]
    if wrong:
        raise strict.damaged(f"it names a file {wrong[0]!r}, which no method has.", str(path))
    return Container(folder, description, files.sha256(path))


def _check_format(raw: Any) -> None:
    number = raw.get("format") if isinstance(raw, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise strict.damaged("it tells no number of its format.")
    if number > FORMAT:
        message = f"its format is {number}; this Assay reads formats 1 to {FORMAT}."
        raise refuse("E_METHOD_FORMAT", message, "Install a newer Assay.")


def write(folder: Path, description: Description, contents: Mapping[str, bytes]) -> Container:
    """Write a method's folder, its card included, whole or not at all."""
    contents = {**contents, CARD: card.text(description).encode()}
    entries = {
        name: Entry(len(content), hashlib.sha256(content).hexdigest())
        for name, content in sorted(contents.items())
    }
    final = replace(description, files=entries)
    with files.making_folder(folder) as place:
        for name, content in contents.items():
            (place / name).write_bytes(content)
        text = json.dumps(asdict(final), indent=1, sort_keys=True, allow_nan=False)
        (place / JSON).write_text(text + "\n", encoding="utf-8")
    return read(folder)
