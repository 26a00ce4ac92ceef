from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from assay import cli
from assay.experiment import Augmentation
from assay.faults import refuse


def step(
    table: Path,
    out: list[Path],
    mode: Literal["a", "b"] = "a",
    share: float = 0.5,
    limit: Path | None = None,
    fast: bool = False,
    preset: Augmentation = Augmentation(),  # noqa: B008
) -> None:
    """Write what was given to OUT."""
    if mode == "b":
        raise refuse("E_EXAMPLE", "mode b is not wanted.", "Use a.", file=str(table), row=3)
    out[0].write_text(f"{share} {limit} {fast} {preset.copies} {preset.noise}")


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        cli.run(step, words)
    return int(left.value.code or 0)


def test_the_signature_is_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "o"
    words = ["--table", "t", "--out", str(out), "--share", "0.25", "--fast"]
    assert run(*words, "--limit", "l", "--preset", '{"copies": 2, "noise": [0, 0.1]}') == 0
    assert out.read_text() == "0.25 l True 2 [0, 0.1]"


def test_bad_input_is_one_sentence_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "logs" / "step.log"
    assert run("--table", "t.csv", "--out", "o", "--mode", "b", "--log", str(log), "--quiet") == 2
    said = capsys.readouterr().err
    assert said == "E_EXAMPLE: t.csv, row 3: mode b is not wanted. Use a.\n"
    assert "E_EXAMPLE" in log.read_text()


def test_a_missing_or_misspelt_word_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--table", "t") == 2
    assert "--out" in capsys.readouterr().err
    assert run("--table", "t", "--out", "o", "--mode", "c") == 2
    assert "invalid choice" in capsys.readouterr().err
