"""What was run, with what, on what: settings, versions, hardware, time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from assay import machine
from assay.intake.numerals import number
from assay.reporting.tables import Cell, Table, of_pairs, text_cell


def flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested settings as dotted keys and values, lists in one line."""
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            shown = "none" if value in ({}, []) else json.dumps(value)
            yield f"{prefix}{key}", value if isinstance(value, str) else shown


def settings_table(settings: Mapping[str, Any]) -> Table:
    """Every setting but the experiments, which have a table of their own."""
    rest = {key: value for key, value in settings.items() if key != "experiments"}
    return of_pairs("Settings of the run.", dict(flat(rest)), ("key", "value"))


def experiments_table(descriptions: Sequence[Mapping[str, Any]]) -> tuple[Table, Table]:
    """The settings in which the experiments differ, by experiment; and those they all share."""
    settings = [{"name": one["experiment"]["name"]} | one["experiment"] for one in descriptions]
    table = pd.DataFrame([dict(flat(row)) for row in settings])
    table = table.drop(columns="options", errors="ignore")  # stands there only where it is empty
    table = table.drop_duplicates("name").fillna("").reset_index(drop=True)
    keys = [str(key) for key in table]
    varying = [key for key in keys if key == "name" or table[key].nunique() > 1]
    rows = [[text_cell(value) for value in row] for row in table[varying].to_numpy()]
    different = Table("Settings in which the experiments differ.", varying, rows)
    shared = {key: table[key].iloc[0] for key in keys if key not in varying}
    return different, of_pairs("Settings that all experiments share.", shared, ("key", "value"))


def versions(packages: Sequence[str]) -> Table:
    """The version of Python and of each package that is installed where this page was made."""
    found = machine.versions(tuple(packages))
    return of_pairs("Versions, where this page was made.", found, ("package", "version"))


def hardware() -> Table:
    """Processor, cores and system where this page was made."""
    return of_pairs("The machine that made this page.", machine.describe(), ("what", "value"))


def recorded(record: Mapping[str, Any]) -> Table:
    """The main facts of the run's record: code, data and the digests that prove them."""
    source, data = record["source"], record["data"]
    facts = {
        "Assay": record["assay"],
        "commit": source["commit"],
        "changes since": source["changes"],
        "trained on": ", ".join(record["trained_on"]),
        "photographs": f"{data['number']} in {data['photographs']}",
        "SHA-256 of the photographs": data["photographs_sha256"],
        "SHA-256 of the label table": data["table_sha256"],
        "SHA-256 of the settings": record["settings_sha256"],
        "artefacts whose SHA-256 is recorded": str(len(record["artefacts"])),
    }
    caption = "The record of the run (run.json); make verify computes every digest anew."
    return of_pairs(caption, facts, ("what", "value"))


def times(descriptions: Sequence[Mapping[str, Any]], speeds: Sequence[Mapping[str, Any]]) -> Table:
    """Seconds and speed of each experiment's training, all folds together, and on what it ran."""
    table = pd.DataFrame(
        [
            {"experiment": one["experiment"]["name"], "torch": one["torch"]} | dict(speed)
            for one, speed in zip(descriptions, speeds, strict=True)
        ]
    )
    rows = []
    for name, part in table.groupby("experiment", sort=False):
        first = part.iloc[0]
        card = first.get("gpu")
        chip = card if isinstance(card, str) else first["processor"]
        speed = part["photos_per_second"].mean()
        rows.append(
            [
                text_cell(name),
                Cell(number(part["seconds"].sum(), 1), numeric=True),
                Cell(number(speed, 0) if speed else "–", numeric=True),
                Cell(f"{first['device']}: {chip}" if chip else str(first["device"])),
                Cell(str(first["threads"]), numeric=True),
                text_cell(first["torch"]),
            ]
        )
    total = number(table["seconds"].sum(), 1)
    caption = (
        f"Time of training, all folds together: {total} s in all. Speed: photographs shown per "
        "second, the looks at the folds included."
    )
    return Table(
        caption, ["experiment", "seconds", "photographs/s", "device", "threads", "torch"], rows
    )
