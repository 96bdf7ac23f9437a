"""What files of a media type begin with, so that an error page is not taken for a sound."""

from __future__ import annotations

from collections.abc import Sequence

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
    """Return whether content begins as a file of this media type; None if that is not known."""
    known = _SIGNATURES.get(media_type)
    if known is None:
        return None
    return any(all(content[at : at + len(b)] == b for at, b in parts) for parts in known)
