"""Types of JSON values and of bodies: type guards, files, binary bodies."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Iterable, Mapping
from typing import IO, Any, TypeAlias, TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Return whether a JSON value is an array."""
    return isinstance(value, list)


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Return whether a value is a mapping of any kind."""
    return isinstance(value, Mapping)


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Return whether a value is a tuple."""
    return isinstance(value, tuple)


def is_bytes(value: object) -> TypeGuard[bytes]:
    """Return whether a value is bytes or a mutable buffer; `bytes(value)` is an immutable copy."""
    return isinstance(value, (bytes, bytearray, memoryview))


def is_path(value: object) -> TypeGuard[os.PathLike[str]]:
    """Return whether a value is a path."""
    return isinstance(value, os.PathLike)


BinaryTypes: TypeAlias = (
    bytes | os.PathLike[str] | IO[bytes] | Iterable[bytes] | AsyncIterable[bytes]
)
"""A binary body."""

JsonLinesTypes: TypeAlias = (
    str | bytes | os.PathLike[str] | IO[bytes] | Iterable[Any] | AsyncIterable[Any]
)
"""A body of JSON lines: a string, or an iterable of values."""

_FileContent: TypeAlias = bytes | os.PathLike[str] | IO[bytes]
FileTypes: TypeAlias = (
    _FileContent | tuple[str | None, _FileContent] | tuple[str | None, _FileContent, str | None]
)
"""A file: its content, `(filename, content)` or `(filename, content, media_type)`."""
