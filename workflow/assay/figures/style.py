"""The one look of all figures: size, fonts, colours that colour-blind readers can tell apart.

Palette: Okabe and Ito (2008), Color Universal Design. Files are the same bytes whenever they are
drawn from the same data: no dates, fixed identifiers, matplotlib's own font, no user's settings.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import Bbox

from assay import files
from assay.intake.numerals import count

BLUE, ORANGE, GREEN, SKY = "#0072B2", "#E69F00", "#009E73", "#56B4E9"
RED, PINK, YELLOW, BLACK = "#D55E00", "#CC79A7", "#F0E442", "#000000"
GREY, FAINT = "#5f6368", "#d5d8dc"

WIDTH, HEIGHT, DPI = 6.0, 4.0, 200  # inches and dots per inch: 1200 x 800 pixels
TITLE, TEXT, SMALL = 12.5, 9.5, 8  # points
DPI_IN_VECTOR = 144  # of clouds of points, which an SVG holds as a picture
MANY = 1500  # points above which an SVG holds them as a picture: it would be megabytes

SETTINGS: dict[Any, Any] = {
    "figure.dpi": DPI,
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "text.parse_math": False,  # a file name may hold dollar signs
    "text.color": "#202124",
    "axes.labelcolor": "#202124",
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": "#202124",
    "ytick.labelcolor": "#202124",
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
    "svg.hashsalt": "assay",
    "svg.fonttype": "path",
}


@dataclass(frozen=True)
class Facts:
    """What a figure rests on; n is samples."""

    samples: int
    photographs: int
    folds: int
    seed: int

    def __str__(self) -> str:
        folds = f"; {count(self.folds, 'fold')}" if self.folds else ""
        photographs = count(self.photographs, "photograph")
        return f"n = {count(self.samples, 'sample')}, {photographs}{folds}; seed {self.seed}"


@contextmanager
def style() -> Iterator[None]:
    """The look, within a with-block; the user's own matplotlib settings have no say."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        yield


def blank(title: str, subtitle: str, foot: str, *, arranged: bool = True) -> Figure:
    """An empty figure with its heading and, at the foot, what it rests on.

    arranged: whether matplotlib arranges what comes between them.
    """
    top, bottom = 0.5 / HEIGHT, 0.24 / HEIGHT
    room = (0.005, bottom, 0.99, 1 - top - bottom)
    layout = ConstrainedLayoutEngine(rect=room, w_pad=0.05, h_pad=0.03) if arranged else None
    figure = Figure(figsize=(WIDTH, HEIGHT), layout=layout)
    figure.text(0.015, 1 - 0.08 / HEIGHT, shown(title, 52), size=TITLE, weight="bold", va="top")
    figure.text(0.015, 1 - 0.32 / HEIGHT, subtitle, size=8.5, va="top", color=GREY)
    figure.text(0.015, 0.07 / HEIGHT, foot, size=SMALL, color=GREY)
    return figure


def sentence(title: str, text: str, foot: str) -> Figure:
    """A figure that says why there is nothing to draw."""
    figure = blank(title, "", foot, arranged=False)
    figure.text(0.5, 0.5, text, size=11, ha="center", va="center", wrap=True)
    return figure


def beside(figure: Figure, share: float = 0.3) -> tuple[Axes, Axes]:
    """The drawing and, at its right, room for text that takes `share` of the width."""
    drawing, text = figure.subplots(1, 2, width_ratios=[1 - share, share])
    text.axis("off")
    text.set(xlim=(0, 1), ylim=(0, 1))
    return drawing, text


def settle(figure: Figure) -> None:
    """Arrange the axes once and for all, on a grid of 1/10,000 of the figure.

    The solver of the layout is free to differ in the last digits from one run to the next.
    """
    if figure.get_layout_engine() is None:
        return
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        edges = [round(edge, 4) for edge in axes.get_position(original=True).bounds]
        axes.set_position(Bbox.from_bounds(*edges))


def write(figure: Figure, paths: list[Path]) -> None:
    """Write the figure once per path, in the format of its suffix (.png or .svg)."""
    settle(figure)
    for path in paths:
        content = io.BytesIO()
        kind = path.suffix.removeprefix(".")
        nameless = {"Date": None} if kind == "svg" else {"Software": None}
        vector = kind == "svg"
        dots = DPI_IN_VECTOR if vector else DPI
        figure.savefig(content, format=kind, dpi=dots, metadata=nameless, transparent=vector)
        files.write_bytes(path, content.getvalue())


def plain_numbers(axis: Axes, *, x: bool = True, y: bool = True) -> None:
    """Write the ticks of logarithmic axes as 20 and 0.5, not as powers."""
    for used, one in ((x, axis.xaxis), (y, axis.yaxis)):
        if used and one.get_scale() == "log":
            one.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            one.set_minor_formatter(FuncFormatter(_sparse))
            one.set_tick_params(which="minor", pad=5)  # in line with the major ones


def _sparse(value: float, _: int | None) -> str:
    """Minor ticks of a logarithmic axis: only 2 and 5 are written."""
    return f"{value:g}" if f"{value:e}"[0] in "25" else ""


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family="DejaVu Sans"))).get_charmap())


def shown(name: str, longest: int = 24) -> str:
    """A file name for a figure: cut in its middle, `?` for signs that the font doesn't have."""
    text = "".join(sign if ord(sign) in _glyphs() and sign.isprintable() else "?" for sign in name)
    if len(text) <= longest:
        return text
    folder, _, last = text.rpartition("/")
    if folder and len(last) <= longest - 2:
        return f"…/{last}"
    tail = (longest - 1) * 2 // 3
    return f"{text[: longest - 1 - tail]}…{text[-tail:]}"
