"""Checks bodies that are neither JSON nor streams: files, CSV, XML and text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from xml.parsers import expat

from driftline.checks.exchange import Exchange
from driftline.checks.finding import Flaw
from driftline.media import get_essence
from driftline.openapi import MediaType, describe

_CSV = "text/csv"


def find_file_flaws(media: MediaType, exchange: Exchange) -> Iterator[Flaw]:
    """Yield the flaws of a body for its media type."""
    content_type = exchange.get_header("content-type") or media.name
    essence = get_essence(content_type)
    if media.kind == "binary":
        if has_signature(essence, exchange.body) is False:
            yield _build_flaw(media, exchange, f"a file of {essence}", "has the wrong signature")
    elif media.kind == "xml" and exchange.body:
        problem = _find_xml_problem(exchange.body)
        if problem:
            yield _build_flaw(media, exchange, "well-formed XML", problem)
    elif media.kind == "text" and exchange.body:
        string = _decode(exchange.body, content_type)
        if string is None:
            yield _build_flaw(media, exchange, "text in its charset", "is not in its charset")
        elif essence == _CSV:
            yield from _find_csv_flaws(media, exchange, string)


def _build_flaw(media: MediaType, exchange: Exchange, expected: str, problem: str) -> Flaw:
    message = f"the body of the {exchange.status} response {problem}"
    kind = "response.body.unreadable"
    return Flaw(kind, media.pointer, message, expected, exchange.excerpt)


def _find_xml_problem(content: bytes) -> str:
    """Return why XML is not well-formed. Nothing external is read, and expat limits entities."""
    try:
        expat.ParserCreate().Parse(content, True)
    except expat.ExpatError as error:
        return f"is not well-formed: line {error.lineno}, column {error.offset}"
    return ""


def _decode(content: bytes, content_type: str) -> str | None:
    _, _, parameters = content_type.lower().partition("charset=")
    charset = parameters.partition(";")[0].strip(' "') or "utf-8"
    try:
        return content.decode("utf-8-sig" if charset == "utf-8" else charset)
    except (LookupError, ValueError):
        return None


def _find_csv_flaws(media: MediaType, exchange: Exchange, string: str) -> Iterator[Flaw]:
    """Compare the columns with those of the documented example, and each row with the header."""
    rows = csv.reader(io.StringIO(string, newline=""))
    try:
        header = next(rows, list[str]())
        odd = next((n for n, row in enumerate(rows, 2) if row and len(row) != len(header)), None)
    except csv.Error as error:
        yield _build_flaw(media, exchange, "CSV", f"is not CSV: {error}")
        return
    if odd is not None:
        expected = f"{len(header)} fields in each row"
        yield _build_flaw(media, exchange, expected, f"has another number of fields in row {odd}")
    for example in media.examples.values():
        string = example if isinstance(example, str) else ""
        documented_header = next(csv.reader(io.StringIO(string)), list[str]())
        if documented_header and documented_header != header:
            yield Flaw(
                "response.columns.wrong",
                media.pointer,
                "the columns are not those of the documented example",
                ", ".join(documented_header),
                describe(", ".join(header)),
            )
        break


_Part = tuple[int, bytes]
"""An offset, and the bytes that stand there."""


def _begin(*starts: bytes) -> Sequence[Sequence[_Part]]:
    return [[(0, start)] for start in starts]


_WAV = [[(0, b"RIFF"), (8, b"WAVE")]]
_MP3 = _begin(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa", b"\xff\xe2", b"\xff\xe3")
_ZIP = _begin(b"PK\x03\x04", b"PK\x05\x06")
_MP4 = [[(4, b"ftyp")]]
_GZIP = _begin(b"\x1f\x8b")
_JPEG = _begin(b"\xff\xd8\xff")
_SIGNATURES = {
    "audio/wav": _WAV,
    "audio/x-wav": _WAV,
    "audio/wave": _WAV,
    "audio/vnd.wave": _WAV,
    "audio/mpeg": _MP3,
    "audio/mp3": _MP3,
    "audio/flac": _begin(b"fLaC"),
    "audio/ogg": _begin(b"OggS"),
    "video/ogg": _begin(b"OggS"),
    "audio/mp4": _MP4,
    "video/mp4": _MP4,
    "audio/webm": _begin(b"\x1a\x45\xdf\xa3"),
    "video/webm": _begin(b"\x1a\x45\xdf\xa3"),
    "image/png": _begin(b"\x89PNG\r\n\x1a\n"),
    "image/gif": _begin(b"GIF87a", b"GIF89a"),
    "image/jpeg": _JPEG,
    "image/jpg": _JPEG,
    "image/webp": [[(0, b"RIFF"), (8, b"WEBP")]],
    "application/pdf": _begin(b"%PDF-"),
    "application/zip": _ZIP,
    "application/x-zip-compressed": _ZIP,
    "application/gzip": _GZIP,
    "application/x-gzip": _GZIP,
}


def has_signature(media_type: str, content: bytes) -> bool | None:
    """Return whether content has the signature of this media type; None if it has none."""
    signatures = _SIGNATURES.get(media_type)
    if signatures is None:
        return None
    return any(all(content[at : at + len(b)] == b for at, b in parts) for parts in signatures)
