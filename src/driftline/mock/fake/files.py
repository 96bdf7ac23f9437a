"""Small valid files by media type; always the same."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import wave
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import cache

from driftline.file_formats import make_signature

_TEXT = b"A file of the mock.\n"
_RATE = 8000


def sample_file(essence: str) -> bytes:
    """Return a small file of a media type: valid, or at least with its signature."""
    return _make(essence)


@cache
def _make(essence: str) -> bytes:
    make = _MAKERS.get(essence)
    return make() if make is not None else make_signature(essence) + _TEXT


def _make_wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, _RATE, _RATE // 10, "NONE", "not compressed"))
        out.writeframes(bytes(_RATE // 5))
    return file.getvalue()


def _make_mp3() -> bytes:
    """Return ten silent frames: MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono."""
    return (b"\xff\xfb\x10\xc4" + bytes(100)) * 10


def _make_png() -> bytes:
    """Return one white pixel."""

    def pack_chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = pack_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixel = pack_chunk(b"IDAT", zlib.compress(b"\x00\xff"))
    return b"\x89PNG\r\n\x1a\n" + header + pixel + pack_chunk(b"IEND", b"")


def _make_gif() -> bytes:
    return b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def _make_jpeg() -> bytes:
    return b64decode(
        "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////"
        "////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQAB"
        "PxA="
    )


def _make_webp() -> bytes:
    return b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")


def _make_pdf() -> bytes:
    """Return one empty page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>",
    )
    content, starts = b"%PDF-1.4\n", list[int]()
    for number, body in enumerate(objects, 1):
        starts.append(len(content))
        content += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    count = len(objects) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, len(content))
    return content + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer


def _make_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as out:
        out.writestr(zipfile.ZipInfo("file.txt"), _TEXT)
    return file.getvalue()


def _make_tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as out:
        member = tarfile.TarInfo("file.txt")
        member.size = len(_TEXT)
        out.addfile(member, io.BytesIO(_TEXT))
    return file.getvalue()


def _make_mp4() -> bytes:
    """Return a movie without tracks."""

    def pack_box(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data) + 8) + kind + data

    matrix = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    times = struct.pack(">5I", 0, 0, 0, 1000, 0)
    header = times + struct.pack(">IH", 1 << 16, 1 << 8) + bytes(10) + matrix + bytes(24)
    movie = pack_box(b"moov", pack_box(b"mvhd", header + struct.pack(">I", 1)))
    return pack_box(b"ftyp", b"isom" + struct.pack(">I", 512) + b"isomiso2mp41") + movie


def _make_csv() -> bytes:
    return b"id,name\r\n1,first\r\n2,second\r\n"


def _make_silence() -> bytes:
    return bytes(_RATE // 5)


def _make_gzip() -> bytes:
    return gzip.compress(_TEXT, mtime=0)


_MAKERS: Mapping[str, Callable[[], bytes]] = {
    "audio/wav": _make_wav,
    "audio/x-wav": _make_wav,
    "audio/wave": _make_wav,
    "audio/vnd.wave": _make_wav,
    "audio/mpeg": _make_mp3,
    "audio/mp3": _make_mp3,
    "audio/pcm": _make_silence,
    "audio/l16": _make_silence,
    "audio/basic": _make_silence,
    "image/png": _make_png,
    "image/gif": _make_gif,
    "image/jpeg": _make_jpeg,
    "image/jpg": _make_jpeg,
    "image/webp": _make_webp,
    "video/mp4": _make_mp4,
    "audio/mp4": _make_mp4,
    "application/pdf": _make_pdf,
    "application/zip": _make_zip,
    "application/x-zip-compressed": _make_zip,
    "application/x-tar": _make_tar,
    "application/gzip": _make_gzip,
    "application/x-gzip": _make_gzip,
    "text/csv": _make_csv,
}
