"""JSON pointers (RFC 6901): split, join and follow them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import lru_cache
from typing import Any, TypeGuard
from urllib.parse import unquote


class _Missing:
    """The type of MISSING, which `follow` returns for a missing value."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Any = _Missing()


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a JSON value is an object, as a type guard."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Return whether a JSON value is an array, as a type guard."""
    return isinstance(value, list)


def split(pointer: str) -> list[str]:
    """Return the tokens of a pointer: `/a~1b/0` gives `["a/b", "0"]`, the empty pointer `[]`."""
    return [*_split_tokens(pointer)]


def join(*tokens: str | int) -> str:
    """Return the pointer of these tokens; the inverse of `split`."""
    if len(tokens) == 1:  # the usual case, in the innermost loops
        return _escape(tokens[0])
    return "".join(map(_escape, tokens))


def _escape(token: str | int) -> str:
    string = str(token)
    if "~" in string or "/" in string:
        string = string.replace("~", "~0").replace("/", "~1")
    return "/" + string


def find_nearest(pointer: str, pointers: Container[str]) -> str:
    """Return the pointer or its nearest ancestor that is in `pointers`; "" if none is."""
    while pointer and pointer not in pointers:
        pointer = pointer.rpartition("/")[0]
    return pointer


def parse_reference(reference: str) -> str:
    """Return the pointer of a `$ref` within the same file; percent-escapes are decoded."""
    return unquote(reference.removeprefix("#"))


def follow(document: Any, pointer: str) -> Any:
    """Return the node at `pointer` in `document`, or MISSING."""
    if pointer and not pointer.startswith("/"):
        return MISSING
    node = document
    for token in _split_tokens(pointer):
        if is_object(node) and token in node:
            node = node[token]
        elif is_array(node) and _is_index(token) and int(token) < len(node):
            node = node[int(token)]
        else:
            return MISSING
    return node


def walk(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield every node with its pointer, in document order."""
    pending: list[tuple[str, Any]] = [("", document)]
    while pending:
        pointer, node = pending.pop()
        yield pointer, node
        if is_object(node):
            pending += ((pointer + _escape(key), node[key]) for key in reversed(node))
        elif is_array(node):
            pending += ((f"{pointer}/{n}", node[n]) for n in reversed(range(len(node))))


def walk_objects(document: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in document order; it may be changed before the next one is requested."""
    pending = [document]
    while pending:
        node = pending.pop()
        if is_object(node):
            yield node
            pending += [
                child for child in reversed(node.values()) if isinstance(child, _CONTAINERS)
            ]
        elif is_array(node):
            pending += [child for child in reversed(node) if isinstance(child, _CONTAINERS)]


_CONTAINERS = (dict, list)


def iterate_references(document: Any) -> Iterator[str]:
    """Yield each `$ref` of a node, at any depth."""
    for node in walk_objects(document):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference


def is_example_reference(value: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether the value of an example is nothing but a `$ref`."""
    return is_object(value) and value.keys() == {"$ref"} and isinstance(value["$ref"], str)


def change(document: Any, pointer: str, edit: Callable[[Any], Any]) -> Any:
    """Return a copy of `document` with the value at `pointer` edited.

    Only the containers on the path are copied. If the value is missing, `document` itself is
    returned.
    """
    if follow(document, pointer) is MISSING:
        return document
    return _edit_at(document, _split_tokens(pointer), edit)


def put(document: Any, pointer: str, value: Any) -> Any:
    """Return a copy of `document` with `value` at `pointer`, creating objects on the path.

    An index of an array has to exist, or be `-` to append (RFC 6902).

    Raises:
        KeyError: the index does not exist.
    """
    return _edit_at(document, _split_tokens(pointer), lambda _: value)


def remove(document: Any, pointer: str) -> Any:
    """Return a copy of `document` without the value at `pointer`, if it exists."""
    if not pointer:
        return MISSING
    *parent_tokens, last = _split_tokens(pointer)

    def drop_last(parent: Any) -> Any:
        if is_object(parent):
            return {key: value for key, value in parent.items() if key != last}
        return [value for index, value in enumerate(parent) if str(index) != last]

    if follow(document, pointer) is MISSING:
        return document
    return change(document, join(*parent_tokens), drop_last)


def _edit_at(node: Any, tokens: tuple[str, ...], edit: Callable[[Any], Any]) -> Any:
    if not tokens:
        return edit(node)
    step, rest = tokens[0], tokens[1:]
    if is_array(node):
        if step == "-":
            return [*node, _edit_at(MISSING, rest, edit)]
        if not _is_index(step) or int(step) >= len(node):
            raise KeyError(step)
        index = int(step)
        return [*node[:index], _edit_at(node[index], rest, edit), *node[index + 1 :]]
    members: dict[str, Any] = node if is_object(node) else {}
    return {**members, step: _edit_at(members.get(step, MISSING), rest, edit)}


@lru_cache(maxsize=32_768)  # the same few pointers are followed in every row
def _split_tokens(pointer: str) -> tuple[str, ...]:
    if not pointer:
        return ()
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def _is_index(token: str) -> bool:
    return len(token) < 10 and token.isascii() and token.isdigit()
