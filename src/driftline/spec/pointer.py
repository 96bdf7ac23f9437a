"""JSON pointers (RFC 6901): taking them apart, putting them together, following them."""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache
from typing import Any, TypeGuard
from urllib.parse import unquote

__all__ = [
    "MISSING",
    "follow",
    "is_array",
    "is_object",
    "join",
    "nearest",
    "of_reference",
    "split",
]


class _Missing:
    """What `follow` answers where there is nothing."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Any = _Missing()


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object, told to type checkers too."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is an array, told to type checkers too."""
    return isinstance(value, list)


def split(pointer: str) -> list[str]:
    """The tokens of a pointer: `/a~1b/0` is `["a/b", "0"]`, the empty pointer is `[]`."""
    return [*_tokens(pointer)]


def join(*tokens: str | int) -> str:
    """The pointer made of these tokens; the inverse of `split`."""
    if len(tokens) == 1:  # the usual case, in the innermost loops
        return _escape(tokens[0])
    return "".join(map(_escape, tokens))


def _escape(token: str | int) -> str:
    text = str(token)
    if "~" in text or "/" in text:
        text = text.replace("~", "~0").replace("/", "~1")
    return "/" + text


def nearest(pointer: str, known: Container[str]) -> str:
    """The pointer, or that of what is nearest above it, that is `known`; "" if none is."""
    tokens = split(pointer)
    while tokens and join(*tokens) not in known:
        tokens.pop()
    return join(*tokens)


def of_reference(reference: str) -> str:
    """The pointer in a `$ref` within the same file; a fragment may hold percent-escapes."""
    return unquote(reference.removeprefix("#"))


def follow(document: Any, pointer: str) -> Any:
    """The node that `pointer` names in `document`, or MISSING."""
    if pointer and not pointer.startswith("/"):
        return MISSING
    node = document
    for token in _tokens(pointer):
        if is_object(node) and token in node:
            node = node[token]
        elif is_array(node) and _is_index(token) and int(token) < len(node):
            node = node[int(token)]
        else:
            return MISSING
    return node


@lru_cache(maxsize=4096)  # the same few are followed in row after row
def _tokens(pointer: str) -> tuple[str, ...]:
    if not pointer:
        return ()
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def _is_index(token: str) -> bool:
    return len(token) < 10 and token.isascii() and token.isdigit()
