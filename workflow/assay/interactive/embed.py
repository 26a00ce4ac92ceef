"""Plots as text for a page: one JSON document, the library's script, and a policy for them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bokeh.document import Document
from bokeh.plotting import figure
from bokeh.resources import Resources

DOCUMENT = "page"


def script() -> str:
    """The library, as the text of a script element."""
    return "\n".join(Resources(mode="inline", components=["bokeh"], log_level="error").js_raw)


def document(plots: Mapping[str, figure]) -> dict[str, Any]:
    """The plots, to be drawn in the elements of their names: what the library's embed_items takes.

    Identifiers are counted anew, so that the same plots give the same text.
    """
    made = Document()
    for plot in plots.values():
        made.add_root(plot)
    content = _renamed(made.to_json(deferred=False), {})
    roots = [root["id"] for root in content["roots"]]
    places = dict(zip(roots, plots, strict=True))
    item = {"docid": DOCUMENT, "root_ids": roots, "roots": places}
    return {"documents": {DOCUMENT: content}, "items": [item]}


def _renamed(part: Any, names: dict[str, str]) -> Any:
    """The part of a document with each identifier of a model replaced by a count.

    The order stays: a model is written out where it is met first, and referred to from there on.
    """
    if isinstance(part, list):
        return [_renamed(one, names) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: names.setdefault(value, f"m{len(names)}") if key == "id" else _renamed(value, names)
        for key, value in part.items()
    }


def as_data(content: Any) -> str:
    """JSON that can stand in a script element: no text in it can end the element."""
    text = json.dumps(content, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def allowed(*scripts: str) -> str:
    """The part of a content security policy by which these scripts may run, and no other."""
    digests = [hashlib.sha256(text.encode()).digest() for text in scripts]
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
