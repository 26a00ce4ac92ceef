"""A folder of photographs with its table, to be ingested or refused."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pictures
from assay import files
from assay.faults import BadInput
from assay.ingest import ingest


def shot(number: int) -> np.ndarray:
    """A photograph of its own: another brightness, another noise."""
    return (pictures.scene(seed=number) * (1 - 0.06 * (number % 12))).astype(np.uint8)


class Lab:
    """A folder with six different photographs and what writes its table and ingests it."""

    def __init__(self, folder: Path):
        self.photos, self.out = folder / "photos", folder / "out"
        self.photos.mkdir()
        self.rows = []
        for number in range(6):
            self.add(f"{number}.png", shot(number), 80 + 10 * number)

    def add(self, name: str, content: np.ndarray | bytes, label: object, **cells: object) -> None:
        data = content if isinstance(content, bytes) else pictures.save(content, "PNG")
        (self.photos / name).write_bytes(data)
        self.rows.append({"image": name, "concentration": label, **cells})

    def ingest(self, **settings: object) -> pd.DataFrame:
        table = self.out.parent / "labels.csv"
        pd.DataFrame(self.rows).to_csv(table, index=False)
        ingest(self.photos, table, self.out / "photos.csv", **({"workers": 1} | settings))
        return files.read_table(self.out / "photos.csv")

    def refused(self, **settings: object) -> list[str]:
        with pytest.raises(BadInput) as caught:
            self.ingest(**settings)
        told = self.told("faults")
        assert [fault["code"] for fault in told] == [fault.code for fault in caught.value.faults]
        assert not (self.out / "photos.csv").exists()
        return [fault["code"] for fault in told]

    def told(self, name: str = "warnings") -> list[dict[str, str]]:
        with (self.out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def warned(self) -> list[str]:
        return [fault["code"] for fault in self.told()]
