"""Pages opened in Chromium, where there is one: what they say in its console, how wide they are."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
POLICY = re.compile(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>")


def started(page: Path, width: int, *words: str) -> subprocess.CompletedProcess[str]:
    """Open the page in a window of that width."""
    line = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900"]
    line += [f"--user-data-dir={page.parent / 'profile'}", "--virtual-time-budget=4000"]
    return subprocess.run(
        [*line, *words, "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def opened(page: Path, width: int) -> str:
    """The page's document after it was opened in a window of that width."""
    return started(page, width).stdout


def console(page: Path, width: int = 1280) -> tuple[str, list[str]]:
    """The page's document and what it wrote to the console; what its policy refuses stands there.

    The policy of a page refuses every request, so that one which asks for something says so.
    """
    done = started(page, width, "--enable-logging=stderr")
    lines = re.findall(r"CONSOLE[^\]]*\] (.*)", done.stderr)
    return done.stdout, [line for line in lines if "setting log level" not in line]


def measured(pages: Sequence[Path], folder: Path, width: int) -> list[tuple[bool, int, int]]:
    """Of each page in a frame of that width: was a name run, the width it needs, the width it has.

    The page's own policy is lifted so that a script may measure: nothing but escaping is left to
    keep a name from being run.
    """
    frames = []
    for number, page in enumerate(pages):
        probe = (
            "<script>addEventListener('load',()=>setTimeout(()=>{const s=document.scrollingElement;"
            f"parent.document.body.dataset.found{number}="
            "[document.title=='pwned',s.scrollWidth,innerWidth]},1500))</script>"
        )
        text = POLICY.sub("", page.read_text(encoding="utf-8")).replace(
            "</body>", f"{probe}</body>"
        )
        style = f"width:{width}px;height:900px;border:0"
        frames.append(f'<iframe style="{style}" srcdoc="{html.escape(text)}"></iframe>')
    outer = f"<!doctype html><meta charset=utf-8><body>{''.join(frames)}</body>"
    (folder / "frame.html").write_text(outer, encoding="utf-8")
    document = opened(folder / "frame.html", max(width, 600))
    results = []
    for number in range(len(pages)):
        found = re.search(rf'data-found{number}="([^"]*)"', document)
        assert found, f"{pages[number]} was measured"
        pwned, needed, given = found[1].split(",")
        results.append((pwned == "true", int(needed), int(given)))
    return results
