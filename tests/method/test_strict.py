from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.faults import BadInput
from assay.method import strict


@dataclass(frozen=True)
class Inner:
    number: int
    kind: Literal["a", "b"] = "a"


@dataclass(frozen=True)
class Outer:
    share: float
    inner: Inner
    pair: tuple[int, int]
    many: tuple[str, ...] = ()
    maybe: float | None = None
    table: dict[str, Inner] = field(default_factory=dict)
    flag: bool = False
    rest: dict[str, Any] = field(default_factory=dict)


GOOD: dict[str, Any] = {
    "share": 0.5,
    "inner": {"number": 3, "kind": "b"},
    "pair": [1, 2],
    "many": ["x", "y"],
    "table": {"k": {"number": 1}},
    "rest": {"anything": [1, "2"]},
}


def test_what_was_written_is_read() -> None:
    outer = strict.decode(Outer, GOOD)
    assert outer.inner == Inner(3, "b")
    assert outer.table == {"k": Inner(1)}
    assert outer.many == ("x", "y")
    assert strict.decode(Outer, {**asdict(outer), "pair": [1, 2], "many": ["x", "y"]}) == outer


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"share": "0.5"}, "share"),
        ({"share": float("nan")}, "share"),
        ({"share": 10**400}, "share"),
        ({"share": True}, "share"),
        ({"inner": {"number": 3.5}}, "inner.number"),
        ({"inner": {"number": 3, "kind": "c"}}, "inner.kind"),
        ({"inner": {"kind": "a"}}, "inner"),
        ({"inner": None}, "inner"),
        ({"pair": [1, 2, 3]}, "pair"),
        ({"pair": "12"}, "pair"),
        ({"many": [1]}, "many[0]"),
        ({"many": ["x" * 10_000]}, "many[0]"),
        ({"table": {"k": 3}}, "table.k"),
        ({"flag": 1}, "flag"),
        ({"code": "import os"}, "code"),
    ],
)
def test_anything_else_is_refused_with_its_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadInput) as caught:
        strict.decode(Outer, GOOD | change)
    assert caught.value.faults[0].code == "E_METHOD"
    assert place in str(caught.value)
    assert len(str(caught.value)) < 400


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(ANY, st.sampled_from(list(GOOD)))
def test_no_json_makes_anything_but_a_value_or_bad_input(value: Any, key: str) -> None:
    with contextlib.suppress(BadInput):
        assert isinstance(strict.decode(Outer, GOOD | {key: value}), Outer)


@pytest.mark.parametrize(
    "text", ["", "{", '{"a": NaN}', '{"a": 1, "a": 2}', "[" * 100_000, "\udcff", '{"a": -Infinity}']
)
def test_files_that_are_no_plain_json_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadInput):
        strict.load(path)
