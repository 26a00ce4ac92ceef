"""The parts of the report, each a plain mapping for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from assay import models
from assay.figures.residuals import worst
from assay.figures.wall import PLACES
from assay.intake.numerals import count, decimals, number, signed
from assay.quantity import Quantity
from assay.reporting import describe, provenance, scores
from assay.reporting.render import photographs
from assay.reporting.run import Figure, Run, figure
from assay.reporting.tables import (
    Cell,
    Table,
    text_cell,
)

CONTENTS = {  # and the part of the run without which there is nothing below a heading
    "Verdict": None,
    "Leaderboard": None,
    "Questions": "answers",
    "Price of altered colour": "prices",
    "Size and cost": "summary",
    "Validation": "validity",
    "Random split": "random_split",
    "Transfer": "transfer",
    "More samples?": "sample_size",
    "Test set": None,
    "Experiments": None,
    "Largest residuals": None,
    "Split": None,
    "Data": None,
    "What was run": None,
    "How to read this": None,
}


def contents(run: Run) -> list[str]:
    """The headings of the page, without those that have nothing below them."""
    return [name for name, needed in CONTENTS.items() if needed is None or run.has(needed)]


def leaderboard(run: Run) -> dict[str, Any]:
    """Tables and figures that rank the experiments."""
    basis, seed = scores.basis(run.board), f"seed: split {run.settings['split']['seed']}"
    figures = [
        figure(
            run,
            "leaderboard",
            describe.of_leaderboard(run.board, run.quantity),
            f"RMSE out of fold of every experiment. {basis}; {seed}.",
        ),
        figure(
            run,
            "differences",
            describe.of_differences(run.comparison, run.reference),
            f"Difference in RMSE to {run.reference}, on the same photographs. {basis}; {seed}.",
        ),
    ]
    failed = scores.failures([dict(one) for one in run.descriptions])
    tables = [scores.everything(run.board, run.quantity), failed]
    return {
        "ranking": scores.ranking(run.board, run.quantity, run.reference),
        "board_figures": figures,
        "board_tables": [table for table in tables if table],
    }


def test_set(run: Run) -> dict[str, Any] | None:
    """The test set's scores and figure; None where there is no test set."""
    if run.test.empty:
        return None
    alt = describe.of_found(run.test, run.scores["experiment"], run.quantity)
    seeds = {"split": run.settings["split"]["seed"]}
    caption = f"Test set: found against known. {describe.facts(run.test, seeds)}"
    return {
        "table": scores.of_test(run.scores, run.quantity),
        "figure": figure(run, "test", alt, caption),
    }


def experiments(run: Run) -> list[dict[str, Any]]:
    """Every experiment in the order of the leaderboard."""
    return [experiment(run, str(name)) for name in run.board["experiment"]]


def experiment(run: Run, name: str) -> dict[str, Any]:
    """One experiment: what it is, and its figures."""
    mine = [
        place for place, one in enumerate(run.descriptions) if one["experiment"]["name"] == name
    ]
    first = run.descriptions[mine[0]]
    settings = first["experiment"]
    text = (
        f"{settings['architecture']} at {pixels(settings, run.settings['full_size'])}, "
        f"{count(int(first['parameters']), 'number')} stored in each model, "
        f"augmentation: {settings['augmentation']}"
    )
    histories = [run.histories[place] for place in mine]
    rows = run.pooled[run.pooled["experiment"].eq(name)]
    return {
        "name": name,
        "text": f"{text}.",
        "figures": drawn(run, name, histories, settings),
        "folds": scores.by_fold(rows.dropna(subset="found"), name, run.quantity),
    }


def pixels(experiment: Mapping[str, Any], full: int) -> str:
    """The size that an experiment sees, and why it isn't the full one where an architecture is odd.

    Turns and mirrors are exact only where each halving is.
    """
    multiple, size = models.multiple(experiment["architecture"]), int(experiment["size"])
    if size < full and size == full - full % multiple:
        return f"{size} px (of {full}: turns are exact only at a multiple of {multiple})"
    return f"{size} px"


def drawn(
    run: Run, name: str, histories: list[pd.DataFrame], settings: Mapping[str, Any]
) -> list[Figure]:
    """Residuals, found against known and, where there is a history, learning curves."""
    scored = run.pooled[run.pooled["experiment"].eq(name)].dropna(subset="found")
    if scored.empty:
        return []
    seeds = {"training": settings["seed"], "split": run.settings["split"]["seed"]}
    basis = describe.facts(scored, seeds)
    folder = f"experiments/{name}"
    result = [
        figure(
            run,
            f"{folder}/residuals",
            describe.of_residuals(scored, name, run.quantity),
            f"Residuals against known values, out of fold. {basis}",
        ),
        figure(
            run,
            f"{folder}/found_known",
            describe.of_found(scored, name, run.quantity),
            f"Found against known values, out of fold. {basis}",
        ),
    ]
    if any(len(history) for history in histories):
        caption = f"Learning curves: training photographs and the fold held out. {basis}"
        alt = describe.of_learning(histories, name, run.quantity.unit)
        result.append(figure(run, f"{folder}/learning", alt, caption))
    return result


def wall(run: Run) -> dict[str, Any] | None:
    """The photographs that the best experiment misjudged most; None if nothing was scored."""
    scored = run.pooled[run.pooled["experiment"].eq(run.best)].dropna(subset="found")
    if scored.empty:
        return None
    rows = worst(scored, run.quantity, PLACES)
    alt = describe.of_wall(rows, run.best)
    caption = f"The largest residuals of {run.best}, out of fold, {count(len(rows), 'photograph')}"
    return {
        "figure": Figure(photographs(run.figures / "wall"), alt, f"{caption}.", "photographs"),
        "table": worst_table(rows, run.quantity, f"{caption}; numbered as above."),
    }


def worst_table(rows: pd.DataFrame, quantity: Quantity, caption: str) -> Table:
    """Photographs with known, found and residual."""
    places = quantity.places(*rows["label"], *rows["found"])
    step = decimals(*rows["residual"])
    unit = f" ({quantity.unit})" if quantity.unit else ""
    header = ["number", "photograph", "sample", "group", "fold", f"known{unit}", f"found{unit}"]
    cells = [
        [
            Cell(str(rank), numeric=True),
            text_cell(row["image"]),
            text_cell(row["sample"]),
            text_cell(row["group"]),
            Cell(str(row["fold"]), numeric=True),
            Cell(number(row["label"], places), "label", repr(float(row["label"])), numeric=True),
            Cell(number(row["found"], places), "found", repr(float(row["found"])), numeric=True),
            Cell(signed(row["residual"], step), numeric=True),
        ]
        for rank, row in enumerate(rows.to_dict("records"), start=1)
    ]
    return Table(caption, [*header, quantity.with_unit("residual")], cells)


def split(run: Run) -> Figure:
    """How the photographs were dealt."""
    settings = run.settings["split"]
    caption = (
        f"Concentrations in each part, dealt by {settings['block']}. "
        f"{describe.facts(run.split, {'split': settings['seed']})}"
    )
    return figure(run, "split", describe.of_split(run.split), caption)


def what_was_run(run: Run, packages: Sequence[str]) -> list[Table]:
    """Settings, versions, hardware and time."""
    different, shared = provenance.experiments_table(run.descriptions)
    return [
        different,
        shared,
        provenance.settings_table(run.settings),
        provenance.times(run.descriptions, run.speeds),
        *([provenance.recorded(run.record)] if run.record else []),
        provenance.hardware(),
        provenance.versions(packages),
    ]
