"""The position of each YAML or JSON node in a text: offsets, styles, keys and values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal

import attrs
import yaml

_YAML: Final[Any] = yaml  # some of its types are unknown
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", None) or yaml.SafeLoader
_PAIR: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


class SpanError(ValueError):
    """The text cannot be parsed, or the node to edit is shared by an alias."""


@attrs.define
class SpanNode:
    """A node: `text[start:end]` is its text without anything after it on its last line.

    `quote` is the quote of a scalar: `'`, `"`, `|`, `>`, or "" for none. `is_flow`: a list or
    object in brackets. `special`: a node with an anchor or a tag, or an alias.
    """

    kind: Literal["mapping", "sequence", "scalar"]
    start: int
    end: int
    quote: str = ""
    is_flow: bool = False
    special: bool = False
    entries: list[SpanEntry] = attrs.field(factory=list["SpanEntry"])


@attrs.frozen
class SpanEntry:
    """A member of an object with its key, or an item of a list without one."""

    name: str
    value: SpanNode
    key: SpanNode | None = None

    @property
    def start(self) -> int:
        return self.value.start if self.key is None else self.key.start

    @property
    def end(self) -> int:
        return self.value.end if self.key is None else max(self.key.end, self.value.end)


def read_spans(text: str) -> SpanNode:
    """Return the nodes of the first document of a text.

    Raises:
        SpanError: the text is empty, or neither YAML nor JSON.
    """
    # JSON may write one character as two escapes, which YAML does not allow.
    readable = _PAIR.sub(lambda pair: "\\u0000\\u0000", text)
    try:
        return _SpanReader(readable).read()
    except (yaml.YAMLError, StopIteration) as error:
        raise SpanError(f"cannot be read as YAML: {str(error).partition(chr(10))[0]}") from None


class _SpanReader:
    """Builds the nodes from the parser's events."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.events: Iterator[Any] = iter(_YAML.parse(text, Loader=_LOADER))

    def read(self) -> SpanNode:
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                return self.read_node(event)
        raise SpanError("no document")

    def read_node(self, event: Any) -> SpanNode:
        start = event.start_mark.index
        if isinstance(event, yaml.AliasEvent):
            return SpanNode("scalar", start, event.end_mark.index, special=True)
        special = event.anchor is not None or event.tag is not None
        if isinstance(event, yaml.ScalarEvent):
            return self.read_scalar(event, special=special)
        kind: Any = "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence"
        node = SpanNode(kind, start, start, is_flow=bool(event.flow_style), special=special)
        self.fill(node)
        return node

    def read_scalar(self, event: Any, *, special: bool) -> SpanNode:
        start, end = event.start_mark.index, event.end_mark.index
        quote = event.style or ""
        if quote in {"|", ">"}:  # it ends where the next node begins
            end = start + len(self.text[start:end].rstrip())
        return SpanNode("scalar", start, end, quote=quote, special=special)

    def fill(self, owner: SpanNode) -> None:
        key: tuple[str, SpanNode] | None = None
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                last = owner.entries[-1].end if owner.entries else owner.start
                owner.end = event.end_mark.index if owner.is_flow else last
                return
            node = self.read_node(event)
            if owner.kind == "sequence":
                owner.entries.append(SpanEntry(str(len(owner.entries)), node))
            elif key is None:
                key = str(getattr(event, "value", "")), node
            else:
                owner.entries.append(SpanEntry(key[0], node, key[1]))
                key = None


def find_path(root: SpanNode, tokens: list[str]) -> list[tuple[SpanNode, SpanEntry]]:
    """Return the nodes from the root to a node, each with the entry that leads on.

    Raises:
        SpanError: the node does not exist, or a node on the path is an alias or a duplicate.
    """
    path: list[tuple[SpanNode, SpanEntry]] = []
    node = root
    for token in tokens:
        fitting = [entry for entry in node.entries if entry.name == token]
        if len(fitting) != 1:
            raise SpanError("it is an alias, merged in, or a duplicate")
        path.append((node, fitting[0]))
        node = fitting[0].value
    return path
