"""The verdict: at most five plain sentences, and none that the data don't support."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from assay import models
from assay.intake.numerals import confident, count, missing, number, places_of
from assay.quantity import Quantity
from assay.reporting.limiting import of_limits, of_random_split
from assay.statistics.comparison import Comparison, compare

Origin = Literal["simulated", "digits", "real"]
SUSPICIOUS = 0.2  # % of range; better than anything published for photographs


def kind(architecture: str) -> str:
    """network, estimator, or constant for the one baseline that sees no colour."""
    return "constant" if architecture == "constant" else models.kind(architecture)


def of_kind(board: pd.DataFrame, wanted: str) -> list[str]:
    """The scored experiments of a kind, the best first."""
    scored = board[board["rmse"].notna()]
    return [
        str(name)
        for name, architecture in zip(scored["experiment"], scored["architecture"], strict=True)
        if kind(architecture) == wanted
    ]


def against(
    predictions: pd.DataFrame, names: list[str], reference: str, quantity: Quantity
) -> list[Comparison]:
    """Each of the named experiments compared with another reference, out of fold."""
    rows = predictions[predictions["experiment"].isin([*names, reference])]
    wide = rows.pivot(index="photo", columns="experiment", values="found")
    known = rows.drop_duplicates("photo").set_index("photo").loc[wide.index]
    found = {name: wide[name].to_numpy() for name in [*names, reference]}
    return compare(known["label"], found, known["sample"], reference, scale=quantity.scale)


def sentences(
    board: pd.DataFrame,
    networks: list[Comparison],
    peers: list[Comparison],
    scores: Mapping[str, Any],
    quantity: Quantity,
    origin: Origin,
    facts: Mapping[str, Any] | None = None,
    careless: pd.DataFrame | None = None,
) -> list[str]:
    """The verdict. networks: compared with the best colour baseline; peers: with the best.

    facts: of the validation; careless: what a random split would have claimed.
    """
    best = board.iloc[0]
    if missing(best["rmse"]):
        return ["No experiment was scored: every one of them failed. See the reasons below."]
    first = of_networks(board, networks, quantity)
    result = [of_best(best, peers, quantity), first]
    if not any(row.verdict == "better" for row in networks):
        result.reverse()
    limits = of_limits(best.get("rmse_over_limit"), facts) if facts else ""
    origins = f"{of_origin(best, quantity, origin)} {limits}".strip()
    claimed = of_random_split(careless, quantity) if careless is not None else ""
    last = f"{of_cautions(board)} {claimed}".strip()
    result += [of_test(best, scores, quantity), origins]
    return [*result, last] if last else result


def of_best(best: pd.Series, peers: list[Comparison], quantity: Quantity) -> str:
    """Which experiment is best, how good it is, and what can't be told apart from it."""
    unit = quantity.of_error
    places = places_of(best["rmse"], best["rmse_low"], best["rmse_high"])
    factor = f"a factor of {number(10 ** best['rmse'])}; " if quantity.scale == "log10" else ""
    text = (
        f"The lowest error out of fold is that of {best['experiment']}: RMSE "
        f"{number(best['rmse'], places)}{unit} "
        f"({factor}{confident(best['rmse_low'], best['rmse_high'], places)}), "
        f"{number(best['rmse_percent_of_range'])} % of the range {quantity.span}, "
        f"from {count(int(best['samples']), 'sample')}"
    )
    equal = [row.experiment for row in peers if row.verdict == "no difference shown"]
    if equal:
        return f"{text}; no difference is shown to {_listed(equal)}."
    return f"{text}; it is better than every other experiment." if peers else f"{text}."


def of_networks(board: pd.DataFrame, rows: list[Comparison], quantity: Quantity) -> str:
    """Whether any network beats the best of the colour baselines."""
    if not rows:
        return "Networks and colour baselines can't be compared: only one kind was scored."
    reference = f"the best colour baseline, {rows[0].reference}"
    unit = quantity.of_error
    first = min(rows, key=lambda row: row.rmse)
    better = first.difference.estimate < 0
    size = first.difference.scaled(-1 if better else 1)
    places = places_of(size.estimate, size.low, size.high)
    interval = confident(size.low, size.high, places)
    by = f"{number(size.estimate, places)}{unit} ({interval})"
    shown = [row for row in rows if row.verdict == "better"]
    base = f"{reference} (RMSE {number(first.rmse_reference)}{unit})"
    if shown:
        return (
            f"{len(shown)} of {count(len(rows), 'network')} beat{'s' if len(shown) == 1 else ''} "
            f"{base}: {first.experiment} has an RMSE lower by {by}."
        )
    if first.verdict == "worse":
        return (
            f"No network beats {base}: the RMSE of the best network, {first.experiment}, is higher "
            f"by {by}."
        )
    return (
        f"No network is shown to beat {base}: the RMSE of the best network, {first.experiment}, is "
        f"{'lower' if better else 'higher'} by {by}, no difference shown."
    )


def of_test(best: pd.Series, scores: Mapping[str, Any], quantity: Quantity) -> str:
    """The test set's score, and whether cross-validation promised it."""
    if not scores["photographs"]:
        return "No test set was set aside, so the error of cross-validation stands alone."
    rmse = scores["rmse"]
    places = places_of(rmse["estimate"], rmse["low"], rmse["high"])
    text = (
        f"On the test set, scored once, {scores['experiment']} has an RMSE of "
        f"{number(rmse['estimate'], places)}{quantity.of_error} "
        f"({confident(rmse['low'], rmse['high'], places)}) "
        f"from {count(int(scores['samples']), 'sample')}"
    )
    if missing(rmse["low"]) or missing(best["rmse_high"]) or rmse["low"] <= best["rmse_high"]:
        return f"{text}."
    return f"{text}: more than cross-validation promised, so test and training samples differ."


def of_origin(best: pd.Series, quantity: Quantity, origin: Origin) -> str:
    """Simulated or real, and how far the best is from what the photographs could tell."""
    if origin == "digits":
        return "The pictures are handwritten digits, turned by angles that are known exactly."
    if origin == "real":
        return (
            "The photographs are real: how exactly they could tell the value at best isn't known."
        )
    ratio = best.get("rmse_over_limit")
    if missing(ratio):
        return "The photographs are simulated, their truth is known."
    return (
        f"The photographs are simulated: the best RMSE is {number(ratio)} times the physical limit "
        f"of {number(best['limit'])}{quantity.of_error}."
    )


def of_cautions(board: pd.DataFrame) -> str:
    """What makes the result doubtful; empty where nothing does."""
    failed = int(board["failed_folds"].gt(0).sum())
    parts = [f"{failed} of {len(board)} experiments failed"] if failed else []
    percent = board.iloc[0]["rmse_percent_of_range"]
    if percent < SUSPICIOUS:
        parts.append(f"an RMSE below {SUSPICIOUS} % of the range is suspicious: check the split")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _listed(names: list[str], most: int = 4) -> str:
    """`a, b and c`; of many, the first and how many more."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
