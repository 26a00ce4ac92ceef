"""Sections of the report that not every run has: each None where there is nothing to show."""

from __future__ import annotations

from typing import Any

from assay.intake.records import records
from assay.reporting.run import Run
from assay.reporting.tables import Cell, Table, interval_cell, of_frame, p_cell, text_cell

QUESTIONS = ["question", "experiment", "against", "difference", "p (Holm)", "verdict"]

COST_NAMES = {
    "multiply_adds": "multiply-adds",
    "receptive_field_px": "receptive field (px)",
    "activation_mib": "activations (MiB)",
    "images_per_second": "photographs/s",
    "spread_8_poses_percent": "spread, 8 poses (%)",
    "spread_15_degrees_percent": "15° (%)",
    "spread_30_degrees_percent": "30° (%)",
    "spread_45_degrees_percent": "45° (%)",
}

SUSPECTS = 20  # suspicious labels that the page shows

SUSPECT_COLUMNS = ["image", "row", "sample", "known", "found", "kind", "suggested", "chance"]


def answered(run: Run) -> Table | None:
    """What the study asked, answered; None where it asks nothing."""
    answers = run.table("answers")
    if answers is None:
        return None
    caption = (
        "The questions of the study: one experiment against another, out of fold. "
        f"{run.quantity.with_unit('Difference in RMSE')}, 95 % interval by sample; Holm's p "
        "over all questions."
    )
    return Table(caption, QUESTIONS, [_answered(row) for row in records(answers)])


def _answered(row: dict[str, Any]) -> list[Cell]:
    return [
        text_cell(row["question"]),
        text_cell(row["experiment"]),
        text_cell(row["against"]),
        interval_cell(row, "difference", sign=True),
        p_cell(row, "p_holm"),
        text_cell(row["verdict"]),
    ]


def priced(run: Run) -> Table | None:
    """What altering the colour costs; None where nothing is altered."""
    prices = run.table("prices")
    if prices is None:
        return None
    caption = (
        "How far the answer of the best colour baseline moves when a photograph is altered as "
        f"augmentation does, in the mean {run.quantity.with_unit('shift')}, and the SD over "
        "photographs (spread). A network trained on such copies learns to overlook as much."
    )
    return of_frame(caption, prices)


def costly(run: Run) -> Table | None:
    """What each network costs and how invariant it is; None where there is no network."""
    costs = run.table("summary")
    if costs is None:
        return None
    caption = (
        "Trained networks of fold 0 at their size: parameters (weights alone: without biases and "
        "norms), multiply-adds of one answer, receptive field, activation memory and answers per "
        "second (a batch of 32). Spread: how far the answer moves over the 8 turns and mirrors of "
        "a photograph, and when a well is turned by 15, 30 and 45 degrees, in % of the range."
    )
    networks = costs[costs["parameters"].notna()]
    shown = networks.drop(columns=["state"]).dropna(axis="columns", how="all")
    return of_frame(caption, shown, COST_NAMES)


def suspicious(run: Run) -> Table | None:
    """Labels that look like a slip of the pen, the worst first; None where there is none."""
    suspects = run.table("suspects")
    if suspects is None or suspects.empty:
        return None
    more = f"; the first {SUSPECTS}, validation/suspects.csv has all"
    caption = (
        f"Suspicious labels: {len(suspects)}{more if len(suspects) > SUSPECTS else ''}. "
        "Suggested, never applied: look at the photograph. Chance: the share of all labels that "
        "would fit as well; where it is high, the suggestion is weak."
    )
    return of_frame(caption, suspects.head(SUSPECTS)[SUSPECT_COLUMNS])


def random_split(run: Run) -> Table | None:
    """The best colour baseline by block and with photographs dealt at random."""
    careless = run.table("random_split")
    if careless is None:
        return None
    caption = (
        "What a careless split would have claimed: the best colour baseline, out of fold, with "
        f"samples, groups or levels kept whole and with photographs dealt at random. "
        f"{run.quantity.with_unit('RMSE')}; its 95 % interval by sample."
    )
    return of_frame(caption, careless)
