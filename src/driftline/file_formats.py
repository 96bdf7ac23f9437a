"""What a body of a media type looks like: signatures of files, well-formed XML, CSV, text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple
from xml.parsers import expat

from driftline.media import BodyKind, get_essence

CSV = "text/csv"

_Part = tuple[int, bytes]
"""An offset, and the bytes that stand there."""


def _build_signature(*starts: bytes) -> Sequence[Sequence[_Part]]:
    return [[(0, start)] for start in starts]


_WAV = [[(0, b"RIFF"), (8, b"WAVE")]]
_MP3 = _build_signature(
    b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa", b"\xff\xe2", b"\xff\xe3"
)
_ZIP = _build_signature(b"PK\x03\x04", b"PK\x05\x06")
_MP4 = [[(4, b"ftyp")]]
_GZIP = _build_signature(b"\x1f\x8b")
_JPEG = _build_signature(b"\xff\xd8\xff")
_SIGNATURES = {
    "audio/wav": _WAV,
    "audio/x-wav": _WAV,
    "audio/wave": _WAV,
    "audio/vnd.wave": _WAV,
    "audio/mpeg": _MP3,
    "audio/mp3": _MP3,
    "audio/flac": _build_signature(b"fLaC"),
    "audio/ogg": _build_signature(b"OggS"),
    "video/ogg": _build_signature(b"OggS"),
    "audio/mp4": _MP4,
    "video/mp4": _MP4,
    "audio/webm": _build_signature(b"\x1a\x45\xdf\xa3"),
    "video/webm": _build_signature(b"\x1a\x45\xdf\xa3"),
    "image/png": _build_signature(b"\x89PNG\r\n\x1a\n"),
    "image/gif": _build_signature(b"GIF87a", b"GIF89a"),
    "image/jpeg": _JPEG,
    "image/jpg": _JPEG,
    "image/webp": [[(0, b"RIFF"), (8, b"WEBP")]],
    "application/pdf": _build_signature(b"%PDF-"),
    "application/zip": _ZIP,
    "application/x-zip-compressed": _ZIP,
    "application/gzip": _GZIP,
    "application/x-gzip": _GZIP,
}


class FormatProblem(NamedTuple):
    """The reason why bytes are not a valid body of a media type, and the expected format."""

    expected: str
    message: str


def find_format_problem(kind: BodyKind, content_type: str, content: bytes) -> FormatProblem | None:
    """Return why bytes are not a body of this media type; None if nothing shows that."""
    essence = get_essence(content_type)
    if kind == "binary":
        if has_signature(essence, content) is False:
            return FormatProblem(f"a file of {essence}", "has the wrong signature")
    elif kind == "xml" and content:
        problem = _find_xml_problem(content)
        if problem:
            return FormatProblem("well-formed XML", problem)
    elif kind == "text" and content:
        string = decode_text(content, content_type)
        if string is None:
            return FormatProblem("text in its charset", "is not in its charset")
        if essence == CSV:
            return _find_csv_problem(string)
    return None


def decode_text(content: bytes, content_type: str) -> str | None:
    """Return the text of a body in its charset, or None if it is in another one."""
    _, _, parameters = content_type.lower().partition("charset=")
    charset = parameters.partition(";")[0].strip(' "') or "utf-8"
    try:
        return content.decode("utf-8-sig" if charset == "utf-8" else charset)
    except (LookupError, ValueError):
        return None


def _find_xml_problem(content: bytes) -> str:
    """Return why XML is not well-formed. Nothing external is read, and expat limits entities."""
    try:
        expat.ParserCreate().Parse(content, True)
    except expat.ExpatError as error:
        return f"is not well-formed: line {error.lineno}, column {error.offset}"
    return ""


def _find_csv_problem(string: str) -> FormatProblem | None:
    rows = csv.reader(io.StringIO(string, newline=""))
    try:
        header = next(rows, list[str]())
        odd_row = next(
            (n for n, row in enumerate(rows, 2) if row and len(row) != len(header)), None
        )
    except csv.Error as error:
        return FormatProblem("CSV", f"is not CSV: {error}")
    if odd_row is None:
        return None
    expected = f"{len(header)} fields in each row"
    return FormatProblem(expected, f"has another number of fields in row {odd_row}")


def has_signature(media_type: str, content: bytes) -> bool | None:
    """Return whether content has the signature of this media type; None if it has none."""
    signatures = _SIGNATURES.get(media_type)
    if signatures is None:
        return None
    return any(all(content[at : at + len(b)] == b for at, b in parts) for parts in signatures)


def make_signature(media_type: str) -> bytes:
    """Return the shortest content with the signature of this media type; none if it has none."""
    content = bytearray()
    for offset, part in (_SIGNATURES.get(media_type) or [()])[0]:
        content = content.ljust(offset, b"\0")
        content[offset : offset + len(part)] = part
    return bytes(content)
