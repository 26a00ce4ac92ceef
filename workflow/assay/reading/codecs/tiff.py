"""TIFF: 8-bit pictures by Pillow; deeper ones as bytes by libtiff, whose samples are ours to read.

Pillow reads 16-bit colour at 8 bits and drops an unnamed fourth channel. Libtiff only has to undo
the compression: it is shown a grey 8-bit picture that is as wide as a row has bytes.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from assay.faults import BadInput, refuse
from assay.reading.codecs import pillow, tags
from assay.reading.codecs.png import corrupt, truncated
from assay.reading.options import Decoded, ReadingOptions

PALETTE, CMYK, YCBCR = 3, 5, 6
NO_COMPRESSION = 1
LOSSLESS = {1, 5, 8, 32773, 32946, 34925, 50000}  # none LZW Deflate PackBits Deflate LZMA Zstandard
RAW_PHOTOMETRIC = (32803, 34892)
UNSIGNED, SIGNED, FLOAT = 1, 2, 3


@dataclass(frozen=True)
class Layout:
    """How the samples of a page lie in the file. bits is of one sample, planes 1 or `channels`."""

    width: int
    height: int
    bits: int
    channels: int
    photometric: int
    compression: int
    sample_format: int
    predictor: int
    planes: int
    block_width: int
    block_height: int
    tiled: bool
    offsets: tuple[int, ...]
    counts: tuple[int, ...]


def decode(data: bytes, options: ReadingOptions) -> Decoded:
    """Decode a TIFF; BadInput if anything in it is broken or ambiguous."""
    page = _only_page(tags.pages(data))
    options.check_size(page.integer(256), page.integer(257))
    _refuse_kinds(page)
    layout = _layout(page)
    _check_blocks(layout, len(data))
    if layout.bits <= 8 and layout.channels in (1, 3):
        decoded = _by_pillow(data, options)
    else:
        decoded = Decoded(
            _samples(data, page.order, layout), "TIFF", premultiplied=_associated(page)
        )
        decoded = pillow.orient(decoded, page.integer(274, 1))
    return replace(decoded, profile=page.raw(34675))


def _only_page(pages: list[tags.Page]) -> tags.Page:
    first = pages[0]
    if 50706 in first.entries or (330 in first.entries and first.is_thumbnail):
        raise _raw()
    whole = sum(not page.is_thumbnail for page in pages)
    if whole > 1 or (first.is_thumbnail and len(pages) > 1):
        raise tags.too_many_pages()
    return first


def _raw() -> BadInput:
    return refuse(
        "E_FORMAT", "it is a camera raw file, which isn't read.", "Develop it to 16-bit TIFF."
    )


def _refuse_kinds(page: tags.Page) -> None:
    """Refuse colours, depths and channels that can't be read true."""
    photometric, channels = page.integer(262), page.integer(277, 1)
    bits, formats = set(page.integers(258) or (1,)), set(page.integers(339) or (UNSIGNED,))
    if photometric in RAW_PHOTOMETRIC:
        raise _raw()
    if photometric == CMYK:
        raise refuse("E_CMYK", "its colours are CMYK, for a printing press.", "Export it as sRGB.")
    if photometric > YCBCR:
        raise refuse("E_FORMAT", "its colours are CIELAB or rarer.", "Export it as sRGB.")
    most = 4 if photometric == 2 else 3 if photometric == YCBCR else 2
    if not 1 <= channels <= most or (photometric == 2 and channels < 3):
        raise refuse("E_CHANNELS", f"it has {channels} channels.", "Export it as sRGB.")
    if formats - {UNSIGNED, SIGNED, FLOAT, 4}:
        raise refuse("E_FLOAT", "it has complex numbers.", "Export it with 16 bits.")
    if formats == {FLOAT} and photometric == 0:
        raise refuse("E_FLOAT", "it has floats of which 0 is white.", "Export it with 16 bits.")
    allowed = {1, 2, 4, 8} if photometric in (PALETTE, YCBCR) else {1, 2, 4, 8, 16}
    allowed = {16, 32, 64} if formats == {FLOAT} else allowed
    if len(bits) > 1 or bits - allowed or len(formats) > 1 or SIGNED in formats:
        raise refuse(
            "E_DEPTH",
            f"it has {'/'.join(map(str, sorted(bits)))}-bit samples that aren't read.",
            "Export it with 8 or 16 bits, unsigned.",
        )


def _layout(page: tags.Page) -> Layout:
    width, height = page.integer(256), page.integer(257)
    tiled = 322 in page.entries
    channels = page.integer(277, 1)
    return Layout(
        width=width,
        height=height,
        bits=page.integer(258, 1),
        channels=channels,
        photometric=page.integer(262),
        compression=page.integer(259, 1),
        sample_format=page.integer(339, UNSIGNED),
        predictor=page.integer(317, 1),
        planes=channels if page.integer(284, 1) == 2 else 1,
        block_width=page.integer(322) if tiled else width,
        block_height=page.integer(323) if tiled else min(page.integer(278, height), height),
        tiled=tiled,
        offsets=page.integers(324 if tiled else 273),
        counts=page.integers(325 if tiled else 279),
    )


def _check_blocks(layout: Layout, size: int) -> None:
    """Refuse strips or tiles that are too few, too large, or outside the file."""
    if min(layout.block_width, layout.block_height) < 1:
        raise corrupt("its strips or tiles have no size")
    if layout.block_width > layout.width + 4096 or layout.block_height > layout.height + 4096:
        raise corrupt("its tiles are absurdly large")
    across = -(-layout.width // layout.block_width)
    wanted = across * -(-layout.height // layout.block_height) * layout.planes
    if len(layout.offsets) != wanted or len(layout.counts) != wanted:
        raise corrupt("it has a wrong number of strips or tiles")
    if any(o + c > size for o, c in zip(layout.offsets, layout.counts, strict=True)):
        raise truncated("strips or tiles lie behind the end")
    row = -(-layout.width * layout.bits * layout.channels // layout.planes // 8) * layout.planes
    if layout.compression == NO_COMPRESSION and sum(layout.counts) < row * layout.height:
        raise truncated("strips or tiles are too short")
    if not all(layout.counts):
        raise corrupt("strips or tiles are empty")


def _associated(page: tags.Page) -> bool:
    return page.integers(338)[:1] == (1,)


def _by_pillow(data: bytes, options: ReadingOptions) -> Decoded:
    """Pillow turns a TIFF upright while loading, so its orientation is not applied again."""
    decoded = pillow.loaded(pillow.opened(data, "TIFF", options), "TIFF")
    return replace(decoded, orientation=1)


def _samples(data: bytes, order: str, layout: Layout) -> np.ndarray:
    """Samples (H, W) or (H, W, C), uint8, uint16 or float; white-is-zero is turned round."""
    if layout.compression not in LOSSLESS or layout.predictor not in (1, 2):
        raise refuse(
            "E_FORMAT",
            "its compression isn't read at this depth.",
            "Save it without compression, or with LZW or Deflate.",
        )
    letter = "f" if layout.sample_format == FLOAT else "u"
    dtype = np.dtype(f"{order}{letter}{layout.bits // 8}")
    channels = layout.channels // layout.planes
    planes = []
    for plane in range(layout.planes):
        block = _bytes(data, layout, plane, channels * dtype.itemsize)
        block = block.view(dtype).astype(dtype.newbyteorder("="), copy=False)
        planes.append(_undo_predictor(block.reshape(layout.height, layout.width, channels), layout))
    samples = planes[0] if len(planes) == 1 else np.concatenate(planes, axis=2)
    if layout.photometric == 0:
        # only the grey channel: an alpha channel isn't white-is-zero
        samples[..., 0] = np.iinfo(samples.dtype).max - samples[..., 0]
    return samples[..., 0] if layout.channels == 1 else samples


def _undo_predictor(samples: np.ndarray, layout: Layout) -> np.ndarray:
    """Horizontal differences to samples, block by block (TIFF 6.0, section 14)."""
    if layout.predictor == 1:
        return samples
    for left in range(0, layout.width, layout.block_width):
        block = samples[:, left : left + layout.block_width]
        np.cumsum(block, axis=1, dtype=block.dtype, out=block)
    return samples


def _bytes(data: bytes, layout: Layout, plane: int, pixel: int) -> np.ndarray:
    """The decompressed bytes (H, W * pixel) of one plane; pixel: bytes of a pixel in it."""
    if layout.compression == NO_COMPRESSION and not layout.tiled:
        stored = b"".join(_blocks(data, layout, plane))
        size = layout.height * layout.width * pixel
        return np.frombuffer(bytearray(stored[:size]), np.uint8).reshape(layout.height, -1)
    with pillow.decoding():
        file = io.BytesIO(_as_bytes(data, layout, plane, pixel))
        picture = Image.open(file, formats=("TIFF",))
        picture.load()
        return np.require(pillow.array_of(picture), requirements="W")


def _blocks(data: bytes, layout: Layout, plane: int) -> list[bytes]:
    """The compressed strips or tiles of one plane."""
    number = len(layout.offsets) // layout.planes
    chosen = slice(plane * number, (plane + 1) * number)
    places = zip(layout.offsets[chosen], layout.counts[chosen], strict=True)
    return [data[offset : offset + count] for offset, count in places]


def _as_bytes(data: bytes, layout: Layout, plane: int, pixel: int) -> bytes:
    """A TIFF file with the same compressed blocks of one plane, declared as grey bytes."""
    blocks = _blocks(data, layout, plane)
    counts = [len(block) for block in blocks]
    starts = np.cumsum([8, *counts])[:-1].tolist()
    places = {324: starts, 325: counts} if layout.tiled else {273: starts, 279: counts}
    shape = (
        {322: [layout.block_width * pixel], 323: [layout.block_height]}
        if layout.tiled
        else {278: [layout.block_height]}
    )
    entries: dict[int, list[int]] = {
        256: [layout.width * pixel],
        257: [layout.height],
        258: [8],
        259: [layout.compression],
        262: [1],
        277: [1],
        **{tag: list(values) for tag, values in (shape | places).items()},
    }
    return _file(b"".join(blocks), entries)


def _file(blocks: bytes, entries: dict[int, list[int]]) -> bytes:
    """A little-endian TIFF: header, blocks, one table of LONG tags, long values behind it."""
    table = 8 + len(blocks) + len(blocks) % 2
    behind = table + 2 + 12 * len(entries) + 4
    directory, values = [struct.pack("<H", len(entries))], b""
    for tag, numbers in sorted(entries.items()):
        packed = struct.pack(f"<{len(numbers)}I", *numbers)
        if len(packed) > 4:
            packed, values = struct.pack("<I", behind + len(values)), values + packed
        directory.append(struct.pack("<HHI", tag, 4, len(numbers)) + packed)
    padding = bytes(len(blocks) % 2)
    head = struct.pack("<2sHI", b"II", 42, table)
    return b"".join([head, blocks, padding, *directory, bytes(4), values])
