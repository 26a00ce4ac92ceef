"""JSON of unknown origin to typed values: every key known, every number finite, nothing guessed."""

from __future__ import annotations

import json
import math
import typing
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any

from assay.faults import BadInput, refuse
from assay.reading import paths

LARGEST_TEXT = 4096  # characters of one text
LARGEST_LIST = 100_000  # items
LARGEST_FILE = 4 * 2**20  # bytes
REMEDY = "Copy the method again from its source."


def damaged(message: str, file: str = "") -> BadInput:
    """BadInput E_METHOD: a method's file isn't what its format says."""
    return refuse("E_METHOD", message, REMEDY, file=file)


def load(path: Path) -> Any:
    """The JSON of a regular file of at most LARGEST_FILE bytes; BadInput E_METHOD otherwise."""
    content = paths.contents(path, LARGEST_FILE)
    try:
        return json.loads(content, parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise damaged(f"it is not JSON ({error}).", str(path)) from error


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("a key stands twice")
    return result


def decode(kind: Any, value: Any, place: str = "") -> Any:
    """`value` as a `kind`: a dataclass, number, text, Literal, tuple, list, dict or X | None.

    BadInput E_METHOD, naming the place, for anything else: a missing or unknown key of a dataclass,
    a text where a number belongs, a number that isn't finite.
    """
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return value
    if origin in (typing.Union, UnionType):
        other = next(part for part in inner if part is not type(None))
        return None if value is None else decode(other, value, place)
    if origin is typing.Literal:
        return _checked(value in inner, value, f"one of {inner}", place)
    if is_dataclass(kind):
        return _dataclass(kind, value, place)
    if origin in (tuple, list):
        return _items(origin, inner, value, place)
    if origin is dict:
        _checked(isinstance(value, dict), value, "a mapping", place)
        return {key: decode(inner[1], item, f"{place}.{key}") for key, item in value.items()}
    return _plain(kind, value, place)


def _plain(kind: Any, value: Any, place: str) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if kind is float:
        good = whole or (isinstance(value, float) and math.isfinite(value))
        return float(_checked(good and abs(value) < 1e300, value, "a finite number", place))
    if kind is int:
        return _checked(whole and abs(value) < 2**53, value, "a whole number", place)
    if kind is str:
        good = isinstance(value, str) and len(value) <= LARGEST_TEXT
        return _checked(good, value, "a text", place)
    return _checked(isinstance(value, bool), value, "true or false", place)


def _items(origin: type, inner: tuple[Any, ...], value: Any, place: str) -> Any:
    good = isinstance(value, list) and len(value) <= LARGEST_LIST
    _checked(good, value, "a list", place)
    kinds = inner
    if origin is list or inner[1:] == (Ellipsis,):
        kinds = (inner[0],) * len(value)
    _checked(len(kinds) == len(value), value, f"{len(kinds)} items", place)
    items = zip(kinds, value, strict=True)
    return origin(decode(kind, item, f"{place}[{n}]") for n, (kind, item) in enumerate(items))


def _dataclass(kind: Any, value: Any, place: str) -> Any:
    _checked(isinstance(value, dict), value, "a mapping", place)
    hints = typing.get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}
    for key in value:
        _checked(key in known, key, f"one of the keys {', '.join(known)}", place)
    for name, field in known.items():
        needed = field.default is MISSING and field.default_factory is MISSING
        _checked(name in value or not needed, value, f"a mapping with the key {name}", place)
    typed = {key: decode(hints[key], item, f"{place}.{key}") for key, item in value.items()}
    try:
        return kind(**typed)
    except (TypeError, ValueError) as error:
        raise damaged(f"{place.lstrip('.')}: {error}.") from error


def _checked(good: bool, value: Any, wanted: str, place: str) -> Any:
    if not good:
        shown = repr(value)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        raise damaged(f"{place.lstrip('.') or 'the content'}: {shown} is not {wanted}.")
    return value
