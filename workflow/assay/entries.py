"""Experiments as they are written: each over the base, with its architecture's own options."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from assay import models
from assay.experiment import Experiment
from assay.faults import Fault

SETTINGS = {field.name: field.default for field in fields(Experiment)}


def near(word: str, words: Iterable[str]) -> str:
    """The question 'Did you mean ...?' where a known word is near, else an empty text."""
    close = difflib.get_close_matches(word, list(words), n=1)
    return f"Did you mean {close[0]!r}?" if close else ""


def listed(words: Iterable[str]) -> str:
    """All the words that would have done."""
    return "There are: " + ", ".join(words) + "."


def fault(where: str, place: str, message: str, remedy: str = "") -> Fault:
    """A fault of the settings in file(s) `where` at the key `place`."""
    return Fault("E_CONFIG", message, remedy, file=where, column=place)


def expand(
    base: dict[str, Any], entry: Any, place: str, where: str
) -> tuple[dict[str, Any], list[Fault]]:
    """One experiment over the base, its architecture's options set apart, and its faults.

    A base key that this architecture has no use for is left out; one that the experiment itself
    names must fit. The size is rounded down to what the architecture needs (250 to 248).
    """
    if not isinstance(entry, dict):
        return {}, [fault(where, place, "an experiment is a mapping with a name.")]
    architecture = entry.get("architecture", base.get("architecture", SETTINGS["architecture"]))
    if architecture not in models.names():
        advice = near(str(architecture), models.names()) or listed(models.names())
        message = f"no architecture is called {architecture!r}."
        return {"name": entry.get("name", "")}, [fault(where, place, message, advice)]
    possible = models.options(architecture)
    written = base | entry
    result = {key: value for key, value in written.items() if key in SETTINGS}
    result["options"] = {key: value for key, value in written.items() if key in possible}
    faults = _unknown(base, entry, architecture, place, where)
    faults += _mended(result["options"], possible, architecture, place, where)
    size = result.get("size", SETTINGS["size"])
    if isinstance(size, int):
        result["size"] = size - size % models.multiple(architecture)
    return result, faults


def _unknown(
    base: dict[str, Any], entry: dict[str, Any], architecture: str, place: str, where: str
) -> list[Fault]:
    """Keys of the base that no architecture knows, and of the entry that its own does not know."""
    everywhere = {key for name in models.names() for key in models.options(name)}
    settings = [key for key in SETTINGS if key != "options"]
    known = {"base": [*settings, *everywhere], place: [*settings, *models.options(architecture)]}
    keys = [("base", key) for key in base] + [(place, key) for key in entry]
    return [
        fault(where, f"{part}.{key}", "there is no such setting.", near(key, known[part]))
        if part == "base"
        else fault(where, f"{part}.{key}", f"{architecture} has none.", near(key, known[part]))
        for part, key in keys
        if key not in known[part]
    ]


def _mended(
    options: dict[str, Any], possible: dict[str, Any], architecture: str, place: str, where: str
) -> list[Fault]:
    """Turn numbers that are written as text into numbers, in place; faults for what can't be."""
    faults = []
    for key, value in options.items():
        allowed = models.choices(architecture).get(key)
        if allowed:
            if value not in allowed:
                words = [str(word) for word in allowed]
                message = f"{value!r} is not one of the values of {key}."
                advice = near(str(value), words) or listed(words)
                faults.append(fault(where, f"{place}.{key}", message, advice))
            continue
        options[key] = _number(value, type(possible[key]))
        if not isinstance(options[key], type(possible[key])):
            kind = type(possible[key]).__name__
            message = f"{value!r} is not of the kind {kind}, like {possible[key]!r}."
            faults.append(fault(where, f"{place}.{key}", message))
    return faults


def _number(value: Any, kind: type) -> Any:
    """The value as an int or float where it can be one without loss, else as it is."""
    if kind not in (int, float) or isinstance(value, bool):
        return value if not (isinstance(value, bool) and kind is int) else str(value)
    try:
        number = kind(float(value))
    except (TypeError, ValueError, OverflowError):
        return value
    return number if number == float(value) else value
