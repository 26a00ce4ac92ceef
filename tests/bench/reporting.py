"""A table in Markdown, with what it was measured on; the same with every number as JSON."""

from __future__ import annotations

import json
import os
import re
from argparse import Namespace
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assay import machine


@dataclass
class Table:
    """Rows of text by column; `raw` holds every single measurement, `note` what to know of it."""

    rows: list[dict[str, str]]
    raw: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def markdown(self) -> str:
        """The table as it stands on a page."""
        header = list(dict.fromkeys(key for row in self.rows for key in row))
        lines = [header, ["---"] * len(header)]
        lines += [[row.get(key, "") for key in header] for row in self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def circumstances() -> dict[str, Any]:
    """Processor, cores, versions and how busy the machine is."""
    load = [round(value, 1) for value in os.getloadavg()]
    time = datetime.now(UTC).isoformat(timespec="minutes")
    return {"machine": machine.describe(), "versions": machine.versions(), "load": load} | {
        "time": time
    }


def command(name: str, chosen: Namespace) -> str:
    """The command that makes this table again, but for where its files lie."""
    from bench.__main__ import options

    default = vars(options([name]))
    words = [f"python -m bench {name}"]
    for key, value in vars(chosen).items():
        if value != default[key] and key not in ("groups", "out", "docs", "keep", "python"):
            many = value if isinstance(value, list) else [value]
            words.append(" ".join([f"--{key.replace('_', '-')}", *map(str, many)]))
    return " ".join(words)


def section(name: str, table: Table, before: dict[str, Any], chosen: Namespace) -> str:
    """The table with its command and circumstances, in Markdown."""
    on, versions = before["machine"], before["versions"]
    place = f"{on['cores']} cores of {on['processor']}, shared"
    busy = f"load {before['load'][0]:g} before, {os.getloadavg()[0]:.1f} after"
    told = ", ".join(f"{key} {versions[key]}" for key in ("python", "torch", "numpy", "pillow"))
    lines = [f"`PYTHONPATH=tests {command(name, chosen)}`", "", table.markdown(), ""]
    return "\n".join([*lines, f"{place}; {busy}; {before['time'][:10]}; {told}. {table.note}"])


def write(name: str, table: Table, before: dict[str, Any], chosen: Namespace) -> None:
    """Print the table; write it to the chosen folder, and onto a page between its marks."""
    text = section(name, table, before, chosen)
    print(f"\n## {name}\n\n{text}", flush=True)
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / f"{name}.md").write_text(text + "\n")
    content = before | {"command": command(name, chosen), "rows": table.rows, "raw": table.raw}
    (chosen.out / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")
    if chosen.docs:
        replace(chosen.docs, name, text)


def replace(page: Path, name: str, text: str) -> None:
    """Put `text` between the marks of `name` on a page; ValueError if the page has none."""
    begin, end = f"<!-- bench {name} -->\n", f"<!-- end {name} -->"
    old = page.read_text(encoding="utf-8")
    found = re.search(f"{re.escape(begin)}.*?{re.escape(end)}", old, re.DOTALL)
    if not found:
        raise ValueError(f"{page} has no place for the table {name!r}: {begin.strip()}")
    page.write_text(old[: found.start()] + begin + text + "\n" + end + old[found.end() :])
