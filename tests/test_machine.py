from __future__ import annotations

from pathlib import Path

import pytest

from assay import machine


def test_the_machine_has_a_name_and_cores() -> None:
    found = machine.describe()
    assert found["processor"]
    assert int(found["cores"]) >= 1


def test_without_a_list_there_still_is_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(path: Path) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", unreadable)
    assert machine.processor()


def test_versions_name_what_is_missing() -> None:
    found = machine.versions(("numpy", "no-such-package"))
    assert found["numpy"][0].isdigit()
    assert found["no-such-package"] == "not installed"


@pytest.mark.parametrize(
    ("told", "has"),
    [
        ("model name\t: Some\nflags\t\t: fpu amx_bf16 amx_tile\n", True),
        ("flags\t\t: fpu avx2 f16c\n\nprocessor\t: 1\nflags\t\t: fpu\n", False),
        ("Features\t: fp asimd bf16 i8mm\n", True),
        ("Features\t: fp asimd\n", False),
        ("nothing known", None),
    ],
)
def test_a_processor_has_products_in_bfloat16_or_not(
    told: str, has: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_text", lambda path: told)
    assert machine.multiplies_bfloat16() is has
