"""Two sentences of the verdict: what limits the result, what a random split would have claimed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from assay.intake.numerals import missing, number
from assay.intake.records import records
from assay.quantity import Quantity

NEAR = 1.5  # times the physical limit: below it, noise is what is left
SHOWN = 3  # thin levels that are named
FINE = 0.05  # p-value at or below which groups differ


def of_limits(ratio: float | None, facts: Mapping[str, Any]) -> str:
    """What limits the best result; ratio: its RMSE over the physical limit, None if unknown.

    facts: of the step validate, thin levels in words and the test of groups.
    """
    groups, thin = facts["groups"], facts["thin"]
    noisy = ratio is not None and not missing(ratio) and ratio <= NEAR
    parts = ["the noise of the photographs"] if noisy else []
    if groups and groups["p"] <= FINE and groups["share"]:
        share = number(100 * groups["share"], digits=2)
        parts.append(f"shifts between groups ({share} % of the errors' variance)")
    if thin:
        more = f" and {len(thin) - SHOWN} more" if len(thin) > SHOWN else ""
        parts.append(f"few samples at {', '.join(thin[:SHOWN])}{more}")
    unknown = "" if groups else "; shifts between groups can't be told from these data"
    if parts:
        return f"What limits it: {'; '.join(parts)}{unknown}."
    tested = "thin levels" if not groups else "shifts between groups and thin levels"
    return f"Of what could limit it, {tested} are not shown to{unknown}."


def of_random_split(table: pd.DataFrame, quantity: Quantity) -> str:
    """What dealing photographs at random would have claimed for the best colour baseline."""
    honest, careless = records(table)
    if isinstance(careless["note"], str) and careless["note"]:
        return f"A random split would have claimed the same: {careless['note']}."
    unit = quantity.of_error
    if careless["rmse"] >= honest["rmse"]:
        return (
            f"Photographs dealt at random would have claimed no lower error for "
            f"{honest['experiment']}: RMSE {number(careless['rmse'])}{unit}, R² "
            f"{number(careless['r2'])}."
        )
    change = 100 * (careless["rmse"] / honest["rmse"] - 1)
    size = f"{number(abs(change), digits=2)} % less"
    return (
        f"Photographs dealt at random would have claimed an RMSE of {number(careless['rmse'])}"
        f"{unit} and R² {number(careless['r2'])} for {honest['experiment']}, {size} error than "
        f"dealt {honest['dealt']} "
        f"({number(honest['rmse'])}{unit}, R² {number(honest['r2'])})."
    )
