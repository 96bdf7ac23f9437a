"""Reads JSON, and finds the line of a node on demand."""

from __future__ import annotations

import json
import re
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


def read_json(text: str, *, most: int, deepest: int) -> Any | None:
    """Return the data of a text; None if it is not plain JSON, is a scalar, or is too large."""
    try:
        data: Any = json.loads(
            text,
            object_pairs_hook=_require_unique,
            parse_constant=str,
            parse_float=lambda number: resolve_scalar("float", number),
            parse_int=lambda number: resolve_scalar("int", number),
        )
    except (ValueError, RecursionError):
        return None
    if not (is_object(data) or is_array(data)) or not _fits(data, most, deepest):
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
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("duplicate key")
    return made


def _replace_surrogates(data: Any) -> Any:
    """Replace lone surrogates, which no text can encode."""
    if isinstance(data, str):
        return data.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if is_object(data):
        return {_replace_surrogates(key): _replace_surrogates(value) for key, value in data.items()}
    return [_replace_surrogates(value) for value in data] if is_array(data) else data


def _fits(data: Any, most: int, deepest: int) -> bool:
    level: list[Any] = [data]
    for _ in range(deepest):
        below = [each for node in level for each in _list_children(node)]
        most -= len(below)
        level = [each for each in below if is_object(each) or is_array(each)]
        if not level or most < 0:
            return most > 0
    return False


def _list_children(node: Any) -> Iterable[Any]:
    return node.values() if is_object(node) else node


class JsonLines(Mapping[str, int]):
    """The line of every node of a JSON text; minified text is counted as if formatted."""

    def __init__(self, text: str) -> None:
        self._given = text
        self._below: dict[str, dict[str, tuple[int, int]]] = {}

    @cached_property
    def _text(self) -> str:
        text = self._given
        if len(text) / (text.count("\n") + 1) < _LONG_LINES:
            return text
        return msgspec.json.format(text.encode(), indent=2).decode()

    @cached_property
    def _breaks(self) -> list[int]:
        return [match.start() for match in re.finditer("\n", self._text)]

    def __getitem__(self, pointer: str) -> int:
        start, _ = self._locate(pointer)
        return bisect_right(self._breaks, start) + 1

    def __iter__(self) -> Iterator[str]:
        waiting = [""]
        while waiting:
            pointer = waiting.pop()
            yield pointer
            below = self._find_members(pointer, self._locate(pointer)[1])
            waiting += (pointer + json_pointer.join(token) for token in reversed(below))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _locate(self, pointer: str) -> tuple[int, int]:
        """Return the start of a node, including its key, and the start of its value."""
        spot = (self._skip(0), self._skip(0))
        above = ""
        for token in json_pointer.split(pointer):
            members = self._find_members(above, spot[1])
            if token not in members:
                raise KeyError(pointer)
            spot = members[token]
            above += json_pointer.join(token)
        return spot

    def _skip(self, place: int) -> int:
        found = _SPACE.match(self._text, place)
        return found.end() if found else place

    def _find_members(self, pointer: str, place: int) -> dict[str, tuple[int, int]]:
        """Return the start of each member of a container by token; empty for scalars."""
        if pointer not in self._below:
            opening = self._text[place]
            self._below[pointer] = dict(self._scan(place, opening)) if opening in "{[" else {}
        return self._below[pointer]

    def _scan(self, place: int, opening: str) -> Iterator[tuple[str, tuple[int, int]]]:
        decoder, text = JSONDecoder(), self._text
        place, index = self._skip(place + 1), 0
        while text[place] not in "}]":
            start, token = place, str(index)
            if opening == "{":
                token, place = decoder.raw_decode(text, place)
                place = self._skip(self._skip(place) + 1)
            yield token, (start, place)
            _, place = decoder.raw_decode(text, place)
            place = self._skip(place)
            if text[place] == ",":
                place = self._skip(place + 1)
            index += 1
