from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import answer, files
from assay.answer import Question


def answers(tmp_path: Path, questions: list[Question], samples: int = 60) -> pd.DataFrame:
    """Answers about four made-up experiments: good, plain, plain again, and one that failed."""
    generator = np.random.default_rng(0)
    label = generator.uniform(80, 350, samples)
    parts = []
    for name, noise in (("good", 1.0), ("plain", 5.0), ("again", 5.0), ("failed", np.nan)):
        found = label + noise * generator.standard_normal(samples)
        table = {"photo": range(samples), "sample": range(samples), "label": label, "found": found}
        parts.append(pd.DataFrame(table).assign(experiment=name))
    files.write_table(tmp_path / "p.csv", pd.concat(parts))
    answer.answer(tmp_path / "p.csv", questions, tmp_path / "answers.csv")
    return files.read_table(tmp_path / "answers.csv")


def test_each_question_gets_the_verdict_of_its_own_pair(tmp_path: Path) -> None:
    asked = [
        Question("Is good better?", "good", "plain"),
        Question("Is plain worse?", "plain", "good"),
        Question("Does it differ?", "again", "plain"),
        Question("Did it run?", "failed", "plain"),
    ]
    table = answers(tmp_path, asked)
    assert list(table["question"]) == [question.question for question in asked]
    verdicts = ["better", "worse", "no difference shown", "a model failed"]
    assert list(table["verdict"]) == verdicts
    assert table["difference"][0] == pytest.approx(-table["difference"][1])
    assert table["difference"][0] == pytest.approx(table["rmse"][0] - table["rmse_against"][0])
    assert (table["samples"][:3] == 60).all()
    assert np.isnan(table["difference"][3])


def test_more_questions_make_a_verdict_harder_to_reach(tmp_path: Path) -> None:
    one = answers(tmp_path, [Question("?", "good", "plain")])
    many = answers(tmp_path, [Question("?", "good", "plain"), Question("?", "again", "plain")])
    assert one["p_holm"][0] == one["p"][0]
    assert many["p_holm"][0] == pytest.approx(2 * many["p"][0])


def test_with_too_few_samples_no_difference_is_shown(tmp_path: Path) -> None:
    table = answers(tmp_path, [Question("?", "good", "plain")], samples=6)
    assert table["verdict"][0] == "no difference shown"


def test_without_questions_the_table_is_empty(tmp_path: Path) -> None:
    assert answers(tmp_path, []).empty
