"""Reads the items of one list in a JSON or YAML document, one after the other.

Nothing else is kept in memory. In YAML, an alias is the same object as its anchor, not a copy, so
that a small file cannot become a huge value.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import yaml

from driftline.errors import RecordingError
from driftline.observe.readers.entry import is_list
from driftline.observe.readers.source import RecordingSource

# They come without types, or with half of them.
_ijson: Any = import_module("ijson")
_parse: Any = vars(yaml)["parse"]
MAX_DEPTH = 200
_NONE: Final = object()
Path = tuple[str, ...]


def iterate_json_items(source: RecordingSource, path: Path) -> Iterator[Any]:
    """Yield each item of the list at `path`, names from the top.

    Raises:
        RecordingError: it is not JSON, or is truncated.
    """
    builder, number = _ItemBuilder(path), 0
    try:
        for kind, value in _ijson.basic_parse(source):
            for item in builder.feed_json(kind, value):
                number += 1
                yield item
    except (_ijson.JSONError, UnicodeDecodeError, ArithmeticError, ValueError) as error:
        reason = " ".join(str(error).split())
        cut = not reason or re.search("premature|ncomplete", reason)
        why = "end of file" if cut else "invalid JSON"
        raise _build_error(source, number, str(error) if error.args == (_DEEP,) else why) from None


def iterate_yaml_items(source: RecordingSource, path: Path) -> Iterator[Any]:
    """Yield each item of the list at `path`, names from the top.

    Raises:
        RecordingError: it is not YAML, or is truncated.
    """
    builder, number = _ItemBuilder(path), 0
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in _parse(source, Loader=loader):
            for item in builder.feed_yaml(event):
                number += 1
                yield item
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"invalid YAML at line {mark.line + 1}" if mark else "invalid YAML"
        why = line if isinstance(error, yaml.YAMLError | UnicodeDecodeError) else str(error)
        raise _build_error(source, number, why) from None


def _build_error(source: RecordingSource, number: int, why: str) -> RecordingError:
    hint = "Record it again, or correct the file; the entries before were checked."
    return RecordingError(source.name, f"cannot be read after entry {number}: {why}", hint)


_DEEP: Final = f"nested more than {MAX_DEPTH} levels deep"


class _Frame:
    """A list or mapping that is being read; `is_kept` if it is part of a wanted item."""

    __slots__ = ("is_kept", "is_wanted", "key", "value")

    def __init__(self, value: Any, *, is_wanted: bool, is_kept: bool) -> None:
        self.value = value
        self.key: Any = _NONE
        self.is_wanted = is_wanted
        self.is_kept = is_kept


class _ItemBuilder:
    """Builds values from events; yields the items of the list at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._frames: list[_Frame] = []
        self._anchors: dict[str, Any] = {}

    def feed_json(self, kind: str, value: Any) -> Iterator[Any]:
        """Yield the item that this event of ijson completes, if any."""
        if kind == "map_key":
            self._frames[-1].key = value
        elif kind in {"start_map", "start_array"}:
            empty: Any = {} if kind == "start_map" else []
            self._open(empty)
        elif kind in {"end_map", "end_array"}:
            yield from self._add(self._frames.pop().value)
        else:
            yield from self._add(value)

    def feed_yaml(self, event: Any) -> Iterator[Any]:
        """Yield the item that this event of PyYAML completes, if any."""
        if isinstance(event, yaml.ScalarEvent):
            value = _read_scalar(event)
            self._name(event, value)
            yield from self._add_node(value)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise ValueError("an alias has no anchor")
            yield from self._add_node(self._anchors[event.anchor])
        elif isinstance(event, yaml.CollectionStartEvent):
            empty: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
            self._name(event, empty)
            self._open(empty)
        elif isinstance(event, yaml.CollectionEndEvent):
            yield from self._add_node(self._frames.pop().value)

    def _open(self, value: Any) -> None:
        if len(self._frames) >= MAX_DEPTH:
            raise ValueError(_DEEP)
        outer = self._frames[-1] if self._frames else None
        is_kept = outer is not None and (outer.is_kept or outer.is_wanted)
        names = tuple(frame.key for frame in self._frames) if not is_kept else ()
        is_wanted = isinstance(value, list) and names == self._path
        self._frames.append(_Frame(value, is_wanted=is_wanted, is_kept=is_kept))

    def _name(self, event: Any, value: Any) -> None:
        if event.anchor:
            self._anchors[event.anchor] = value

    def _add_node(self, value: Any) -> Iterator[Any]:
        """Add a node to its mapping or list; in YAML, a key is a node, too."""
        frame = self._frames[-1] if self._frames else None
        if frame is None or isinstance(frame.value, list) or frame.key is not _NONE:
            yield from self._add(value)
        else:
            frame.key = value if isinstance(value, str) else ""

    def _add(self, value: Any) -> Iterator[Any]:
        frame = self._frames[-1] if self._frames else None
        if frame is None:
            return
        if frame.is_wanted:
            yield value
        elif is_list(frame.value):
            if frame.is_kept:
                frame.value.append(value)
        else:
            if frame.is_kept:
                frame.value[frame.key] = value
            frame.key = _NONE


def _read_scalar(event: Any) -> Any:
    """Read a scalar of a cassette: string, bytes, number or null."""
    string: str = event.value
    if event.tag and event.tag.rpartition(":")[2].lstrip("!") == "binary":
        try:
            return base64.b64decode(string)
        except (binascii.Error, ValueError):
            return None
    if event.style or event.tag:
        return string
    if re.fullmatch(r"[0-9]{1,9}", string):
        return int(string)
    return None if string in {"", "~", "null"} else string
