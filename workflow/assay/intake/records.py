"""The rows of a table as plain mappings."""

from __future__ import annotations

from typing import Any

import pandas as pd


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One mapping of column name to value per row, in order."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
