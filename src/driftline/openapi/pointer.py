"""JSON pointers (RFC 6901): taking them apart, putting them together, following them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import lru_cache
from typing import Any, TypeGuard
from urllib.parse import unquote


class _Missing:
    """What `follow` returns for a missing value."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Any = _Missing()


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a JSON value is an object, told to type checkers too."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Return whether a JSON value is an array, told to type checkers too."""
    return isinstance(value, list)


def split(pointer: str) -> list[str]:
    """Return the tokens of a pointer: `/a~1b/0` is `["a/b", "0"]`, the empty pointer is `[]`."""
    return [*_split_tokens(pointer)]


def join(*tokens: str | int) -> str:
    """Return the pointer made of these tokens; the inverse of `split`."""
    if len(tokens) == 1:  # the usual case, in the innermost loops
        return _escape(tokens[0])
    return "".join(map(_escape, tokens))


def _escape(token: str | int) -> str:
    text = str(token)
    if "~" in text or "/" in text:
        text = text.replace("~", "~0").replace("/", "~1")
    return "/" + text


def find_nearest(pointer: str, known: Container[str]) -> str:
    """Return the pointer, or that of what is nearest above it, that is `known`; "" if none is."""
    tokens = split(pointer)
    while tokens and join(*tokens) not in known:
        tokens.pop()
    return join(*tokens)


def parse_reference(reference: str) -> str:
    """Return the pointer in a `$ref` within the same file; a fragment may hold percent-escapes."""
    return unquote(reference.removeprefix("#"))


def follow(document: Any, pointer: str) -> Any:
    """Return the node that `pointer` names in `document`, or MISSING."""
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
    """Yield every node with its pointer, in the order of the document."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        pointer, node = waiting.pop()
        yield pointer, node
        if is_object(node):
            waiting += ((pointer + _escape(key), node[key]) for key in reversed(node))
        elif is_array(node):
            waiting += ((f"{pointer}/{n}", node[n]) for n in reversed(range(len(node))))


def walk_objects(document: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in the order of the document; it may be changed before the next one."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if is_object(node):
            yield node
            waiting += reversed(node.values())
        elif is_array(node):
            waiting += reversed(node)


def iterate_references(document: Any) -> Iterator[str]:
    """Yield each `$ref`, wherever it stands."""
    for node in walk_objects(document):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference


def is_example_reference(value: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether the value of an example is nothing but a `$ref`."""
    return is_object(value) and value.keys() == {"$ref"} and isinstance(value["$ref"], str)


def change(document: Any, pointer: str, edit: Callable[[Any], Any]) -> Any:
    """Return a copy of `document` with the value at `pointer` edited.

    Only what leads to the value is copied. If it is absent, the document itself is returned.
    """
    if follow(document, pointer) is MISSING:
        return document
    return _edit(document, _split_tokens(pointer), edit)


def put(document: Any, pointer: str, value: Any) -> Any:
    """Return a copy of `document` with `value` at `pointer`, in objects made on the way.

    In an array the index has to exist, or be `-` for one more item (RFC 6902).

    Raises:
        KeyError: an array has no such index.
    """
    return _edit(document, _split_tokens(pointer), lambda _: value)


def remove(document: Any, pointer: str) -> Any:
    """Return a copy of `document` without the value at `pointer`, which may be missing."""
    if not pointer:
        return MISSING
    *above, last = _split_tokens(pointer)

    def without(parent: Any) -> Any:
        if is_object(parent):
            return {key: value for key, value in parent.items() if key != last}
        return [value for index, value in enumerate(parent) if str(index) != last]

    if follow(document, pointer) is MISSING:
        return document
    return change(document, join(*above), without)


def _edit(node: Any, tokens: tuple[str, ...], edit: Callable[[Any], Any]) -> Any:
    if not tokens:
        return edit(node)
    step, rest = tokens[0], tokens[1:]
    if is_array(node):
        if step == "-":
            return [*node, _edit(MISSING, rest, edit)]
        if not _is_index(step) or int(step) >= len(node):
            raise KeyError(step)
        index = int(step)
        return [*node[:index], _edit(node[index], rest, edit), *node[index + 1 :]]
    known: dict[str, Any] = node if is_object(node) else {}
    return {**known, step: _edit(known.get(step, MISSING), rest, edit)}


@lru_cache(maxsize=4096)  # the same few are followed in row after row
def _split_tokens(pointer: str) -> tuple[str, ...]:
    if not pointer:
        return ()
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def _is_index(token: str) -> bool:
    return len(token) < 10 and token.isascii() and token.isdigit()
