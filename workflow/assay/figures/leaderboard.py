"""The experiments, the best first, and how each differs from the reference."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from assay.figures import style
from assay.figures.forest import Kind, add_legend, forest
from assay.intake.numerals import number, with_ends
from assay.quantity import Quantity

NEAR = 5  # a limit is drawn if the best RMSE is less than so many times as large
MODELS = {
    "network": Kind("network", style.BLUE, "o"),
    "estimator": Kind("colour baseline", style.RED, "s"),
    "constant": Kind("constant", style.GREY, "D"),
}
VERDICTS = {
    "better": Kind("better", style.BLUE, "o"),
    "worse": Kind("worse", style.RED, "s"),
    "no difference shown": Kind("no difference shown", style.GREY, "D", hollow=True),
}


def leaderboard(
    board: pd.DataFrame, kinds: list[str], quantity: Quantity, facts: style.Facts
) -> Figure:
    """RMSE of each experiment with its interval; kinds: network, estimator or constant, by row."""
    table = pd.DataFrame(
        {
            "name": board["experiment"],
            "kind": kinds,
            "estimate": board["rmse"],
            "low": board["rmse_low"],
            "high": board["rmse_high"],
            "text": [
                "failed" if np.isnan(value) else with_ends(value, low, high)
                for value, low, high in board[["rmse", "rmse_low", "rmse_high"]].to_numpy(float)
            ],
        }
    )
    least, smallest = least_limit(board), table["estimate"].min()
    near = smallest < NEAR * least  # elsewhere a line for it would squeeze the rest
    subtitle = "RMSE out of fold with 95 % interval by sample"
    if np.isfinite(least) and not near:
        subtitle += f"; physical limit: {number(least)}{quantity.of_error}"
    heading = ("Leaderboard", subtitle, str(facts))
    figure, axes = forest(table, MODELS, heading, quantity.with_unit("RMSE"))
    if near:
        axes.axvline(least, color=style.GREEN, lw=1.5, ls="--", label="physical limit")
    if table["estimate"].max() > 10 * smallest:
        axes.set_xscale("log")
        style.plain_numbers(axes)
    else:
        axes.set_xlim(left=0)
    add_legend(axes)
    return figure


def least_limit(board: pd.DataFrame) -> float:
    """The lowest of the physical limits; NaN where there is none."""
    return float(board["limit"].min()) if "limit" in board else float("nan")


def differences(
    comparison: pd.DataFrame, reference: str, quantity: Quantity, facts: style.Facts
) -> Figure:
    """Difference in RMSE to the reference with its interval; left of zero is better."""
    title = f"Difference to {reference}"
    if comparison.empty:
        return style.sentence(title, "There is nothing to compare.", str(facts))
    order = comparison.sort_values("difference", kind="stable")
    ends = order[["difference", "difference_low", "difference_high"]].to_numpy(float)
    table = pd.DataFrame(
        {
            "name": order["experiment"],
            "kind": order["verdict"],
            "estimate": order["difference"],
            "low": order["difference_low"],
            "high": order["difference_high"],
            "text": [("+" if one[0] > 0 else "") + with_ends(*one) for one in ends],
        }
    )
    subtitle = "difference in RMSE, 95 % interval by sample; verdict after Holm"
    label = f"{quantity.with_unit('difference in RMSE')}; left of zero is better"
    figure, axes = forest(table, VERDICTS, (title, subtitle, str(facts)), label)
    axes.axvline(0, color=style.BLACK, lw=1)
    add_legend(axes)
    return figure
