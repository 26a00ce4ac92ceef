"""A table as a page of its own: to be looked at in a browser, its CSV within reach."""

from __future__ import annotations

from pathlib import Path

from assay import cli, files
from assay.reporting.render import table_page
from assay.reporting.tables import of_frame


def tabulate(table: Path, page: Path, csv: Path) -> None:
    """Write TABLE as a self-contained HTML page to PAGE and, unchanged, to CSV."""
    title = table.stem.replace("_", " ").capitalize()
    frame = files.read_table(table)
    caption = f"{title}: {len(frame)} rows. Rounded to four significant digits."
    content = files.read_bytes(table)
    files.write_text(page, table_page(title, of_frame(caption, frame), content, table.name))
    files.write_bytes(csv, content)


if __name__ == "__main__":
    cli.run(tabulate)
