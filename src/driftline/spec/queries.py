"""JSONPath (RFC 9535): which nodes of a document a query selects.

A query that only names keys and indexes, as most do, is followed step by step; every other is
left to the library.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from driftline.spec import pointer as json_pointer
from driftline.spec.pointer import MISSING, is_array, is_object, join, split

__all__ = ["Keys", "QueryError", "follow", "query", "select"]

Keys = tuple[str | int, ...]
_STEP: Final = re.compile(
    r"""\.([A-Za-z_][A-Za-z0-9_]*) | \['([^'"\\\x00-\x1f]*)'\] | \[(0|[1-9][0-9]{0,8})\]""",
    re.VERBOSE,
)


class QueryError(ValueError):
    """The query is no JSONPath, or asks too much."""


def select(document: Any, text: str) -> list[Keys]:
    """The keys that lead to each node that the query `text` selects, each node once.

    Raises:
        QueryError: it is no JSONPath.
    """
    plain = _plain(text)
    if plain is not None:
        return [plain] if _reaches(document, plain) else []
    import jsonpath_rfc9535  # noqa: PLC0415 - it takes long to import, and is seldom needed

    try:
        found = jsonpath_rfc9535.compile(text).finditer(document)
        return list(dict.fromkeys(node.location for node in found))
    except (jsonpath_rfc9535.JSONPathError, RecursionError) as error:
        first = str(error).splitlines()[0] if str(error) else "it is too deep"
        raise QueryError(first) from None


@lru_cache(maxsize=4096)
def _plain(text: str) -> Keys | None:
    """The keys of a query that names each of them; None if it is another."""
    if not text.startswith("$"):
        return None
    keys: list[str | int] = []
    place = 1
    while place < len(text):
        step = _STEP.match(text, place)
        if step is None:
            return None
        name, quoted, index = step.groups()
        keys.append(int(index) if index is not None else name if name is not None else quoted)
        place = step.end()
    return tuple(keys)


def _reaches(document: Any, keys: Keys) -> bool:
    node = document
    for key in keys:
        if isinstance(key, int):
            node = node[key] if is_array(node) and key < len(node) else MISSING
        else:
            node = node[key] if is_object(node) and key in node else MISSING
        if node is MISSING:
            return False
    return True


def query(document: Any, pointer: str) -> str:
    """The query that selects just the node at a JSON pointer of `document`."""
    parts, node = ["$"], document
    for token in split(pointer):
        parts.append(_step(int(token) if is_array(node) else token))
        node = json_pointer.follow(node, join(token))
    return "".join(parts)


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
        return f".{key}"
    escaped = "".join(map(_escaped, key))
    return f"['{escaped}']"


def _escaped(character: str) -> str:
    if character in "'\\":
        return "\\" + character
    return character if character >= " " else f"\\u{ord(character):04x}"


def follow(document: Any, keys: Sequence[str | int]) -> Any:
    """The node that `keys` lead to; they do lead to one."""
    for key in keys:
        document = document[key]
    return document
