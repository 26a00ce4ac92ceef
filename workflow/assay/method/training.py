"""What a method tells of its training: photographs, scores, and pictures to prove it by."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assay import machine, metrics
from assay.faults import refuse
from assay.images import ReadingOptions
from assay.intake.records import records
from assay.method import ahead, appearance
from assay.method.appearance import Shot
from assay.method.description import Training
from assay.method.engines import Answers, Engine
from assay.pictures import area
from assay.progress import progress
from assay.quantity import Quantity

MOST = 1500  # photographs from which clouds and limits are learnt
PROOFS = 3  # pictures that a method is proven by
VERSIONS = ("torch", "numpy", "pillow", "onnx", "onnxscript")
REGION = ("roi_x", "roi_y", "roi_w", "roi_h")


@dataclass(frozen=True)
class Pictures:
    """Photographs as the method takes them, and their rows of the tables."""

    rows: pd.DataFrame
    shots: list[Shot]

    @property
    def fold(self) -> np.ndarray:
        """The fold that held each out, (N,)."""
        return self.rows["fold"].to_numpy()

    @property
    def label(self) -> np.ndarray:
        """Known concentrations, (N,)."""
        return self.rows["label"].to_numpy(dtype=np.float64)

    def run(self, engine: Engine, batch: int = 64) -> Answers:
        """What the engine answers to all of them."""
        parts = [self.shots[start : start + batch] for start in range(0, len(self.shots), batch)]
        found = [engine(np.stack([shot.picture for shot in part])) for part in parts]
        return Answers(
            np.concatenate([answers.raw for answers in found]),
            np.concatenate([answers.features for answers in found]),
        )


def look(
    folder: Path,
    table: pd.DataFrame,
    options: ReadingOptions,
    size: int,
    aspect: area.Aspect,
    workers: int,
) -> Pictures:
    """At most MOST photographs of the table, evenly chosen; BadInput if one of them has changed."""
    chosen = np.unique(np.linspace(0, len(table) - 1, min(len(table), MOST)).round().astype(int))
    rows = table.iloc[chosen].reset_index(drop=True)

    def take(row: dict[str, Any]) -> Shot:
        region = tuple(int(row[name]) for name in REGION) if REGION[0] in row else ()
        shot = appearance.take(folder / row["image"], options, size, aspect, region)
        if shot.sha256 != row["sha256"]:
            message = "its bytes are not those that were ingested (SHA-256 differs)."
            raise refuse("E_CHANGED", message, "Run ingest again.", file=str(row["image"]))
        return shot

    shots = ahead.in_order(take, records(rows), workers)
    return Pictures(rows, list(progress(shots, "look at photographs", len(rows))))


def describe(
    table: pd.DataFrame,
    looked_at: Pictures,
    block: str,
    simulated: bool,
    code: str,
    warnings: Collection[str],
) -> Training:
    """table: all training photographs; looked_at: some of them, from which limits were learnt."""
    shots = looked_at.shots
    shapes = np.array([shot.shape for shot in shots])
    sides, ratios = shapes.min(axis=1), shapes[:, 1] / shapes[:, 0]
    return Training(
        photographs=len(table),
        samples=int(table["sample"].nunique()),
        blocks=int(table["block"].nunique()),
        block=block,
        formats={str(name): int(count) for name, count in table["format"].value_counts().items()},
        sides=(int(sides.min()), int(sides.max())),
        aspects=(float(ratios.min()), float(ratios.max())),
        grey=any(shot.grey for shot in shots),
        warnings=tuple(sorted(warnings)),
        region=REGION[0] in table,
        simulated=simulated,
        labels=(float(table["label"].min()), float(table["label"].max())),
        data=digest(table["sha256"], table["label"]),
        code=code,
        versions=machine.versions(VERSIONS),
    )


def digest(hashes: pd.Series, labels: pd.Series) -> str:
    """SHA-256 over lines `<SHA-256 of a photograph>,<label>`, sorted: whatever their order."""
    lines = sorted(f"{one},{float(label)!r}\n" for one, label in zip(hashes, labels, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def proofs(looked_at: Pictures) -> np.ndarray:
    """Pictures uint8 (PROOFS, S, S, 3), means of photographs with like labels: nobody's own."""
    pictures = np.stack([shot.picture for shot in looked_at.shots])
    order = np.argsort(looked_at.label, kind="stable")
    parts = np.array_split(order, min(PROOFS, len(order)))
    return np.stack([pictures[part].mean(axis=0).round() for part in parts]).astype(np.uint8)


def scores(
    pooled: pd.DataFrame, test: dict[str, Any], quantity: Quantity
) -> dict[str, dict[str, float | None]]:
    """Scores out of fold and, if there are any, of the test set, in units of the scale."""
    known, found = pooled["label"].to_numpy(), pooled["found"].to_numpy()
    functions = {"rmse": metrics.rmse, "bias": metrics.bias, "r2": metrics.r2}
    result: dict[str, dict[str, float | None]] = {
        "cross_validation": {
            name: function(known, found, quantity.scale) for name, function in functions.items()
        }
    }
    result["cross_validation"]["samples"] = pooled["sample"].nunique()
    if test.get("samples"):
        result["test"] = {name: test[name]["estimate"] for name in functions}
        result["test"]["samples"] = test["samples"]
    return result
