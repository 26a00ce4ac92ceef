"""What a file is, by its first bytes and never by its ending."""

from __future__ import annotations

import re

from assay.faults import refuse

HEAD = 4096  # bytes that settle the kind

ENDINGS = {
    "PNG": ("png", "apng"),
    "JPEG": ("jpg", "jpeg", "jpe", "jfif", "mpo"),
    "TIFF": ("tif", "tiff"),
    "BMP": ("bmp", "dib"),
    "WEBP": ("webp",),
    "GIF": ("gif",),
    "HEIC": ("heic", "heif", "hif"),
}
READ = tuple(ENDINGS)
PICTURE_ENDINGS = {ending for endings in ENDINGS.values() for ending in endings}
# Endings that promise something; any other ending (IMG.001) promises nothing and isn't compared.
TELLING = PICTURE_ENDINGS | {
    *("avif", "jxl", "jp2", "j2k", "psd", "svg", "pdf", "eps", "ai", "ico", "raw", "dng", "cr2"),
    *("cr3", "nef", "arw", "orf", "rw2", "raf", "pgm", "ppm", "pnm", "exr", "hdr", "dcm", "fits"),
    *("npy", "zip", "gz", "mp4", "mov", "avi", "txt", "csv", "tsv", "xls", "xlsx", "doc", "docx"),
    *("html", "htm", "xml", "json"),
}
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"miaf", b"1pic")

# (first bytes, where they stand, what it is); the kinds of READ are read, all others are named
MAGIC = (
    (b"\x89PNG\r\n\x1a\n", 0, "PNG"),
    (b"\xff\xd8\xff", 0, "JPEG"),
    (b"GIF87a", 0, "GIF"),
    (b"GIF89a", 0, "GIF"),
    (b"FUJIFILMCCD-RAW", 0, "camera raw"),
    (b"II*\0\x10\0\0\0CR", 0, "camera raw"),
    (b"IIRO", 0, "camera raw"),
    (b"IIRS", 0, "camera raw"),
    (b"MMOR", 0, "camera raw"),
    (b"IIU\0", 0, "camera raw"),
    (b"II*\0", 0, "TIFF"),
    (b"MM\0*", 0, "TIFF"),
    (b"II+\0", 0, "TIFF"),
    (b"MM\0+", 0, "TIFF"),
    (b"%PDF-", 0, "PDF"),
    (b"8BPS", 0, "Photoshop"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", 0, "JPEG XL"),
    (b"\xff\x0a", 0, "JPEG XL"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", 0, "JPEG 2000"),
    (b"\xff\x4f\xff\x51", 0, "JPEG 2000"),
    (b"\x8aMNG", 0, "MNG"),
    (b"v/1\x01", 0, "OpenEXR"),
    (b"#?RADIANCE", 0, "Radiance HDR"),
    (b"#?RGBE", 0, "Radiance HDR"),
    (b"DDS ", 0, "DDS"),
    (b"gimp xcf", 0, "GIMP"),
    (b"%!PS", 0, "PostScript"),
    (b"\xc5\xd0\xd3\xc6", 0, "PostScript"),
    (b"\0\0\1\0", 0, "icon"),
    (b"DICM", 128, "DICOM"),
    (b"SIMPLE  =", 0, "FITS"),
    (b"\x89HDF\r\n\x1a\n", 0, "HDF5"),
    (b"\x93NUMPY", 0, "NumPy array"),
    (b"PK\3\4", 0, "ZIP archive or office document"),
    (b"PK\5\6", 0, "ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "old office document"),
    (b"\x1f\x8b", 0, "gzip archive"),
    (b"7z\xbc\xaf'\x1c", 0, "7z archive"),
    (b"Rar!\x1a\7", 0, "RAR archive"),
    (b"\x1aE\xdf\xa3", 0, "Matroska film"),
    (b"OggS", 0, "Ogg film"),
    (b"AT&TFORM", 0, "DjVu"),
    (b"SQLite format 3", 0, "database"),
)
# an SVG begins with its element, behind declarations and comments: a table may well hold the word
SVG = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?>(?:<!--.*?-->|<[?!][^>]*>|\]>)\s*)*+<(?:svg:)?svg[\s>]", re.DOTALL
)
SIGNS = {  # of text files: what it is, and whether it is a picture format
    rb"<svg[\s>]": "SVG",
    rb"(?i)<!doctype html|<html[\s>]|<head[\s>]": "an HTML page",
    rb"\Aversion https://git-lfs": "a Git LFS pointer; the picture itself was not fetched",
    rb"\A\s*<\?xml": "an XML text",
    rb"\A\s*[{\[]": "a JSON text",
}


def kind(head: bytes) -> str:
    """PNG, JPEG, TIFF ... for what is read; else the name of another known format, or ""."""
    for magic, offset, name in MAGIC:
        if head.startswith(magic, offset):
            return name
    if head[:4] == b"RIFF":
        return "WEBP" if head[8:12] == b"WEBP" else "RIFF film or sound"
    if head[4:8] == b"ftyp":
        return _ftyp(head)
    if head[:2] == b"BM" and _is_bitmap(head):
        return "BMP"
    if re.match(rb"P[1-7]\s", head):
        return "PBM, PGM or PPM"
    return "SVG" if SVG.match(head) and _is_text(head) else ""


def _ftyp(head: bytes) -> str:
    """Kinds of the ISO container: still pictures of several codecs, and films."""
    size = min(int.from_bytes(head[:4], "big"), 256)
    brands = [head[8:12], *(head[start : start + 4] for start in range(16, size, 4))]
    if brands[0] == b"crx ":
        return "camera raw"
    if brands[0] in (b"avif", b"avis") or b"avif" in brands:
        return "AVIF"
    if brands[0] in (b"hevc", b"hevx", b"msf1"):
        return "HEIC film"
    return "HEIC" if any(brand in HEIC_BRANDS for brand in brands) else "film"


def _is_bitmap(head: bytes) -> bool:
    """The header's length tells a bitmap from a text that starts with "BM"."""
    return int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124)


def _is_text(head: bytes) -> bool:
    return b"\0" not in head


def sniff(head: bytes) -> str:
    """The kind of a picture that is read; BadInput E_FORMAT or E_NOT_IMAGE for anything else."""
    name = kind(head)
    if name in READ:
        return name
    if name:
        raise refuse(
            "E_FORMAT",
            f"it is a file of another format ({name}), which isn't read.",
            "Export it as PNG, TIFF or JPEG.",
        )
    what = next((what for sign, what in SIGNS.items() if re.search(sign, head)), "")
    if not what:
        what = "an unknown format or noise" if not _is_text(head) else "a text"
    raise refuse(
        "E_NOT_IMAGE", f"it is not a picture but {what}.", "Copy the picture again from its source."
    )


def ending_differs(name: str, found: str) -> bool:
    """Whether the ending of a name promises another format than the content has."""
    ending = name.rpartition(".")[2].lower()
    return ending in TELLING and ending not in ENDINGS[found]
