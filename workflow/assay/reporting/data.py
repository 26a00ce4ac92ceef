"""The data of a run for the report: counts, conversions, warnings and how photographs look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from assay.figures import data as figures
from assay.intake.numerals import count, missing, number, signed
from assay.intake.records import records
from assay.pictures import area
from assay.quantity import Quantity
from assay.reporting import provenance
from assay.reporting.render import thumbnail
from assay.reporting.run import Figure, Run, figure
from assay.reporting.tables import Cell, Table, of_pairs, text_cell

OF_A_KIND, MOST = 10, 60  # warnings of one code, and in all, that the page shows
ROWS = 25  # of the other tables
SIDE = 64  # pixels of a thumbnail
PLAIN = "none: every photograph was read as it is stored"
LEFT_OUT = ("options", "decoders", "reading")  # of the summary: how was read, not what was found


def section(run: Run) -> dict[str, Any]:
    """Tables and figures of the data, in the order in which they are read."""
    tables = [warnings_by_code(run), warnings(run), duplicates(run), odd_ones(run), groups(run)]
    reading = {key: run.summary[key] for key in LEFT_OUT if key in run.summary}
    how = of_pairs("How they were read.", dict(provenance.flat(reading)), ("what", "value"))
    return {
        "counts": [
            counts(run),
            kinds_of_file(run.photos),
            conversions(run.summary, len(run.photos)),
        ],
        "figures": drawn(run),
        "tables": [table for table in [*tables, how] if table and table.rows],
    }


def counts(run: Run) -> Table:
    """What came in, what was left out and why, what went on."""
    summary, photos = run.summary, run.photos
    dealt = photos.loc[photos["split"].ne(""), "split"].value_counts()
    told = {
        "rows of the label table": summary.get("rows"),
        "repeated rows left out": summary.get("repeated_rows"),
        "labels below or above a limit (as <80)": summary.get("censored"),
        "of them, rows left out": summary.get("dropped_censored"),
        "photographs read true": len(photos),
        "samples": photos["sample"].nunique(),
        "samples, those of duplicates taken as one": summary.get("independent"),
        "groups": photos.loc[photos["group"].ne(""), "group"].nunique() or "none named",
        "official split": ", ".join(f"{name} {n}" for name, n in dealt.items()) or "none",
        "different known values": photos["label"].nunique(),
        run.quantity.label("lowest known"): number(photos["label"].min()),
        run.quantity.label("highest known"): number(photos["label"].max()),
    }
    known = {key: value for key, value in told.items() if value is not None}
    return of_pairs("Counts in and out.", known, ("what", "value"))


def kinds_of_file(photos: pd.DataFrame) -> Table:
    """Formats and sizes, the most frequent first."""
    sizes = photos["width"].astype(str) + " x " + photos["height"].astype(str)
    kinds = photos.assign(pixels=sizes).value_counts(["format", "pixels"]).reset_index()
    rows = [
        [text_cell(row["format"]), Cell(row["pixels"], numeric=True), _integer(row["count"])]
        for row in records(kinds.head(ROWS))
    ]
    caption = f"Formats and sizes{_more(len(kinds), ROWS)}."
    return Table(caption, ["format", "pixels", "photographs"], rows)


def conversions(summary: Mapping[str, Any], photographs: int) -> Table:
    """What was done to photographs on reading them."""
    made = dict(sorted(summary.get("conversions", {}).items(), key=lambda one: -one[1]))
    rows = [[text_cell(what), _integer(times)] for what, times in made.items()]
    return Table(
        "Conversions made on reading.",
        ["conversion", "photographs"],
        rows or [[Cell(PLAIN), _integer(photographs)]],
    )


def drawn(run: Run) -> list[Figure]:
    """Known values, exposure and sharpness and, where it can be seen, the drift of the card."""
    looks = run.table("appearance")
    if looks is None:
        return []
    basis = f"n = {count(run.photos['sample'].nunique(), 'sample')}"
    basis += f", {count(len(run.photos), 'photograph')}"
    result = [
        figure(run, "labels", of_labels(run.photos, run.quantity), f"The known values. {basis}."),
        figure(
            run,
            "exposure",
            of_exposure(looks),
            f"Exposure and sharpness; each photograph's are in ingest/appearance.csv. {basis}.",
        ),
    ]
    if not figures.why_no_drift(run.photos, looks):
        alt = of_card(figures.drift(run.photos, looks))
        caption = f"Colour of the light, even border by group, CIE L*a*b*. {basis}."
        result.append(figure(run, "card", alt, caption))
    return result


def of_labels(photos: pd.DataFrame, quantity: Quantity) -> str:
    """The histogram of known values in words."""
    quarter, half, three = (number(float(photos["label"].quantile(q))) for q in (0.25, 0.5, 0.75))
    return (
        f"Histogram of {count(photos['label'].nunique(), 'different known value')}, "
        f"{number(photos['label'].min())} to {number(photos['label'].max())} {quantity.unit}, "
        f"quartiles {quarter}, {half} and {three}."
    )


def of_exposure(looks: pd.DataFrame) -> str:
    """The scatter plot of exposure and sharpness in words."""
    exposure, sharpness = 100 * looks["exposure"], looks["sharpness"]
    return (
        f"Scatter plot of sharpness against exposure: exposure {number(exposure.min())} to "
        f"{number(exposure.max())} % of full light, sharpness {number(sharpness.min())} to "
        f"{number(sharpness.max())}; {count(len(figures.odd(looks)), 'photograph')} stand apart."
    )


def of_card(drift: pd.DataFrame) -> str:
    """The drift of the card in words."""
    parts = [
        f"{name}* {signed(drift[name].min(), 1)} to {signed(drift[name].max(), 1)}"
        for name in ("L", "a", "b")
    ]
    return f"Lines of the border's colour over {count(len(drift), 'group')}: {', '.join(parts)}."


def warnings_by_code(run: Run) -> Table:
    """How many warnings of each kind there are."""
    kinds = run.warnings["code"].value_counts()
    rows = [[text_cell(code), _integer(n)] for code, n in kinds.items()]
    caption = f"{count(len(run.warnings), 'warning')}; all are in ingest/warnings.csv."
    return Table(caption, ["code", "warnings"], rows)


def warnings(run: Run) -> Table:
    """The first warnings of each kind, each with its photograph."""
    some = run.warnings.groupby("code", sort=False).head(OF_A_KIND).head(MOST)
    photo_of_row = dict(zip(run.photos["row"], run.photos["photo"], strict=True))
    rows = [
        [
            text_cell(row["code"]),
            _picture(run, photo_of_row.get(row["row"])),
            text_cell(row["file"]),
            Cell("" if missing(row["row"]) else f"{row['row']:.0f}", numeric=True),
            text_cell(f"{row['message']} {row['remedy']}".strip()),
        ]
        for row in records(some)
    ]
    caption = f"Warnings, at most {OF_A_KIND} of a kind{_more(len(run.warnings), len(some))}."
    return Table(caption, ["code", "picture", "photograph", "row", "what was seen"], rows)


def duplicates(run: Run) -> Table:
    """Photographs that are exact or near copies of one another, set by set."""
    photos = run.photos
    several = photos[photos["twin"].duplicated(keep=False)]
    sets = [part for _, part in several.groupby("twin", sort=False)]
    rows = [
        [
            Cell(str(place), numeric=True),
            _picture(run, part["photo"].iloc[0]),
            text_cell(", ".join(str(image) for image in part["image"].head(8))),
            _integer(len(part)),
            text_cell(", ".join(number(label) for label in part["label"].unique()[:8])),
        ]
        for place, part in enumerate(sets[:ROWS], start=1)
    ]
    caption = (
        f"Duplicates found: {count(len(several), 'photograph')} in {count(len(sets), 'set')}"
        f"{_more(len(sets), ROWS)}. A set stays together in every split."
    )
    header = ["set", "picture", "photographs", "number", run.quantity.label("known")]
    return Table(caption, header, rows)


def odd_ones(run: Run) -> Table | None:
    """Photographs that stand apart in exposure or sharpness."""
    looks = run.table("appearance")
    if looks is None:
        return None
    apart = figures.odd(looks.assign(image=run.photos["image"].to_numpy()))
    rows = [
        [
            text_cell(row["image"]),
            _picture(run, row["photo"]),
            Cell(f"{row['why']} ({number(row['z'], 1)} SD)"),
            *(Cell(number(100 * row[name]), numeric=True) for name in SHARES),
            Cell(number(row["sharpness"]), numeric=True),
        ]
        for row in records(apart.head(ROWS))
    ]
    caption = (
        f"Odd ones: {count(len(apart), 'photograph')} beyond {figures.ODD} robust standard "
        f"deviations in exposure or sharpness{_more(len(apart), ROWS)}. Exposure is the mean "
        "luminance in % of full light; over-exposed and dark are shares of pixels in %."
    )
    header = ["photograph", "picture", "compared with the others", *SHARES.values(), "sharpness"]
    return Table(caption, header, rows)


SHARES = {"exposure": "exposure (%)", "clipped": "over-exposed (%)", "dark": "dark (%)"}


def groups(run: Run) -> Table | None:
    """Each group: how much it holds, and how its photographs look in the median."""
    photos, looks = run.photos, run.table("appearance")
    if looks is None or not photos["group"].ne("").any():
        return None
    table = photos.assign(exposure=100 * looks["exposure"], sharpness=looks["sharpness"])
    parts = sorted(table.groupby("group"), key=lambda part: figures.natural(str(part[0])))
    places = run.quantity.places(*photos["label"])
    rows = [
        [
            text_cell(name),
            _integer(len(part)),
            _integer(part["sample"].nunique()),
            Cell(number(part["label"].min(), places), numeric=True),
            Cell(number(part["label"].max(), places), numeric=True),
            Cell(number(part["exposure"].median()), numeric=True),
            Cell(number(part["sharpness"].median()), numeric=True),
        ]
        for name, part in parts[:ROWS]
    ]
    header = ["group", "photographs", "samples", "lowest", "highest", "exposure (%)", "sharpness"]
    caption = f"Groups{_more(len(parts), ROWS)}; exposure and sharpness are medians."
    return Table(caption, header, rows)


def _picture(run: Run, photo: int | None) -> Cell:
    """The thumbnail of a photograph; an empty cell where there is none."""
    if run.images is None or photo is None:
        return Cell("")
    picture = np.asarray(run.images[int(photo)])
    return Cell("", picture=thumbnail(area.resize(picture, min(SIDE, len(picture)))))


def _integer(value: int | np.integer) -> Cell:
    return Cell(str(int(value)), numeric=True)


def _more(total: int, shown: int) -> str:
    """`; 12 more` where not all is shown."""
    return f"; {total - shown} more" if total > shown else ""
