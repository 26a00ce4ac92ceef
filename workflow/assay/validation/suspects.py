"""Labels that look like slips of the pen, as a table: suggested, never applied."""

from __future__ import annotations

import pandas as pd

from assay.metrics import Scale
from assay.statistics.analytical.label_detective import suggestions

COLUMNS = ["photo", "image", "row", "sample", "group", "known", "found", "score", "kind"]
COLUMNS += ["suggested", "partner", "partner_row", "chance", "text"]


def suspects_table(photographs: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Rows of the label table whose out-of-fold residual is unusual, the worst first.

    photographs: photo, image, row, sample, group, label, found, in the order of the label table.
    """
    table = photographs.sort_values("row", kind="stable").reset_index(drop=True)
    rows = []
    for one in suggestions(table["label"], table["found"], scale=scale):
        here = table.iloc[one.position]
        other = None if one.partner is None else table.iloc[one.partner]
        rows.append(
            {key: here[key] for key in ("photo", "image", "row", "sample", "group")}
            | {"known": one.known, "found": one.found, "score": one.score, "kind": one.kind}
            | {"suggested": one.suggested, "chance": one.chance, "text": one.text}
            | {"partner": "" if other is None else other["image"]}
            | {"partner_row": None if other is None else other["row"]}
        )
    return pd.DataFrame(rows, columns=COLUMNS)
