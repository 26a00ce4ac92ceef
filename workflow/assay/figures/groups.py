"""Residuals by session, phone or lot: each sample, and the mean of each group with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.figures import style
from assay.intake.numerals import number
from assay.quantity import Quantity

NAMED = 24  # groups above which their names would overlap


def groups(
    samples: pd.DataFrame, table: pd.DataFrame, share: float, quantity: Quantity, name: str
) -> Figure:
    """samples: group, error; table: group, bias, bias_low, bias_high; share: of the variance.

    The groups stand in the order of their bias.
    """
    own = samples[samples["group"].ne("")]
    foot = f"n = {len(own)} samples in {len(table)} groups"
    if table.empty:
        return style.sentence(f"{name}: residuals by group", "There is no group column.", foot)
    if np.isfinite(share):
        foot += f"; {number(100 * share, digits=2)} % of the variance lies between groups"
    subtitle = "pale: samples; red: their mean with 95 % interval; in the order of the means"
    figure = style.blank(f"{name}: residuals by group", subtitle, foot)
    axes = figure.subplots()
    order = table.sort_values("bias", kind="stable", ignore_index=True)
    place = {group: at for at, group in enumerate(order["group"])}
    spread = np.random.default_rng(0).uniform(-0.18, 0.18, len(own))
    x = own["group"].map(place).to_numpy(dtype=np.float64) + spread
    axes.axhline(0, color=style.BLACK, lw=1)
    axes.scatter(x, own["error"], s=12, color=style.BLUE, alpha=0.35, lw=0)
    bias = order["bias"].to_numpy(dtype=np.float64)
    ends = order[["bias_low", "bias_high"]].to_numpy(dtype=np.float64).T
    bars = np.nan_to_num(np.abs(ends - bias))
    axes.errorbar(
        np.arange(len(order)), bias, bars, fmt="s", ms=4.5, capsize=3, lw=1.3, color=style.RED
    )
    _name(axes, list(order["group"]))
    axes.set_ylabel(quantity.error_label)
    axes.grid(axis="x", visible=False)
    axes.margins(y=0.1)
    return figure


def _name(axes: Axes, groups: list[str]) -> None:
    """Write the groups' names below their places, turned where they are many."""
    if len(groups) > NAMED:
        axes.set_xticks([])
        axes.set_xlabel(f"{len(groups)} groups")
        return
    names = [style.shown(str(group), 16) for group in groups]
    axes.set_xticks(np.arange(len(groups)), names, size=style.SMALL)
    axes.set_xlabel("group")
    if len(groups) > 6:
        axes.tick_params(axis="x", labelrotation=40)
        for text in axes.get_xticklabels():
            text.set(ha="right", rotation_mode="anchor")
