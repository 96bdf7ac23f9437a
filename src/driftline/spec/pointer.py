"""JSON pointers (RFC 6901): taking them apart, putting them together, following them."""

from __future__ import annotations

from typing import Any

__all__ = ["MISSING", "follow", "join", "split"]


class _Missing:
    """What `follow` answers where there is nothing."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Any = _Missing()


def split(pointer: str) -> list[str]:
    """The tokens of a pointer: `/a~1b/0` is `["a/b", "0"]`, the empty pointer is `[]`."""
    if not pointer:
        return []
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


def join(*tokens: str | int) -> str:
    """The pointer made of these tokens; the inverse of `split`."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def follow(document: Any, pointer: str) -> Any:
    """The node that `pointer` names in `document`, or MISSING."""
    node = document
    for token in split(pointer):
        if isinstance(node, dict) and token in node:
            node = node[token]
        elif isinstance(node, list) and token.isdecimal() and int(token) < len(node):
            node = node[int(token)]
        else:
            return MISSING
    return node
