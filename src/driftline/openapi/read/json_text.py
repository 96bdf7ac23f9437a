"""Reads JSON, and finds the line of a node on demand."""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from json import JSONDecoder
from typing import Any, Final

import msgspec

from driftline.openapi import pointer as json_pointer
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.read.scalars import resolve_scalar

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
_LONG_LINES: Final = 2_000
"""Characters a line, on average, from which on a text counts as minified."""


def read_json(text: str, *, max_nodes: int, max_depth: int) -> Any | None:
    """Return the data of a text; None if it is not plain JSON, is a scalar, or is too large.

    Neither are duplicate keys and numbers that no float holds: `read_yaml` reports their lines.
    """
    try:
        data: Any = json.loads(
            text,
            object_pairs_hook=_require_unique,
            parse_constant=str,
            parse_float=lambda number: _require_number(resolve_scalar("float", number)),
            parse_int=lambda number: _require_number(resolve_scalar("int", number)),
        )
    except (ValueError, RecursionError):
        return None
    if not (is_object(data) or is_array(data)) or not _fits(data, max_nodes, max_depth):
        return None
    return _replace_surrogates(data) if _HALF.search(text) else data


def find_json_error(text: str) -> tuple[int, str] | None:
    """Return the line and message of the first JSON error in a text, if any."""
    try:
        json.loads(text, parse_constant=str)
    except json.JSONDecodeError as error:
        return error.lineno, f"not JSON: {error.msg}"
    except (ValueError, RecursionError):
        return None
    return None


def _require_unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate key")
    return members


def _require_number(value: Any) -> Any:
    if isinstance(value, str):
        raise ValueError("too large a number")
    return value


def _replace_surrogates(data: Any) -> Any:
    """Replace lone surrogates, which no text can encode."""
    if isinstance(data, str):
        return data.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if is_object(data):
        return {_replace_surrogates(key): _replace_surrogates(value) for key, value in data.items()}
    return [_replace_surrogates(value) for value in data] if is_array(data) else data


def _fits(data: Any, budget: int, max_depth: int) -> bool:
    level: list[Any] = [data]
    for _ in range(max_depth):
        children = [child for node in level for child in _list_children(node)]
        budget -= len(children)
        level = [child for child in children if is_object(child) or is_array(child)]
        if not level or budget < 0:
            return budget > 0
    return False


def _list_children(node: Any) -> Iterable[Any]:
    return node.values() if is_object(node) else node


class JsonLines(Mapping[str, int]):
    """The line of every node of a JSON text; minified text is counted as if formatted.

    The text is kept as a string with a character for each byte of UTF-8: one character beyond the
    16-bit ones would otherwise make Python store four bytes for each.
    """

    def __init__(self, text: str) -> None:
        self._original = text.encode("utf-8", "surrogatepass").decode("latin-1")
        self._members: dict[str, dict[str, tuple[int, int]]] = {}

    @cached_property
    def _text(self) -> str:
        text = self._original
        if len(text) / (text.count("\n") + 1) < _LONG_LINES:
            return text
        return msgspec.json.format(text.encode("latin-1"), indent=2).decode("latin-1")

    @cached_property
    def _breaks(self) -> array[int]:
        return array("Q", (match.start() for match in re.finditer("\n", self._text)))

    def __getitem__(self, pointer: str) -> int:
        start, _ = self._locate(pointer)
        return bisect_right(self._breaks, start) + 1

    def __iter__(self) -> Iterator[str]:
        pending = [""]
        while pending:
            pointer = pending.pop()
            yield pointer
            members = self._find_members(pointer, self._locate(pointer)[1])
            pending += (pointer + json_pointer.join(token) for token in reversed(members))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _locate(self, pointer: str) -> tuple[int, int]:
        """Return the start of a node, including its key, and the start of its value."""
        position = (self._skip(0), self._skip(0))
        parent = ""
        for token in json_pointer.split(pointer):
            members = self._find_members(parent, position[1])
            if token not in members:
                raise KeyError(pointer)
            position = members[token]
            parent += json_pointer.join(token)
        return position

    def _skip(self, offset: int) -> int:
        match = _SPACE.match(self._text, offset)
        return match.end() if match else offset

    def _find_members(self, pointer: str, offset: int) -> dict[str, tuple[int, int]]:
        """Return the start of each member of a container by token; empty for scalars."""
        if pointer not in self._members:
            opening = self._text[offset]
            self._members[pointer] = dict(self._scan(offset, opening)) if opening in "{[" else {}
        return self._members[pointer]

    def _scan(self, offset: int, opening: str) -> Iterator[tuple[str, tuple[int, int]]]:
        # Only positions count, and Python rejects integers of more than 4,300 digits.
        decoder, text = JSONDecoder(parse_int=str), self._text
        offset, index = self._skip(offset + 1), 0
        while text[offset] not in "}]":
            start, token = offset, str(index)
            if opening == "{":
                token, offset = decoder.raw_decode(text, offset)
                if not token.isascii():
                    token = json.loads(text[start:offset].encode("latin-1"))
                offset = self._skip(self._skip(offset) + 1)
            yield token, (start, offset)
            _, offset = decoder.raw_decode(text, offset)
            offset = self._skip(offset)
            if text[offset] == ",":
                offset = self._skip(offset + 1)
            index += 1
