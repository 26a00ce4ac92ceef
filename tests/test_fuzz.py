"""Mutated pictures and tables: read true or refused, never another error, never for long.

A few hundred here; ASSAY_FUZZ=20000 (make fuzz) for as many pictures, and a tenth of it in tables.
"""

import os
import time

import numpy as np
import pytest

import pictures
from assay import images
from assay.faults import BadInput
from assay.images import ReadingOptions
from assay.intake import labels
from assay.intake.labels import Columns

NUMBER = int(os.environ.get("ASSAY_FUZZ", "600"))
SECONDS = 5.0  # that any single file may take
WORDS = [b"\0", b"\xff", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0"]
SYMBOLS = [b'"', b",", b";", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"\t", b"'", b"=", b"-"]
TABLES = (
    b"image,concentration,sample\na.png,80,s0\nb.png,120.5,s1\nc.png,<200,s2\n",
    b'\xef\xbb\xbf"image";concentration;sample\r\na.png;80,5;s0\r\n"b;.png";1,250;s1\r\n',
    "sep=\t\nimage\tconcentration\tsample\nä.png\t1e3\t001\n\t\t\n".encode(),
)


def mutated(data: bytes, generator: np.random.Generator, words: list[bytes]) -> bytes:
    """A file with one to four faults: bits, bytes, words, cuts, copies."""
    for _ in range(generator.integers(1, 5)):
        at = int(generator.integers(0, max(1, len(data))))
        # headers decide most, so that half of all faults lie there
        at = at % 200 if generator.random() < 0.5 else at
        length = int(generator.integers(1, 64))
        word = words[generator.integers(len(words))]
        kind = generator.integers(6)
        if kind == 0 and at < len(data):
            bit = 1 << int(generator.integers(8))
            data = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + generator.bytes(1) + data[at + 1 :]
        elif kind == 2:
            data = data[:at] + word + data[at + len(word) :]
        elif kind == 3:
            data = data[:at] + word + data[at:]
        elif kind == 4:
            data = data[:at] + data[at : at + length] + data[at:]
        else:
            data = data[:at] + (data[at + length :] if generator.random() < 0.7 else b"")
    return data


def repaired(data: bytes) -> bytes:
    """A PNG with right checksums, so that faults reach the decoder behind them."""
    if not data.startswith(pictures.SIGNATURE):
        return data
    parts, start = [data[:8]], 8
    while start + 8 <= len(data):
        length = int.from_bytes(data[start : start + 4], "big")
        body = data[start + 8 : start + 8 + length]
        parts.append(pictures.chunk(data[start + 4 : start + 8], body))
        start += 12 + length
    return b"".join(parts)


def verdict(path) -> str:
    """Read a picture; any error but a BadInput that names the file fails the test."""
    try:
        photo = images.read(path, ReadingOptions(max_pixels=4_000_000))
    except BadInput as bad:
        named = all(fault.stops and fault.file == str(path) for fault in bad.faults)
        return "refused" if named else "unnamed"
    true = photo.pixels.ndim == 3 and photo.pixels.dtype in (np.uint8, np.uint16)
    return "read" if true else "odd"


def test_mutated_pictures_are_read_or_refused(tmp_path):
    generator = np.random.default_rng(2024)
    seeds = list(pictures.kinds().values())
    path = tmp_path / "mutated"
    verdicts = {"read": 0, "refused": 0}
    for number in range(NUMBER):
        data = mutated(seeds[number % len(seeds)], generator, WORDS)
        path.write_bytes(repaired(data) if generator.random() < 0.5 else data)
        start = time.perf_counter()
        verdicts[verdict(path)] += 1
        assert time.perf_counter() - start < SECONDS
    assert min(verdicts.values()) > NUMBER / 20, verdicts


def test_mutated_tables_are_read_or_refused(tmp_path):
    generator = np.random.default_rng(2025)
    path = tmp_path / "labels.csv"
    columns = Columns(sample="sample")
    for number in range(NUMBER // 10):
        path.write_bytes(mutated(TABLES[number % len(TABLES)], generator, SYMBOLS))
        start = time.perf_counter()
        table = labels.read(path, columns)
        assert table.rows or any(fault.stops for fault in table.faults)
        assert all(np.isfinite(row.label) for row in table.rows)
        assert time.perf_counter() - start < SECONDS


def test_mutated_workbooks_are_read_or_refused(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (("image", "concentration"), ("a.png", 80), ("b.png", 120.5)):
        book.active.append(row)
    book.save(tmp_path / "good.xlsx")
    good = (tmp_path / "good.xlsx").read_bytes()
    generator = np.random.default_rng(2026)
    path = tmp_path / "labels.xlsx"
    for _ in range(NUMBER // 20):
        path.write_bytes(mutated(good, generator, WORDS))
        table = labels.read(path, Columns())
        assert table.rows or any(fault.stops for fault in table.faults)
