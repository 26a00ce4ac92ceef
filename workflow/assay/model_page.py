"""A page of one experiment: every photograph at hand, and what its errors depend on."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import bokeh
import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing

from assay import cli, files, metrics
from assay.figures import groups, promises, style
from assay.figures import saliency as looking
from assay.intake.records import records
from assay.interactive import clouds, embed, photographs, sprite
from assay.pictures.stack import Pictures, Stack
from assay.quantity import Quantity
from assay.reporting import describe, model_parts, modelled
from assay.reporting.modelled import Modelled
from assay.reporting.render import TEMPLATES, data_address, render
from assay.validation.rows import samples

logger = logging.getLogger("assay")


def gathered(
    name: str,
    tables: dict[str, pd.DataFrame],
    descriptions: list[dict[str, Any]],
    looks: Path | None,
    quantity: Quantity,
) -> Modelled:
    """What the tables of all experiments hold of one; looks: the folder of its saliency."""
    own = {
        key: table[table["experiment"].eq(name)].reset_index(drop=True)
        for key, table in tables.items()
    }
    scored = own["predictions"].dropna(subset="found").reset_index(drop=True)
    if len(scored):
        error = metrics.errors(scored["label"], scored["found"], quantity.scale)
        scored = scored.assign(residual=error)
    return Modelled(
        name=name,
        board=records(own["leaderboard"])[0],
        scored=scored,
        failures=[one["failure"] for one in descriptions if one["failure"]],
        groups=own["groups"],
        effect=own["group_effect"],
        promises=own["interval_coverage"],
        looks=files.read_table(looks / "photographs.csv") if looks else pd.DataFrame(),
        saliency=files.read_json(looks / "summary.json") if looks else {},
        quantity=quantity,
    )


def drawings(one: Modelled, pictures: Pictures, looks: Path | None) -> dict[str, Drawing]:
    """The still figures that belong to this page alone."""
    made = {}
    if len(one.scored):
        own = samples(one.scored, one.quantity.scale)
        share = float(one.effect["share"].iloc[0])
        made["groups"] = groups.groups(own, one.groups, share, one.quantity, one.name)
        made["intervals"] = promises.promises(one.promises, one.quantity, one.name)
    else:
        foot = f"n = {one.board['samples']} samples"
        for name in ("groups", "intervals"):
            made[name] = style.sentence(one.name, "Every fold failed.", foot)
    if looks:
        cells, curves = (files.read_table(looks / f"{name}.csv") for name in ("cells", "curves"))
        seen = pictures[one.looks["photo"].to_numpy(dtype=np.int64)]
        verdict = one.saliency["verdict"]
        made["saliency"] = looking.saliency(
            one.looks, seen, cells, curves, verdict, one.quantity, one.name
        )
    return made


def interactive(one: Modelled, pictures: Pictures) -> dict[str, Any]:
    """The plots, the thumbnails and their scripts; nothing where nothing was scored."""
    if one.scored.empty:
        return {"plots": "", "policy": "", "scripts": [], "sheet": {}}
    rows = photographs.shown(one.scored)
    sheet = sprite.sheet(pictures[rows["photo"].to_numpy()])
    width = one.every["half_width"]
    half_width = None if pd.isna(width) else float(width)
    cloud = photographs.cloud_of(rows, sheet, half_width, one.quantity)
    content = embed.document(clouds.plots(cloud))
    content |= {"order": photographs.order(rows), "facts": photographs.FACTS}
    scripts = [embed.script(), (TEMPLATES / "model.js").read_text(encoding="utf-8")]
    return {
        "plots": embed.as_data(content),
        "policy": embed.allowed(*scripts),
        "scripts": scripts,
        "sheet": {
            "address": data_address(sheet.content, "image/webp"),
            "width": clouds.SHOWN * sheet.columns,
            "height": clouds.SHOWN * sheet.rows,
        },
    }


def page(
    one: Modelled,
    description: dict[str, Any],
    histories: list[pd.DataFrame],
    pictures: Pictures,
    figures: Path,
    title: str,
) -> str:
    """The page as HTML; figures: the folder of this experiment's figures."""
    settings = description["experiment"]
    basis = describe.facts(one.scored, {"training": settings["seed"]})
    names = {"groups", "group_effect", "interval_coverage"}
    downloads = {name: f"../cross_validate/{name}.csv" for name in names}
    for name in ("photographs", "curves", "cells"):
        downloads[name] = f"../saliency/{one.name}/{name}.csv"
    return render(
        "model.html",
        title=f"{one.name}: {title}",
        text=(
            f"{settings['architecture']} at {settings['size']} px, augmentation: "
            f"{settings['augmentation']}. {basis}"
        ),
        sentences=modelled.sentences(one),
        stills=model_parts.stills(one, figures, basis) if len(one.scored) else {},
        parts=model_parts.parts(one, pictures, histories, figures, basis),
        downloads=downloads,
        library=bokeh.__version__,
        **interactive(one, pictures),
    )


def model_page(
    experiment: str,
    leaderboard: Path,
    predictions: Path,
    groups: Path,
    group_effect: Path,
    interval_coverage: Path,
    models: list[Path],
    histories: list[Path],
    images: list[Path],
    figures: Path,
    quantity: Quantity,
    title: str,
    out: Path,
    saliency: Path | None = None,
) -> None:
    """Write the page of EXPERIMENT to OUT, and its figures of groups, intervals and saliency.

    LEADERBOARD, PREDICTIONS, GROUPS, GROUP_EFFECT and INTERVAL_COVERAGE are of all experiments;
    MODELS (json) and HISTORIES of its folds; IMAGES is the array it was trained on; FIGURES the
    folder of its figures; SALIENCY the folder of its maps, if any were made.
    """
    paths = {"leaderboard": leaderboard, "predictions": predictions, "groups": groups}
    paths |= {"group_effect": group_effect, "interval_coverage": interval_coverage}
    tables = {name: files.read_table(path) for name, path in paths.items()}
    descriptions = [files.read_json(path) for path in models]
    one = gathered(experiment, tables, descriptions, saliency, quantity)
    pictures = Stack(files.load_shards(images, "resize"))
    with style.style():
        for name, drawing in drawings(one, pictures, saliency).items():
            style.write(drawing, [figures / f"{name}.png", figures / f"{name}.svg"])
    epochs = [files.read_table(path) for path in histories]
    text = page(one, descriptions[0], epochs, pictures, figures, title)
    files.write_text(out, text)
    logger.info("%s: %.1f MB", out.name, len(text.encode()) / 1e6)


if __name__ == "__main__":
    cli.run(model_page)
