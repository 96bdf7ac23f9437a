"""A document from `read_document`, as nodes with their pointers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from driftline.errors import Location, Problem, SpecError
from driftline.openapi import MISSING, Source, is_array, is_object, pointer as json_pointer

MAX_REFERENCES = 100
"""The maximum length of a chain of references."""


@attrs.frozen(eq=False)
class Document:
    """The content of a file as OpenAPI 3.1; `name` is the name of the API."""

    name: str
    path: Path
    data: Mapping[str, Any]
    lines: Mapping[str, int]
    files: Mapping[str, Path] = attrs.field(factory=dict[str, Path])
    show: Callable[[Path], Path] | None = None
    unnamed: frozenset[str] = frozenset()
    """The operations whose operationId was derived when the document was read."""

    @classmethod
    def build(
        cls, source: Source, name: str = "", *, show: Callable[[Path], Path] | None = None
    ) -> Document:
        """Return the document in `source`, which `read_document` made.

        `show` maps its files to the paths that locations name.
        """
        missing = (problem for problem in source.problems if problem.id == "operation.id-missing")
        unnamed = frozenset(problem.location.pointer for problem in missing)
        name = name or source.path.stem
        return cls(name, source.path, source.data, source.lines, source.files, show, unnamed)

    @property
    def root(self) -> Node:
        """The whole document."""
        return Node(self, "", self.data)

    def get_node(self, pointer: str) -> Node:
        """Return the node at `pointer`; its value is MISSING if absent."""
        return Node(self, pointer, json_pointer.follow(self.data, pointer))

    def locate(self, pointer: str) -> Location:
        """Return the file and line of `pointer`, or of its nearest existing ancestor."""
        nearest = json_pointer.find_nearest(pointer, self.lines)
        path = self.files.get(nearest, self.path)
        return Location(self.show(path) if self.show else path, self.lines.get(nearest, 1), nearest)

    def build_error(self, pointer: str, message: str, hint: str) -> SpecError:
        """Return what to raise when the clause at `pointer` cannot be used."""
        return SpecError((Problem("openapi.invalid", self.locate(pointer), message, hint),))

    def find_assumption(self, pointer: str) -> str:
        """Return why the clause at `pointer` is assumed (`x-assumed`); "" if it is not."""
        node: Any = self.data
        for token in [*json_pointer.split(pointer), None]:
            mark: Any = node.get("x-assumed") if is_object(node) else None
            if isinstance(mark, str):
                return mark
            if is_object(mark) and token in mark:
                return str(mark[token])
            if token is None:
                return ""
            node = json_pointer.follow(node, json_pointer.join(token))
        return ""


@attrs.define(eq=False)
class Node:
    """A value in a document and its JSON pointer; MISSING where there is nothing.

    It is not frozen: a diff of large documents makes 100,000 of them, and a frozen one takes three
    times as long to make. Nothing changes one.
    """

    document: Document
    pointer: str
    value: Any

    def __bool__(self) -> bool:
        return self.value is not MISSING

    @property
    def location(self) -> Location:
        """Its file and line."""
        return self.document.locate(self.pointer)

    def get(self, key: str) -> Node:
        """Return the member `key` of this object, as it is written."""
        value = self.value.get(key, MISSING) if is_object(self.value) else MISSING
        step = f"/{key}" if key.isalnum() else json_pointer.join(key)
        return Node(self.document, self.pointer + step, value)

    def as_value(self, value: Any) -> Node:
        """Return a node in the same place that has another value."""
        return Node(self.document, self.pointer, value)

    def get_string(self, key: str, default: str = "") -> str:
        """Return the member `key`, if it is a text."""
        value = self.value.get(key) if is_object(self.value) else None
        return value if isinstance(value, str) else default

    def has_flag(self, key: str) -> bool:
        """Return whether the member `key` is true."""
        return is_object(self.value) and self.value.get(key) is True

    def list_members(self) -> Iterator[tuple[str, Node]]:
        """Yield the members of this object, none if it is missing."""
        for key in self.value if is_object(self.value) else ():
            yield key, self.get(key)

    def list_items(self) -> list[Node]:
        """Return the items of this array, none if it is missing."""
        pairs = enumerate(self.value if is_array(self.value) else ())
        return [Node(self.document, f"{self.pointer}/{index}", item) for index, item in pairs]

    def resolve(self) -> Node:
        """Return the node after following references."""
        node = self
        for _ in range(MAX_REFERENCES):
            reference = node.value.get("$ref") if is_object(node.value) else None
            if not isinstance(reference, str):
                break
            node = node.resolve_reference(reference)
        return node

    def resolve_reference(self, reference: str) -> Node:
        """Return the target of a `$ref` of this node."""
        return self.document.get_node(json_pointer.parse_reference(reference))
