"""File names that people mix up: invisible characters and names that look alike (W_NAME)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# Cc control, Cf format (direction marks, zero width), Co private, Cs surrogate, Zl/Zp separators
AWKWARD = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def awkward(name: str) -> str:
    """What is awkward about a name, "" if nothing. A tab is seen, so it is let pass."""
    if name.isascii() and name.isprintable():
        return ""
    found = {
        f"U+{ord(letter):04X}"
        for letter in name
        if letter != "\t" and unicodedata.category(letter) in AWKWARD
    }
    return f"has invisible characters ({', '.join(sorted(found))})" if found else ""


def lookalikes(names: Iterable[str]) -> dict[str, list[str]]:
    """For each name that looks like others, those others: case, Unicode form, invisible letters.

    Of names that differ in Unicode form only, the composed one is the usual and isn't reported.
    """
    first: dict[str, str] = {}
    groups: dict[str, set[str]] = {}
    for name in names:
        other = first.setdefault(_look(name), name)
        if other != name:
            groups.setdefault(_look(name), {other}).add(name)
    return {
        name: sorted(group - {name})
        for group in groups.values()
        for name in group
        if any(_composed(other) != name for other in group - {name})
    }


def _look(name: str) -> str:
    if name.isascii():
        low = name.lower()
        return name if low == name else low  # one text where they are equal
    seen = (c for c in name if unicodedata.category(c) not in AWKWARD)
    return unicodedata.normalize("NFKC", "".join(seen)).casefold()


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
