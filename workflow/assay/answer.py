"""Answer the questions of a study: each is one experiment against another, on the same samples."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from assay import cli, files
from assay.metrics import Scale
from assay.statistics import comparison

logger = logging.getLogger("assay")


@dataclass(frozen=True)
class Question:
    """A question in plain words; `experiment` is compared with `against`."""

    question: str
    experiment: str
    against: str


HEADER = [
    "question",
    "experiment",
    "against",
    "verdict",
    "difference",
    "difference_low",
    "difference_high",
    "p",
    "p_holm",
    "rmse",
    "rmse_against",
    "samples",
    "photographs",
]


def compared(
    question: Question, found: pd.DataFrame, first: pd.DataFrame, scale: Scale
) -> comparison.Comparison | None:
    """The comparison that answers a question; None where a model of either side failed.

    found has one column per experiment, first the label and sample of each of its rows.
    """
    pair = found[[question.experiment, question.against]]
    if pair.isna().any(axis=None):
        return None
    values = {str(name): pair[name].to_numpy() for name in pair}
    known, sample = first["label"].to_numpy(), first["sample"].to_numpy()
    return comparison.compare(known, values, sample, question.against, scale=scale)[0]


def row_of(question: Question, found: comparison.Comparison | None) -> dict[str, Any]:
    """One row of the table of answers."""
    row: dict[str, Any] = vars(question).copy()
    if found is None:
        return row | {"verdict": "a model failed"}
    return row | {
        "verdict": found.verdict,
        "difference": found.difference.estimate,
        "difference_low": found.difference.low,
        "difference_high": found.difference.high,
        "p": found.p,
        "p_holm": found.p_holm,
        "rmse": found.rmse,
        "rmse_against": found.rmse_reference,
        "samples": found.samples,
        "photographs": found.photographs,
    }


def answer(
    predictions: Path,
    questions: list[Question],
    out: Path,
    scale: Literal["linear", "log10"] = "linear",
) -> None:
    """Write a verdict for each of QUESTIONS to OUT, Holm-corrected over all of them.

    PREDICTIONS are the pooled out-of-fold values of rule cross_validate.
    """
    table = files.read_table(predictions)
    found = table.pivot(index="photo", columns="experiment", values="found")
    first = table.drop_duplicates("photo").set_index("photo").loc[found.index]
    answers = [compared(question, found, first, scale) for question in questions]
    corrected = iter(comparison.together([one for one in answers if one]))
    rows = [
        row_of(question, next(corrected) if one else None)
        for question, one in zip(questions, answers, strict=True)
    ]
    files.write_table(out, pd.DataFrame(rows, columns=HEADER))
    shown = sum([row["verdict"] in ("better", "worse") for row in rows])
    logger.info("%d questions, %d with a difference shown", len(rows), shown)


if __name__ == "__main__":
    cli.run(answer)
