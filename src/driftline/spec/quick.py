"""Reads what is plain in a YAML or JSON file by parsers in C, an order of magnitude sooner.

Whatever is not plain (an alias, a tag, a key that stands twice, a mistake) is left to the reader,
which knows what to say of it. What is read here is read there just the same.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from json import JSONDecoder
from typing import Any, Final

import yaml
from ruamel.yaml.resolver import implicit_resolvers

from driftline.spec import pointer as json_pointer
from driftline.spec.pointer import is_array, is_object

__all__ = ["Lines", "from_json", "from_yaml", "plain", "resolved"]

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", None)
_YAML: Final[Any] = yaml  # some of its types are unknown
_ODD: Final = re.compile("[\t\x7f-\x9f\u2028\u2029\ufeff]|[|>][^\n]*#")
"""What one version of YAML takes for a line break, or one parser for a mistake, and others not:
odd breaks, tabs, and a comment after the mark of a block."""
_UNFIT: Final = re.compile("[\x7f-\x9f\ufeff\ufffe\uffff]")
"""Characters that a text of JSON may have, and one of YAML not."""
_PAIR: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_KINDS: Final[dict[str, list[tuple[str, Any]]]] = {}
for _versions, _tag, _pattern, _firsts in implicit_resolvers:
    if (1, 2) in _versions:
        for _first in _firsts:
            _KINDS.setdefault(_first, []).append((_tag.rpartition(":")[2], _pattern))

Read = tuple[Any, Mapping[str, int]]


def resolved(kind: str, text: str) -> Any:
    """The value of a scalar of YAML's core schema; what is no such number is a text."""
    try:
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return int(text, 0) if text[:2].lower() in {"0x", "0o"} else int(text)
        if kind == "float":
            number = float(text)
            return number if math.isfinite(number) else text
    except ValueError:
        return text
    return text


def plain(text: str) -> Any:
    """The value of a scalar that stands without quotes."""
    kinds = _KINDS.get(text[:1], ())
    return resolved(next((kind for kind, found in kinds if found.match(text)), "str"), text)


def from_yaml(text: str, *, most: int, deepest: int) -> Read | None:
    """The data and the line of every node; None if the text is not plain, or is too large."""
    if _LOADER is None or _ODD.search(text):
        return None
    building, parser = _Building(most, deepest), _YAML.parse(text, Loader=_LOADER)
    try:
        done = all(map(building.take, parser))
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return (building.root, building.lines) if done and building.is_whole else None


class _Building:
    """Makes data of YAML events; `take` says whether it could."""

    def __init__(self, most: int, deepest: int) -> None:
        self.most, self.deepest = most, deepest
        self.root: Any = None
        self.lines: dict[str, int] = {}
        self.documents = 0
        # Of each container that is open: itself, its pointer, and the key that waits for a value.
        self.open: list[tuple[Any, str]] = []
        self.keys: list[str | None] = []

    @property
    def is_whole(self) -> bool:
        """Whether there was one document, of an object or array."""
        return self.documents == 1 and (is_object(self.root) or is_array(self.root))

    def take(self, event: Any) -> bool:
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self.start({}, event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.start([], event)
        if isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
            self.keys.pop()
            return True
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            return event.tags is None and event.version is None
        return not isinstance(event, yaml.AliasEvent)

    def scalar(self, event: Any) -> bool:
        if event.tag is not None or event.anchor is not None:
            return False
        text = str(event.value)
        if self.open and self.keys[-1] is None and isinstance(self.open[-1][0], dict):
            owner, pointer = self.open[-1]
            self.lines[pointer + json_pointer.join(text)] = event.start_mark.line + 1
            self.keys[-1] = text
            return text not in owner
        return self.put(plain(text) if event.implicit[0] else text, event) is not None

    def start(self, made: Any, event: Any) -> bool:
        if event.tag is not None or event.anchor is not None:
            return False
        pointer = self.put(made, event)
        self.open.append((made, pointer or ""))
        self.keys.append(None)
        return pointer is not None and len(self.open) <= self.deepest

    def put(self, value: Any, event: Any) -> str | None:
        """Puts a value where it belongs; its pointer, or None if there is no such place."""
        line = event.start_mark.line + 1
        if not self.open:
            self.root = value
            self.lines[""] = line
            return ""
        owner, pointer = self.open[-1]
        if is_array(owner):
            place = f"{pointer}/{len(owner)}"
            self.lines[place] = line
            owner.append(value)
        else:
            key = self.keys[-1]
            if key is None:
                return None  # a mapping or list as a key
            place = pointer + json_pointer.join(key)
            owner[key] = value
            self.keys[-1] = None
        return place if len(self.lines) <= self.most else None


def from_json(text: str, *, most: int, deepest: int) -> Read | None:
    """The data, and lines that are looked up when they are wanted; None if it is not plain."""
    if _UNFIT.search(text) or (_HALF.search(text) and _HALF.search(_PAIR.sub("", text))):
        return None
    try:
        data: Any = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refused,
            parse_float=lambda number: resolved("float", number),
        )
    except (ValueError, RecursionError):
        return None
    if not (is_object(data) or is_array(data)) or not _fits(data, most, deepest):
        return None
    return data, Lines(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _refused(constant: str) -> Any:
    raise ValueError(constant)


def _fits(data: Any, most: int, deepest: int) -> bool:
    level: list[Any] = [data]
    for _ in range(deepest):
        below = [each for node in level for each in _inner(node)]
        most -= len(below)
        level = [each for each in below if is_object(each) or is_array(each)]
        if not level or most < 0:
            return most > 0
    return False


def _inner(node: Any) -> Iterable[Any]:
    return node.values() if is_object(node) else node


class Lines(Mapping[str, int]):
    """The line of every node of a JSON text, found when it is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._below: dict[str, dict[str, tuple[int, int]]] = {}

    def __getitem__(self, pointer: str) -> int:
        start, _ = self._spot(pointer)
        return bisect_right(self._breaks, start) + 1

    def __iter__(self) -> Iterator[str]:
        waiting = [""]
        while waiting:
            pointer = waiting.pop()
            yield pointer
            below = self._members(pointer, self._spot(pointer)[1])
            waiting += (pointer + json_pointer.join(token) for token in reversed(below))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _spot(self, pointer: str) -> tuple[int, int]:
        """Where a node begins, with its key if it has one, and where its value begins."""
        spot = (self._skip(0), self._skip(0))
        above = ""
        for token in json_pointer.split(pointer):
            members = self._members(above, spot[1])
            if token not in members:
                raise KeyError(pointer)
            spot = members[token]
            above += json_pointer.join(token)
        return spot

    def _skip(self, place: int) -> int:
        found = _SPACE.match(self._text, place)
        return found.end() if found else place

    def _members(self, pointer: str, place: int) -> dict[str, tuple[int, int]]:
        """By token, where the members of a container begin; none of any other value."""
        if pointer not in self._below:
            opening = self._text[place]
            self._below[pointer] = dict(self._scanned(place, opening)) if opening in "{[" else {}
        return self._below[pointer]

    def _scanned(self, place: int, opening: str) -> Iterator[tuple[str, tuple[int, int]]]:
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
