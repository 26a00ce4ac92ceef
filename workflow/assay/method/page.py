"""The page of results: every photograph with a small picture, value, interval and verdict."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

import numpy as np
from PIL import Image

from assay.intake.numerals import decimals, ends, number
from assay.method import card, tables
from assay.method.delivered import THUMBNAIL, Delivered, Result
from assay.quantity import Quantity

TEMPLATES = Path(__file__).resolve().parents[2] / "report"
MOST = 2000  # photographs shown; the CSV has all
MARKS = {"OK": "\u2713 OK", "WARN": "! WARN", "REFUSE": "\u2717 REFUSE"}


def text(delivered: Delivered, results: Sequence[Result]) -> str:
    """The page as HTML, self-contained; every text of the user's is escaped."""
    description = delivered.description
    quantity = description.quantity
    counts = {v: sum(one.verdict == v for one in results) for v in MARKS}
    combined = tables.combine(results, quantity)
    several = any(total > 1 for _, total, _ in combined)
    template = Template((TEMPLATES / "predictions.html").read_text(encoding="utf-8"))
    return template.substitute(
        style=(TEMPLATES / "style.css").read_text(encoding="utf-8"),
        title=escape(f"{quantity.name.capitalize()} of {len(results)} photographs"),
        counts=", ".join(f"{count} {verdict}" for verdict, count in counts.items()),
        method=escape(_about(delivered)),
        held=escape(card.held(description)),
        samples=_samples(combined, quantity) if several else "",
        header=escape(quantity.label("").strip()),
        confidence=f"{100 * delivered.confidence:g}",
        rows="\n".join(_row(one) for one in results[:MOST]),
        more=f"<p>{len(results) - MOST} more are in the table of results.</p>"
        if len(results) > MOST
        else "",
    )


def _about(delivered: Delivered) -> str:
    description = delivered.description
    told = description.training
    origin = "simulated " if told.simulated else ""
    recalibrated = ", recalibrated by standards" if description.parent else ""
    return (
        f"{description.experiment.name}{recalibrated}, digest {delivered.container.digest[:16]}; "
        f"trained on {told.photographs} {origin}photographs of {told.samples} samples. "
        f"{description.interval.note}"
    ).strip()


def _row(one: Result) -> str:
    return (
        f'<tr class="{one.verdict.lower()}"><td>{_thumbnail(one.picture)}</td>'
        f'<th scope="row">{escape(one.image)}</th><td>{escape(one.sample)}</td>'
        f'<td class="number">{number(one.value, _places(one))}</td>'
        f'<td class="number">{_interval(one)}</td>'
        f'<td class="verdict">{MARKS[one.verdict]}</td><td>{escape(one.reason)}</td></tr>'
    )


def _interval(one: Result) -> str:
    if one.value is None:
        return number(None)
    return "not available" if one.lower is None else ends(one.lower, one.upper, _places(one))


def _places(one: Result) -> int | None:
    """Decimals that show the interval's width with two digits, and no more."""
    if one.lower is None or one.upper is None:
        return None
    return decimals(one.upper - one.lower, digits=2)


def _samples(combined: Sequence[tuple[Result, int, int]], quantity: Quantity) -> str:
    rows = [
        f'<tr class="{one.verdict.lower()}"><th scope="row">{escape(one.sample)}</th>'
        f'<td class="number">{used} of {total}</td>'
        f'<td class="number">{number(one.value, _places(one))}</td>'
        f'<td class="number">{_interval(one)}</td>'
        f'<td class="verdict">{MARKS[one.verdict]}</td><td>{escape(one.reason)}</td></tr>'
        for one, total, used in combined
    ]
    name = escape(quantity.label("").strip())
    return (
        '<h2 id="samples">Samples</h2><div class="scroll" tabindex="0"><table><thead><tr>'
        f'<th scope="col">sample</th><th scope="col" class="number">photographs used</th>'
        f'<th scope="col" class="number">{name}</th><th scope="col" class="number">interval</th>'
        '<th scope="col">verdict</th><th scope="col">reason</th></tr></thead><tbody>'
        + "\n".join(rows)
        + "</tbody></table></div>"
    )


def _thumbnail(picture: np.ndarray | None) -> str:
    if picture is None:
        return ""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=85)
    data = base64.b64encode(file.getvalue()).decode()
    side = f'width="{THUMBNAIL}" height="{THUMBNAIL}"'
    return f'<img src="data:image/jpeg;base64,{data}" alt="" {side}>'
