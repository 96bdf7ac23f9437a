"""Opens a recording and the bodies beside it, in a folder or in a zip archive."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final
from zipfile import BadZipFile, ZipFile

import attrs

from driftline.errors import RecordingError
from driftline.observe.readers.entry import MAX_BODY
from driftline.observe.readers.source import Attachments

STDIN: Final = "-"
_ZIP: Final = b"PK\x03\x04"


@attrs.frozen
class RecordingFile:
    """An open recording; its size is 0 if unknown."""

    stream: IO[bytes]
    size: int
    read_attachment: Attachments


@contextmanager
def open_recording(file: str, name: str) -> Generator[RecordingFile]:
    """Open a file, standard input, or the HAR file of a zip archive.

    Raises:
        RecordingError: it cannot be read, or the archive has not one HAR file.
    """
    if file == STDIN:
        yield RecordingFile(sys.stdin.buffer, 0, lambda _: None)
        return
    path = Path(file)
    try:
        stream = path.open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"could not be read: {reason}"
        raise RecordingError(name, message, "Pass a file, or - for standard input.") from None
    with stream:
        is_zip = stream.seekable() and stream.read(len(_ZIP)) == _ZIP
        if stream.seekable():
            stream.seek(0)
        if is_zip:
            with _open_archive(stream, name) as recording:
                yield recording
        else:
            size = os.fstat(stream.fileno()).st_size
            yield RecordingFile(
                stream, size, lambda attachment: _read_beside(path.parent, attachment)
            )


@contextmanager
def _open_archive(stream: IO[bytes], name: str) -> Generator[RecordingFile]:
    try:
        with ZipFile(stream) as archive:
            hars = [entry for entry in archive.infolist() if entry.filename.endswith(".har")]
            if len(hars) != 1 or hars[0].flag_bits & 1:
                message = (
                    f"a zip archive with {len(hars)} HAR files: expected 1, without a password"
                )
                raise RecordingError(name, message, "Extract the archive, and pass the HAR files.")
            with archive.open(hars[0]) as har:
                size = hars[0].file_size
                yield RecordingFile(har, size, lambda attachment: _read_member(archive, attachment))
    except (BadZipFile, NotImplementedError, zlib.error) as error:
        raise RecordingError(name, f"damaged zip archive: {error}", "Record it again.") from None


def _read_member(archive: ZipFile, name: str) -> bytes | None:
    try:
        with archive.open(name) as member:
            return _read_body(member)
    except (KeyError, OSError, RuntimeError, BadZipFile, zlib.error):
        return None


def _read_beside(folder: Path, name: str) -> bytes | None:
    """Read a file of the folder itself: the name may come from anywhere."""
    path = folder / name
    if path.name != name or path.is_symlink() or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return _read_body(file)
    except (OSError, ValueError):
        return None


def _read_body(file: IO[bytes]) -> bytes | None:
    body = file.read(MAX_BODY + 1)
    return body if len(body) <= MAX_BODY else None
