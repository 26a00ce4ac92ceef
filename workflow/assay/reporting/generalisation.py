"""Two sections of the report: would more samples help, and does it hold for new groups?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from assay.intake.numerals import NONE, confident, count, ends, missing, number, places_of, signed
from assay.intake.records import records
from assay.quantity import Quantity
from assay.reporting.run import Figure, Run, figure
from assay.reporting.tables import Cell, Table, interval_cell, number_cell, p_cell, text_cell
from assay.statistics.analytical.loq import MINIMUM_PER_LEVEL
from assay.statistics.comparison import MINIMUM_SAMPLES

ALL = "all groups"
POOLED = "pooled"
NAMED = 4  # groups that a sentence names


def more_samples(run: Run) -> dict[str, Any] | None:
    """Learning curves over samples and their forecast; None where none was asked for."""
    forecast, points = run.table("forecast"), run.table("sample_size")
    if forecast is None or points is None:
        return None
    split = run.settings["split"]
    caption = (
        "RMSE out of fold of experiments trained again on nested shares of their training samples, "
        f"dealt by {split['block']}; the folds stay the same. Dashed: forecast, with its 95 % "
        f"band. A share is trained for as many epochs as the whole. seed: {split['seed']}."
    )
    sentences = [
        of_forecast(rows, str(name), run.quantity)
        for name, rows in forecast.groupby("experiment", sort=False)
    ]
    return {
        "sentences": [*sentences, *of_thin(run.validity)],
        "figure": figure(run, "sample_size", described(points, run.quantity), caption),
        "table": forecast_table(forecast, run.quantity),
    }


def of_forecast(rows: pd.DataFrame, name: str, quantity: Quantity) -> str:
    """What more samples would bring one experiment, or why nothing can be said."""
    now, by_curve, *ahead = records(rows)
    start = (
        f"{name}: RMSE {number(now['rmse'])}{quantity.of_error} with "
        f"{count(int(now['samples']), 'training sample')}"
    )
    if missing(by_curve["rmse"]):
        return f"{start}. No forecast: {by_curve['note']}."
    told = []
    for row in ahead[:2]:
        places = places_of(row["rmse"], row["rmse_low"], row["rmse_high"])
        interval = confident(row["rmse_low"], row["rmse_high"], places)
        told.append(
            f"{number(row['rmse'], places)} with {row['times']:g} times as many ({interval})"
        )
    wanted = [
        f"for {row['question'].removeprefix('samples for ')}, {needed(row)}" for row in ahead[2:]
    ]
    text = f"{start}; forecast: {', '.join(told)}. Needed {'; '.join(wanted)}"
    return f"{text}."


def needed(row: Mapping[str, Any]) -> str:
    """How many samples a target takes."""
    if missing(row["samples"]):
        return str(row["note"])
    text = f"{int(row['samples'])} samples, {number(row['times'], digits=2)} times as many"
    if missing(row["samples_at_most"]):
        return f"{text} ({row['note']})"
    return f"{text} (at most {int(row['samples_at_most'])})"


def of_thin(facts: Mapping[str, Any] | None) -> list[str]:
    """At which levels samples are few: new ones tell most there."""
    if not facts:
        return []
    thin = facts["thin"]
    if not thin:
        return [f"No level is thin: each has {MINIMUM_PER_LEVEL} samples or more out of fold."]
    return [
        f"Thin levels, with fewer than {MINIMUM_PER_LEVEL} samples out of fold: {', '.join(thin)}. "
        "New samples tell most there."
    ]


def described(points: pd.DataFrame, quantity: Quantity) -> str:
    """The learning curves in words."""
    parts = []
    for name, rows in points[points["fold"].eq(POOLED)].groupby("experiment", sort=False):
        told = [
            f"{number(row['rmse'])} with {int(row['samples'])} samples"
            for row in records(rows.dropna(subset="rmse"))
        ]
        parts.append(f"{name} {', '.join(told)}")
    return f"Learning curves, RMSE out of fold{quantity.of_error}: {'; '.join(parts)}."


def forecast_table(forecast: pd.DataFrame, quantity: Quantity) -> Table:
    """Every row of forecast.csv."""
    header = ["experiment", "question", "training samples", "at most", "times now"]
    rows = [
        [
            text_cell(row["experiment"]),
            text_cell(row["question"]),
            counted(row, "samples"),
            counted(row, "samples_at_most"),
            number_cell(row, "times"),
            (number_cell if is_target(row) else interval_cell)(row, "rmse"),
            text_cell(row["note"]),
        ]
        for row in records(forecast)
    ]
    caption = (
        "What more samples would bring, by the fitted curve. Training samples are those of one "
        "model, which leave out the fold held out. At most: where the upper end of the 95 % band "
        "reaches the target. No forecast goes beyond four times the present number."
    )
    return Table(caption, [*header, quantity.with_unit("RMSE"), "note"], rows)


def is_target(row: Mapping[str, Any]) -> bool:
    """Whether the RMSE of a row is a goal, which has no interval."""
    return str(row["question"]).startswith("samples for")


def counted(row: Mapping[str, Any], column: str) -> Cell:
    """A whole number, which a table with gaps holds as a float."""
    value = row[column]
    if missing(float(value)):
        return Cell(NONE, column, "", numeric=True)
    return Cell(str(int(value)), column, str(int(value)), numeric=True)


def transferred(run: Run) -> dict[str, Any] | None:
    """Errors on groups that no model saw, before and after standards; None where not asked for."""
    groups, pairs = run.table("transfer"), run.table("matrix")
    if groups is None or pairs is None:
        return None
    by_name = {str(name): rows for name, rows in groups.groupby("experiment", sort=False)}
    judged = {name: rows for name, rows in by_name.items() if rows["rmse"].notna().any()}
    sentences = [
        text for name, rows in by_name.items() for text in of_groups(rows, name, run.quantity)
    ]
    figures = [
        one
        for name, rows in judged.items()
        for one in drawn(run, name, rows, pairs[pairs["experiment"].eq(name)])
    ]
    shown = groups[groups["experiment"].isin(list(judged))]
    return {
        "sentences": sentences,
        "figures": figures,
        "table": groups_table(shown, run.quantity) if len(shown) else None,
    }


def of_groups(rows: pd.DataFrame, name: str, quantity: Quantity) -> list[str]:
    """How one experiment fares on groups it never saw."""
    last = records(rows)[-1]
    if missing(last.get("rmse")):
        reason = rows["note"].dropna()
        return [f"{name}: nothing to say of new groups: {reason.iloc[0]}."]
    unit, single = quantity.of_error, records(rows)[:-1]
    places = places_of(last["rmse"], last["rmse_low"], last["rmse_high"])
    sentences = []
    if last["groups"] > len(single):
        sentences.append(
            f"{int(last['groups'])} groups were put together, neighbours by name, into "
            f"{len(single)}; group means such a bundle below."
        )
    text = (
        f"On groups that it never saw, {name} has an RMSE of {number(last['rmse'], places)}{unit} "
        f"({confident(last['rmse_low'], last['rmse_high'], places)}; "
        f"n = {count(int(last['samples']), 'sample')})"
    )
    if not missing(last["ordinary"]):
        text += (
            f", against {number(last['ordinary'])}{unit} where other samples of the group were "
            f"trained on: {compared(last, 'cost', unit)}"
        )
    sentences.append(f"{text}.")
    if not missing(last["after"]):
        sentences.append(of_standards(last, single, unit))
    return sentences


def compared(row: Mapping[str, Any], column: str, unit: str) -> str:
    """A difference with its interval and verdict."""
    value, low, high = (row[key] for key in (column, f"{column}_low", f"{column}_high"))
    places = places_of(value, low, high)
    shown = ends(low, high, places)
    return f"{signed(value, places)}{unit} ({shown}), {row[f'{column}_verdict']}"


def of_standards(last: Mapping[str, Any], single: list[dict[str, Any]], unit: str) -> str:
    """What a few standards of each group changed."""
    standards = max(int(row["standards"]) for row in single if not missing(row["standards"]))
    told = []
    for verdict in ("better", "worse"):
        names = [str(row["group"]) for row in single if row["difference_verdict"] == verdict]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        listed = f" ({', '.join(names[:NAMED])}{more})" if names else ""
        told.append(f"{verdict} in {len(names)}{listed}")
    tested = sum(not missing(row["difference_p"]) for row in single)
    few = (
        f"; groups with the {MINIMUM_SAMPLES} samples that a test needs: {tested} of {len(single)}"
    )
    return (
        f"Slope and bias set by {count(standards, 'standard')} of each group change the RMSE of "
        f"its other samples from {number(last['before'])} to {number(last['after'])}{unit} in all: "
        f"{compared(last, 'difference', unit)}. Group by group: {', '.join(told)}"
        f"{few if tested < len(single) else f' of {tested}'}."
    )


def drawn(run: Run, name: str, rows: pd.DataFrame, pairs: pd.DataFrame) -> list[Figure]:
    """The forest of groups and, where groups were trained on alone, the matrix."""
    told = [
        f"{row['group']} {number(row['before'])} to {number(row['after'])}"
        for row in records(rows.dropna(subset="before"))
    ]
    alt = f"Forest plot of RMSE{run.quantity.of_error} before and after standards: "
    folder, seed = f"experiments/{name}", f"seed: {run.settings['split']['seed']}"
    caption = (
        f"{name} on groups that it was not trained on: RMSE before and after standards of the "
        f"group, on its other samples, with 95 % intervals. {seed}."
    )
    result = [figure(run, f"{folder}/transfer", f"{alt}{'; '.join(told)}.", caption)]
    scored = pairs.dropna(subset="rmse")
    if len(scored):
        worst, best = (scored.loc[scored["rmse"].agg(pick)] for pick in ("idxmax", "idxmin"))
        alt = f"Heat map of RMSE{run.quantity.of_error}, trained on one group, answering another: "
        alt += " to ".join(
            f"{number(one['rmse'])} ({one['trained_on']} for {one['group']})"
            for one in (best, worst)
        )
        caption = (
            f"{name} trained on one group alone (rows), on each other group (columns). The numbers "
            f"stand in transfer/matrix.csv. {seed}."
        )
        result.append(figure(run, f"{folder}/matrix", f"{alt}.", caption))
    return result


def groups_table(groups: pd.DataFrame, quantity: Quantity) -> Table:
    """Every group of transfer.csv."""
    unit = quantity.with_unit
    header = ["group", "experiment", "n", unit("RMSE"), unit("bias"), "judged", unit("before")]
    header += [unit("after"), unit("difference"), "p (Holm)", "verdict", unit("not new"), "note"]
    rows = [
        [
            text_cell(row["group"]),
            text_cell(row["experiment"]),
            counted(row, "samples"),
            interval_cell(row, "rmse"),
            interval_cell(row, "bias", sign=True),
            counted(row, "judged"),
            interval_cell(row, "before"),
            interval_cell(row, "after"),
            interval_cell(row, "difference", sign=True),
            p_cell(row, "difference_p"),
            text_cell(row["difference_verdict"]),
            number_cell(row, "ordinary"),
            text_cell(row["note"]),
        ]
        for row in records(groups)
    ]
    caption = (
        "Each group answered by models trained on all the others, n is samples, below a number its "
        "95 % interval. Before and after: RMSE of the samples that were no standards (judged). Not "
        "new: RMSE of the same samples where the group was trained on. Holm's p over the groups. "
        "Worse: the scatter of the standards did more harm than their correction did good. Slope "
        "and offset stand in transfer/transfer.csv."
    )
    return Table(caption, header, rows)
