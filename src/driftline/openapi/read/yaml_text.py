"""Reads YAML 1.2 from libyaml's events, with the line of every node.

Events cost an order of magnitude less than the nodes that PyYAML composes of them, and nesting
needs no stack. Lines are kept in a tree beside the data, at almost no cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
import yaml

from driftline.openapi import pointer as json_pointer
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.read.scalars import is_too_large, read_plain, resolve_scalar

_YAML: Final[Any] = yaml  # some of its types are unknown
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", None) or yaml.SafeLoader
_CONTROL: Final = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_KINDS: Final = frozenset({"null", "bool", "int", "float"})
_ALIASED: Final = 0.1
"""The share of all nodes that aliases may add: a small file may not become a large one."""

Tree = list[Any]
"""A node's line, and the trees of what is below it: by key, by index, or None."""


class YamlError(Exception):
    """The text is not YAML, or too large: problem id, line and message."""

    def __init__(self, name: str, line: int, message: str) -> None:
        super().__init__(message)
        self.name, self.line, self.message = name, line, message


@attrs.frozen
class Slip:
    """A tolerated mistake: problem id, line, message and hint."""

    id: str
    line: int
    message: str
    hint: str


@attrs.frozen
class YamlText:
    """The data of a text, the tree of its lines, and its slips."""

    data: Any
    lines: LineTree
    slips: tuple[Slip, ...]


def read_yaml(text: str, *, max_nodes: int, max_depth: int) -> YamlText:
    """Return the first document of a text, with limited node count and depth.

    Raises:
        YamlError: the text is not YAML, or too large.
    """
    clean = _CONTROL.sub(" ", text)
    builder = _TreeBuilder(max_nodes, max_depth)
    if clean != text:
        line = text[: next(_CONTROL.finditer(text)).start()].count("\n") + 1
        message = "control characters were read as spaces"
        builder.note_slip("file.control-character", line, message, "Remove them.")
    try:
        for event in _YAML.parse(clean, Loader=_LOADER):
            if not builder.take(event):
                break
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # The end of a text without a line break counts as a line of its own there.
        line = min(mark.line + 1, text.count("\n") + 1) if mark else 1
        message = str(error.problem or error.context)
        raise YamlError("file.syntax", line, f"not YAML: {message}") from None
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        first = str(error).partition("\n")[0] or type(error).__name__
        raise YamlError("file.syntax", 1, f"not YAML: {first}") from None
    return YamlText(builder.root, LineTree(builder.tree), tuple(builder.slips))


class _TreeBuilder:
    """Builds data from events. `take` returns False once the first document is complete."""

    def __init__(self, max_nodes: int, max_depth: int) -> None:
        self.max_nodes, self.max_depth = max_nodes, max_depth
        self.root: Any = None
        self.tree: Tree = [1, None]
        self.slips: list[Slip] = []
        self.anchors: dict[str, tuple[Any, Tree]] = {}
        self.documents = 0
        # The open containers: the data of each, the lines of its members, and the pending key.
        self.open_nodes: list[tuple[Any, Any]] = []
        self.keys: list[str | None] = []
        self.count = self.copied_count = 0
        self.handlers: dict[type, Any] = {
            yaml.ScalarEvent: self.take_scalar,
            yaml.MappingStartEvent: self.begin_mapping,
            yaml.SequenceStartEvent: self.begin_sequence,
            yaml.MappingEndEvent: self.end,
            yaml.SequenceEndEvent: self.end,
            yaml.AliasEvent: self.take_alias,
            yaml.DocumentStartEvent: self.document,
        }

    def take(self, event: Any) -> bool:
        handler = self.handlers.get(event.__class__)
        if handler is not None:
            handler(event)
        return self.documents < 2

    def note_slip(self, name: str, line: int, message: str, hint: str) -> None:
        self.slips.append(Slip(name, line, message, hint))

    def document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            line = event.start_mark.line + 1
            message = "only the first document of the file is read"
            self.note_slip("file.second-document", line, message, "Split the file.")

    def take_scalar(self, event: Any) -> None:
        scalar: str = event.value
        keys = self.keys
        if keys and keys[-1] is None and is_object(self.open_nodes[-1][0]):
            self.take_key(scalar, event.start_mark.line + 1)
            if event.anchor is not None:
                self.anchors[event.anchor] = (scalar, [event.start_mark.line + 1, None])
            return
        value: Any = scalar
        if event.tag is not None:
            kind = event.tag.rpartition(":")[2]
            value = resolve_scalar(kind, scalar) if kind in _KINDS else scalar
        elif event.implicit[0]:
            value = read_plain(scalar)
            if is_too_large(scalar, value):
                line = event.start_mark.line + 1
                message = "the number is too large, and is read as a string"
                hint = "Use a smaller number, or put it in quotes."
                self.note_slip("file.number-too-large", line, message, hint)
        self.put(value, [event.start_mark.line + 1, None], event.anchor)

    def take_key(self, key: str, line: int) -> None:
        owner, trees = self.open_nodes[-1]
        if key in owner:
            hint = (
                f"Remove it here or in line {trees[key][0]}: this value is used, or both if they "
                "are objects."
            )
            self.note_slip("file.key-duplicate", line, f"duplicate key {key!r}", hint)
        else:
            trees[key] = [line, None]
        self.keys[-1] = key

    def begin_mapping(self, event: Any) -> None:
        owner = self.open_nodes[-1] if self.open_nodes else None
        before: Any = None
        if owner is not None and is_object(owner[0]) and self.keys[-1] is not None:
            before = owner[0].get(self.keys[-1])
        # A duplicate key gets the members of both, so that no operation is lost.
        if is_object(before) and owner is not None:
            members = owner[1][self.keys[-1]]
            members[1] = {} if members[1] is None else members[1]
            self.keys[-1] = None
            self.push(before, members[1])
            return
        data: dict[str, Any] = {}
        trees: dict[str, Tree] = {}
        self.put(data, [event.start_mark.line + 1, trees], event.anchor)
        self.push(data, trees)

    def begin_sequence(self, event: Any) -> None:
        data: list[Any] = []
        trees: list[Tree] = []
        self.put(data, [event.start_mark.line + 1, trees], event.anchor)
        self.push(data, trees)

    def push(self, data: Any, trees: Any) -> None:
        self.open_nodes.append((data, trees))
        self.keys.append(None)
        if len(self.open_nodes) > self.max_depth:
            raise YamlError("file.too-large", 1, f"nested more than {self.max_depth} levels deep")

    def end(self, event: Any) -> None:
        data, trees = self.open_nodes.pop()
        self.keys.pop()
        if is_object(data) and "<<" in data:
            _merge(data, trees)

    def take_alias(self, event: Any) -> None:
        line = event.start_mark.line + 1
        value, tree = self.anchors.get(event.anchor, (None, [line, None]))
        if self.keys and self.keys[-1] is None and is_object(self.open_nodes[-1][0]):
            self.take_key(str(value), line)
            return
        # Each alias is a copy, since reading changes the data in place.
        copied, copied_tree = self.copy(value, tree, 0)
        self.put(copied, [line, copied_tree[1]], None)

    def copy(self, value: Any, tree: Tree, depth: int) -> tuple[Any, Tree]:
        self.count, self.copied_count = self.count + 1, self.copied_count + 1
        is_large = self.count > self.max_nodes or self.copied_count > self.max_nodes * _ALIASED
        if is_large or depth > self.max_depth:
            raise YamlError("file.too-large", tree[0], "grows too large by its aliases")
        line, children = tree
        if is_object(value):
            members: dict[str, Any] = {}
            trees: dict[str, Tree] = {}
            for key, inner in value.items():
                members[key], trees[key] = self.copy(inner, children[key], depth + 1)
            return members, [line, trees]
        if is_array(value):
            items = [self.copy(v, t, depth + 1) for v, t in zip(value, children, strict=True)]
            return [item for item, _ in items], [line, [child for _, child in items]]
        return value, [line, None]

    def put(self, value: Any, tree: Tree, anchor: str | None) -> None:
        self.count += 1
        if self.count > self.max_nodes:
            raise YamlError("file.too-large", tree[0], f"more than {self.max_nodes} nodes")
        if anchor is not None:
            self.anchors[anchor] = (value, tree)
        if not self.open_nodes:
            self.root, self.tree = value, tree
            return
        owner, trees = self.open_nodes[-1]
        if is_array(owner):
            owner.append(value)
            trees.append(tree)
            return
        key = self.keys[-1]
        if key is None:  # a list or mapping as a key
            key = f"?{tree[0]}"
            message = "the key is not a string, and the entry is ignored"
            self.note_slip("file.key-not-string", tree[0], message, "Write a string as the key.")
            trees[key] = tree
        owner[key] = value
        key_tree = trees.get(key)
        if key_tree is None:
            trees[key] = tree
        else:
            key_tree[1] = tree[1]  # the line of the key is more useful
        self.keys[-1] = None


def _merge(data: dict[str, Any], trees: dict[str, Tree]) -> None:
    """Resolve the merge key of YAML 1.1, which many documents use."""
    value = data["<<"]
    sources = value if is_array(value) else [value]
    if not sources or not all(map(is_object, sources)):
        return
    source_trees = trees["<<"][1]
    del data["<<"], trees["<<"]
    for index, source in enumerate(sources):
        members = source_trees[index][1] if is_array(value) else source_trees
        for key, inner in source.items():
            if key not in data:
                data[key], trees[key] = inner, members[key]


class LineTree(Mapping[str, int]):
    """The line of each node, by pointer."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def __getitem__(self, pointer: str) -> int:
        tree = self._tree
        for token in json_pointer.split(pointer):
            children = tree[1]
            if is_object(children):
                tree = children[token]
            elif is_array(children) and token.isdecimal() and int(token) < len(children):
                tree = children[int(token)]
            else:
                raise KeyError(pointer)
        line: int = tree[0]
        return line

    def __iter__(self) -> Iterator[str]:
        pending: list[tuple[str, Any]] = [("", self._tree)]
        while pending:
            pointer, (_, children) = pending.pop()
            yield pointer
            if is_object(children):
                pairs = [
                    (pointer + json_pointer.join(key), child) for key, child in children.items()
                ]
            elif is_array(children):
                pairs = [(f"{pointer}/{index}", child) for index, child in enumerate(children)]
            else:
                continue
            pending += reversed(pairs)

    def __len__(self) -> int:
        return sum(1 for _ in self)
