"""Files that are written completely or not at all, and safe filenames from servers."""

from __future__ import annotations

import mimetypes
import os
import re
import secrets
import unicodedata
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from email.utils import collapse_rfc2231_value
from pathlib import Path
from typing import IO, Any

from driftline.media import get_essence

_LONGEST = 150
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE
)
_MOST = 4096
"""Characters of a Content-Disposition; a longer one names no file."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def open_whole(path: Path) -> Generator[IO[bytes], None, None]:
    """Open a new file that replaces `path` after the block, and is removed if the block fails.

    A symlink at `path` is replaced, not followed.
    """
    beside = path.with_name(f".{path.name[:_LONGEST]}.{secrets.token_hex(8)}.part")
    with os.fdopen(os.open(beside, _NEW | getattr(os, "O_BINARY", 0), 0o666), "wb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    try:
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def parse_filename(disposition: str, content_type: str) -> str:
    """Return a safe file name from Content-Disposition, or one that fits the media type."""
    found = next(filter(None, map(clean_filename, _list_filenames(disposition))), None)
    return found or f"download{_guess_extension(get_essence(content_type))}"


def _list_filenames(disposition: str) -> Iterator[str]:
    """Yield the names in a Content-Disposition, first those with a charset."""
    message = Message()
    if disposition and len(disposition) <= _MOST and not {"\n", "\r"} & set(disposition):
        message["Content-Disposition"] = disposition
    try:
        parameters: Any = message.get_params([], "content-disposition")
    except ValueError:  # a part with a number of thousands of digits
        return
    values: list[Any] = [value for key, value in parameters if key.lower() == "filename"]
    for value in sorted(values, key=lambda value: isinstance(value, str)):
        with suppress(ValueError):  # a charset that Python knows, and that decodes no file name
            yield collapse_rfc2231_value(value)


def _guess_extension(media_type: str) -> str:
    known = mimetypes.MimeTypes()  # independent of this machine's MIME files
    main, _, name = media_type.partition("/")
    spellings = (media_type, f"{main}/x-{name}")
    return next(filter(None, map(known.guess_extension, spellings)), "")


def clean_filename(name: str) -> str:
    """Return the last part of a path without characters unsafe for files or terminals.

    "" if nothing is left.
    """
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*')
    kept = kept.strip(" .")
    if _RESERVED.fullmatch(kept):
        kept = f"_{kept}"
    stem, dot, extension = kept.rpartition(".")
    if len(kept.encode()) <= _LONGEST:
        return kept
    room = _LONGEST - len(extension.encode()) - 1 if dot and len(extension) < 20 else _LONGEST
    cut = (stem if dot and len(extension) < 20 else kept).encode()[:room].decode(errors="ignore")
    return f"{cut}.{extension}" if room < _LONGEST else cut
