"""Templates to pages: everything escaped, everything inlined."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import jinja2
import markupsafe
import numpy as np
from PIL import Image

from assay import files
from assay.reporting.tables import Table

TEMPLATES = Path(__file__).resolve().parents[2] / "report"
LARGE = 130_000  # bytes; thirty experiments should still make a page that opens at once


def render(template: str, **content: Any) -> str:
    """The page that `template` makes of the content; text is escaped, a missing name an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,  # file names and notes may hold HTML
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["codes"] = codes
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    return environment.get_template(template).render(style=style, **content) + "\n"


def codes(text: str) -> markupsafe.Markup:
    """Text, escaped, in which what stands between `backticks` is set as code."""
    parts = [
        markupsafe.Markup("<code>{}</code>").format(part) if place % 2 else markupsafe.escape(part)
        for place, part in enumerate(text.split("`"))
    ]
    return markupsafe.Markup("").join(parts)


def chart(path: Path) -> str:
    """A drawing as a data address: the SVG, or the PNG beside it in 64 colours if that is large.

    path has no suffix. With thousands of points an SVG is several times as large as the PNG.
    """
    vector = files.read_bytes(path.with_name(f"{path.name}.svg"))
    if len(vector) <= LARGE:
        return data_address(vector, "image/svg+xml")
    with _picture(path) as picture:
        rgb = picture.convert("RGB")
        few = rgb.quantize(64, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return data_address(_encoded(few, "PNG", optimize=True), "image/png")


def _picture(path: Path) -> Image.Image:
    """The PNG of that name, whole and unchanged."""
    return Image.open(io.BytesIO(files.read_bytes(path.with_name(f"{path.name}.png"))))


def photographs(path: Path) -> str:
    """A picture of photographs (PNG, path without suffix) as a data address, as JPEG."""
    with _picture(path) as picture:
        content = _encoded(picture.convert("RGB"), "JPEG", quality=92, subsampling=0)
    return data_address(content, "image/jpeg")


def thumbnail(pixels: np.ndarray) -> str:
    """A small picture (S, S, 3) uint8 as a data address, as JPEG."""
    return data_address(_encoded(Image.fromarray(pixels), "JPEG", quality=80), "image/jpeg")


def _encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def data_address(content: bytes, kind: str) -> str:
    """Content of a media type as a data address."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def table_page(title: str, table: Table, csv: bytes, file_name: str) -> str:
    """A table as a page of its own, its CSV within reach."""
    address = data_address(csv, "text/csv;charset=utf-8")
    return render("table.html", title=title, table=table, csv=address, file_name=file_name)
