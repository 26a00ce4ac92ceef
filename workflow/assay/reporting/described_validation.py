"""The figures of a validation in words: text alternative and caption of each."""

from __future__ import annotations

from assay.intake.numerals import count, number, signed, with_ends
from assay.intake.records import records
from assay.reporting.validity_tables import Validity


def alternatives(run: Validity) -> dict[str, tuple[str, str]]:
    """Text alternative and caption by figure; the numbers are those drawn."""
    facts = f"n = {count(len(run.tables['samples']), 'sample')}."
    line, limits = (records(run.tables[name]) for name in ("linearity", "agreement"))
    slope = next(row for row in line if row["what"] == "slope b")
    ends = "; ".join(f"{row['what']} {signed(row['value'])}" for row in limits[:3])
    recoveries = "; ".join(
        f"{number(row['known'])}: {number(row['recovery'])} %"
        for row in records(run.tables["levels"])
    )
    return {
        "line": (
            f"Scatter plot of found against known for {len(run.tables['samples'])} samples with "
            "the least-squares line; slope "
            f"{with_ends(slope['value'], slope['value_low'], slope['value_high'])}.",
            f"Found against known, with the line and its 95 % confidence band. {facts}",
        ),
        "recovery": (
            f"Recovery with 95 % interval per level: {recoveries}.",
            f"Mean recovery per level; the green band is what is allowed. {facts}",
        ),
        "agreement": (
            f"Bland-Altman plot: {ends}{run.quantity.of_error}.",
            f"Differences against the mean of both, with bias and limits of agreement. {facts}",
        ),
    }
