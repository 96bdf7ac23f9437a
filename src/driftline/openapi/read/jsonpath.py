"""JSONPath (RFC 9535): the nodes of a document that a query selects.

Two simple kinds of query are evaluated here, ten times as fast: those with only keys and indexes,
and those that search everywhere for objects with certain members, such as
`$.components..[?@.nullable == true && !@.type]`. All others are left to the library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from driftline.openapi import pointer as json_pointer
from driftline.openapi.pointer import MISSING, is_array, is_object, join, split

Keys = tuple[str | int, ...]
_STEP: Final = re.compile(
    r"""\.([A-Za-z_][A-Za-z0-9_]*) | \['([^'"\\\x00-\x1f]*)'\] | \[(0|[1-9][0-9]{0,8})\]""",
    re.VERBOSE,
)

_EVERYWHERE: Final = re.compile(
    r"""(\$(?:\.[A-Za-z_][A-Za-z0-9_]*)*) \.\. \[\?(.+?)\] (?:\.([A-Za-z_][A-Za-z0-9_]*))?""",
    re.VERBOSE,
)
_CONDITION: Final = re.compile(
    r"@\.([A-Za-z_][A-Za-z0-9_]*) == (?:(true|false)|'([^'\"\\\x00-\x1f]*)')"
    r"|(!?)@\.([A-Za-z_][A-Za-z0-9_]*)"
)
Conditions = tuple[tuple[str, bool | str | None], ...]
"""Members that an object has to have, with their values: None for any. Of one that it must not
have, the name begins with an exclamation mark."""


class QueryError(ValueError):
    """The query is not valid JSONPath, or too expensive."""


def select(document: Any, query: str) -> list[Keys]:
    """Return the keys that lead to each node selected by `query`, each node once.

    Raises:
        QueryError: the query is not valid JSONPath.
    """
    plain = _parse_plain(query)
    if plain is not None:
        return [plain] if _can_reach(document, plain) else []
    everywhere = _parse_everywhere(query)
    if everywhere is not None:
        return list(_find_matches(document, *everywhere))
    import jsonpath_rfc9535  # noqa: PLC0415 - it takes long to import, and is seldom needed

    try:
        nodes = jsonpath_rfc9535.compile(query).finditer(document)
        return list(dict.fromkeys(node.location for node in nodes))
    except (jsonpath_rfc9535.JSONPathError, RecursionError) as error:
        first = str(error).splitlines()[0] if str(error) else "it is too deep"
        raise QueryError(first) from None


@lru_cache(maxsize=4096)
def _parse_plain(query: str) -> Keys | None:
    """Return the keys of a query with only keys and indexes; None for any other."""
    if not query.startswith("$"):
        return None
    keys: list[str | int] = []
    offset = 1
    while offset < len(query):
        step = _STEP.match(query, offset)
        if step is None:
            return None
        name, quoted, index = step.groups()
        keys.append(int(index) if index is not None else name if name is not None else quoted)
        offset = step.end()
    return tuple(keys)


def _can_reach(document: Any, keys: Keys) -> bool:
    node = document
    for key in keys:
        if isinstance(key, int):
            node = node[key] if is_array(node) and key < len(node) else MISSING
        else:
            node = node[key] if is_object(node) and key in node else MISSING
        if node is MISSING:
            return False
    return True


@lru_cache(maxsize=4096)
def _parse_everywhere(query: str) -> tuple[Keys, Conditions, str | None] | None:
    """Return the start, the conditions and the selected member of a search query.

    None for any other query.
    """
    match = _EVERYWHERE.fullmatch(query)
    start = _parse_plain(match[1]) if match else None
    if match is None or start is None:
        return None
    conditions: list[tuple[str, bool | str | None]] = []
    for term in match[2].split(" && "):
        condition = _CONDITION.fullmatch(term)
        if condition is None:
            return None
        name, flag, quoted, sign, any_name = condition.groups()
        value = flag == "true" if flag else quoted
        conditions.append((sign + any_name, None) if any_name else (name, value))
    return start, tuple(conditions), match[3]


def _find_matches(
    document: Any, start: Keys, conditions: Conditions, member: str | None
) -> Iterator[Keys]:
    if not _can_reach(document, start):
        return
    pending: list[tuple[Keys, Any]] = [(start, follow(document, start))]
    while pending:
        keys, node = pending.pop()
        entries = node.items() if is_object(node) else enumerate(node) if is_array(node) else ()
        for key, child in entries:
            child_keys = (*keys, key)
            if all(_meets(child, *condition) for condition in conditions):
                if member is None:
                    yield child_keys
                elif is_object(child) and member in child:
                    yield (*child_keys, member)
            if is_object(child) or is_array(child):
                pending.append((child_keys, child))


def _meets(node: Any, name: str, expected: bool | str | None) -> bool:
    has = is_object(node) and name.removeprefix("!") in node
    if name.startswith("!") or not has or expected is None:
        return has != name.startswith("!")
    # 1 is not true.
    return bool(type(node[name]) is type(expected) and node[name] == expected)


def build_query(document: Any, pointer: str) -> str:
    """Return the query that selects only the node at a JSON pointer of `document`."""
    parts, node = ["$"], document
    for token in split(pointer):
        parts.append(_format_step(int(token) if is_array(node) else token))
        node = json_pointer.follow(node, join(token))
    return "".join(parts)


def _format_step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
        return f".{key}"
    escaped = "".join(map(_escape, key))
    return f"['{escaped}']"


def _escape(character: str) -> str:
    if character in "'\\":
        return "\\" + character
    return character if character >= " " else f"\\u{ord(character):04x}"


def follow(document: Any, keys: Sequence[str | int]) -> Any:
    """Return the node at `keys`, which must exist."""
    for key in keys:
        document = document[key]
    return document
