"""The types of files and binary bodies; used by generated code and client code."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Iterable
from typing import IO, Any, TypeAlias

BinaryTypes: TypeAlias = (
    bytes | os.PathLike[str] | IO[bytes] | Iterable[bytes] | AsyncIterable[bytes]
)
"""A binary body."""

JsonLinesTypes: TypeAlias = (
    str | bytes | os.PathLike[str] | IO[bytes] | Iterable[Any] | AsyncIterable[Any]
)
"""A body of JSON lines: its text, or the values of its lines."""

_FileContent: TypeAlias = bytes | os.PathLike[str] | IO[bytes]
FileTypes: TypeAlias = (
    _FileContent | tuple[str | None, _FileContent] | tuple[str | None, _FileContent, str | None]
)
"""A file of a multipart body: its content, `(filename, content)`, or these and a media type."""
