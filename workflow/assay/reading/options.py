"""What a user may state about the pictures, and what a decoder hands on. Standard library only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from assay.faults import Fault, refuse

if TYPE_CHECKING:
    import numpy as np

SMALLEST_SIDE = 2  # pixels; below it there is no picture
LARGEST_ASPECT = 8.0
LARGEST_FILE = 256 * 2**20  # bytes


@dataclass(frozen=True)
class ReadingOptions:
    """How photographs are read; the defaults refuse whatever could be read in two ways.

    alpha: "refuse" stops at transparent pixels, "drop" ignores them, "#rrggbb" lays the picture on
    that colour. icc: "convert" to sRGB or "ignore". bit_depth: bits in use of 16-bit files (0: look
    for unused bits and refuse them). float_low, float_high: the values of black and white in
    floating-point files (None: refuse them). max_pixels: read from the header, before decoding.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    alpha: str = "refuse"
    icc: Literal["convert", "ignore"] = "convert"
    bit_depth: int = 0
    float_low: float | None = None
    float_high: float | None = None
    max_pixels: int = 50_400_000  # 8192 x 6144 of phones

    def __post_init__(self) -> None:
        checks = {
            "alpha": self.alpha in ("refuse", "drop")
            or bool(re.fullmatch(r"#[0-9a-fA-F]{6}", self.alpha)),
            "icc": self.icc in ("convert", "ignore"),
            "bit_depth": self.bit_depth == 0 or 9 <= self.bit_depth <= 16,
            "float_low": (self.float_low is None) == (self.float_high is None),
            "float_high": self.float_low is None
            or self.float_high is None
            or self.float_low < self.float_high,
            "max_pixels": self.max_pixels >= SMALLEST_SIDE**2,
        }
        wrong = [name for name, right in checks.items() if not right]
        if wrong:
            raise ValueError(
                f"reading option {wrong[0]}={getattr(self, wrong[0])!r} has no meaning"
            )

    def check_size(self, width: int, height: int) -> None:
        """Refuse sizes that are no photograph's: E_TOO_LARGE, E_TOO_SMALL, E_ASPECT."""
        size = f"its header says {width}x{height} pixels"
        if min(width, height) < SMALLEST_SIDE:
            raise refuse("E_TOO_SMALL", f"{size}.", "Take a picture of at least 2x2 pixels.")
        if width * height > self.max_pixels:
            raise refuse(
                "E_TOO_LARGE",
                f"{size}; at most {self.max_pixels} are read.",
                "Scale it down, or raise the reading option max_pixels.",
            )
        if max(width, height) > LARGEST_ASPECT * min(width, height):
            raise refuse("E_ASPECT", f"{size}, a sliver beyond 8:1.", "Crop it to the reaction.")


@dataclass(frozen=True)
class Decoded:
    """A decoded picture before its colours are settled.

    samples: (H, W) grey or (H, W, C), C = 2 (grey, alpha), 3 or 4 (alpha last); uint8, uint16 or
    float. orientation: the EXIF number still to be applied, 1 to 8. profile: ICC bytes.
    """

    samples: np.ndarray
    format: str
    orientation: int = 1
    profile: bytes = b""
    premultiplied: bool = False
    notes: tuple[str, ...] = ()
    warnings: tuple[Fault, ...] = field(default=())

    def with_notes(self, *notes: str) -> Decoded:
        """The same, with more notes on what was converted."""
        return replace(self, notes=self.notes + notes)

    def with_warning(self, code: str, message: str, remedy: str = "") -> Decoded:
        """The same, with one warning more."""
        return replace(self, warnings=(*self.warnings, Fault(code, message, remedy)))
