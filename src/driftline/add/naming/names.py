"""Assigns a unique name to every operation: `<resource>.<method>`, as in the client."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

import attrs

from driftline.add.naming.methods import (
    PREPOSITIONS,
    Route,
    list_word_forms,
    pluralize,
    propose_method_names,
    to_singular,
)
from driftline.add.naming.phrases import (
    Phrase,
    is_class,
    is_item_path,
    list_fixed_segments,
    parse_phrase,
    split_words,
    strip_extension,
)
from driftline.add.naming.tags import map_tags, read_tag
from driftline.add.operations import SourceOperation, list_operations
from driftline.add.plan import OverlayPlan
from driftline.openapi import METHODS, is_array, is_object, join, to_snake_case

_RESERVED: Final = frozenset({"aclose", "close", "raw", "request", "stream", "with_options"})
"""Members of every client, which no resource can be called like."""
_HASH: Final = re.compile(r"[0-9a-f]{24,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
"""An operationId that a generator made, such as the MD5 sum of swagger-php: it names nothing."""
_VERBS: Final = frozenset(
    {
        *("add", "cancel", "create", "delete", "describe", "disable", "enable", "get", "list"),
        *("put", "remove", "search", "send", "set", "start", "stop", "update"),
    }
)


@attrs.frozen
class _NameCandidates:
    """An operation and its candidate names, the best first."""

    operation: SourceOperation
    candidates: Iterator[str]


def identify(plan: OverlayPlan, earlier_names: Mapping[str, str] | None = None) -> None:
    """Assign an operationId to each operation without a valid and unique one.

    `earlier_names` maps `GET /orders` to an earlier name, which is kept.
    """
    operations = sorted(list_operations(plan), key=_rank)
    counts = Counter(_find_id(op) for op in operations if _find_id(op))
    names = _find_valid_ids(operations, counts)
    taken_keys = {_build_key(name) for name in names.values()}
    for operation in operations:
        name = (earlier_names or {}).get(str(operation))
        if str(operation) not in names and name and _build_key(name) not in taken_keys:
            names[str(operation)] = name
            taken_keys.add(_build_key(name))
    for entry in _drop_shared_noun(list(_list_candidates(operations, names))):
        name = next(
            candidate for candidate in entry.candidates if _build_key(candidate) not in taken_keys
        )
        taken_keys.add(_build_key(name))
        names[str(entry.operation)] = name
    _write(plan, operations, counts, names)


def _find_id(operation: SourceOperation) -> str:
    operation_id = operation.node.get("operationId")
    return operation_id if isinstance(operation_id, str) else ""


def _find_valid_ids(
    operations: Sequence[SourceOperation], counts: Mapping[str, int]
) -> dict[str, str]:
    """Return the ids of the document that already have the form of names."""
    names: dict[str, str] = {}
    taken_keys = set[str]()
    for operation in operations:
        operation_id = _find_id(operation)
        if (
            is_name(operation_id)
            and counts[operation_id] == 1
            and _build_key(operation_id) not in taken_keys
        ):
            names[str(operation)] = operation_id
            taken_keys.add(_build_key(operation_id))
    return names


def is_name(operation_id: str) -> bool:
    """Return whether an operationId has the form `resource.method`."""
    words = operation_id.split(".")
    return (
        len(words) > 1
        and all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", word) for word in words)
        and not any(map(is_class, words[:-1]))
    )


def _build_key(name: str) -> str:
    """Return the key by which names must differ."""
    return to_snake_case(name.replace(".", "_"))


def _rank(operation: SourceOperation) -> tuple[int, int, str, int]:
    """Sort operations so that the one with the shortest path gets the shortest name."""
    return (
        operation.path.count("/"),
        len(operation.path),
        operation.path,
        METHODS.index(operation.method),
    )


def _list_candidates(
    operations: Sequence[SourceOperation], names: Mapping[str, str]
) -> Iterator[_NameCandidates]:
    methods: dict[str, list[str]] = {}
    for operation in operations:
        methods.setdefault(operation.path, []).append(operation.method)
    parents = {strip_extension(path).rpartition("/")[0] for path in methods if is_item_path(path)}
    tags = map_tags(operations)
    in_tag = Counter((_find_id(op), read_tag(op)) for op in operations)
    for operation in operations:
        if str(operation) in names:
            continue
        has_items = strip_extension(operation.path) in parents
        route = Route(operation.method, operation.path, methods[operation.path], has_items)
        operation_id = _find_id(operation)
        has_words = bool(operation_id) and not _HASH.fullmatch(operation_id)
        phrase = (
            parse_phrase(operation_id, operation.method, operation.path)
            if has_words
            else Phrase((), ())
        )
        if in_tag[operation_id, read_tag(operation)] > 1:
            phrase = Phrase(phrase.resource, ())
        tag = tags.get(read_tag(operation), ())
        yield _NameCandidates(operation, _list_names(operation, route, phrase, tag))


def _drop_shared_noun(entries: Sequence[_NameCandidates]) -> Iterator[_NameCandidates]:
    """Yield operations with shorter names first, if all names of a resource end alike.

    `start_talk` and `stop_talk` become `start` and `stop`.
    """
    firsts = [next(item.candidates) for item in entries]
    groups: dict[str, list[list[str]]] = {}
    nested: set[str] = set()
    for entry, first in zip(entries, firsts, strict=True):
        resource, _, method = first.rpartition(".")
        groups.setdefault(resource, []).append(method.split("_"))
        segments = [
            "_".join(split_words(part)) for part in list_fixed_segments(entry.operation.path)
        ]
        if resource in segments:
            nested.add(resource)  # the noun belongs to another resource below it
    for entry, first in zip(entries, firsts, strict=True):
        resource, _, method = first.rpartition(".")
        shared = 0 if resource in nested else _count_shared_words(groups[resource])
        words = method.split("_")
        shorter = [f"{resource}.{'_'.join(words[:-shared])}"] if shared else []
        yield _NameCandidates(entry.operation, chain(shorter, [first], entry.candidates))


def _count_shared_words(methods: Sequence[Sequence[str]]) -> int:
    """Return the number of words that all names end with, if they differ without them."""
    max_count = min(map(len, methods)) - 1 if len(methods) > 1 else 0
    for count in range(max_count, 0, -1):
        nouns = {(*words[-count:-1], to_singular(words[-1])) for words in methods}
        shorter = {tuple(words[:-count]) for words in methods}
        is_phrase = all(words[-count - 1] not in PREPOSITIONS for words in methods)
        if len(nouns) == 1 and len(shorter) == len(methods) and is_phrase:
            return count
    return 0


def _list_names(
    operation: SourceOperation, route: Route, phrase: Phrase, tag: tuple[str, ...]
) -> Iterator[str]:
    """Yield names by the document's words, then longer ones by the path, then numbered ones."""
    resource, words = _split_resource(operation, phrase, tag)
    label = "_".join(resource)
    label += "_api" * (label in _RESERVED)
    first, *alternatives = propose_method_names(route, words, resource)
    path_words = [
        word for part in list_fixed_segments(operation.path) for word in split_words(part)
    ]
    known_forms = {form for word in (*first, *resource) for form in list_word_forms(word)}
    longer = (*first, *dict.fromkeys(word for word in path_words if word not in known_forms))
    by_method = (operation.method, *alternatives[-1][1:])
    # The id of one row beside that of several: `get_ticket`, where `get_tickets` is `get`.
    own = words if words == (*first, to_singular(resource[-1])) and route.is_item else ()
    for name in (first, *alternatives[:-1], own, longer, by_method, alternatives[-1], words):
        if name and name[0][0].isalpha():
            yield f"{label}.{'_'.join(name)}"
    path = "_".join((operation.method, *split_words(operation.path)))
    yield f"{label}.{path}"
    number = 2
    while True:
        yield f"{label}.{path}_{number}"
        number += 1


def _split_resource(
    operation: SourceOperation, phrase: Phrase, tag: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of an operation's resource, and the words left for the method."""
    segments = [split_words(part) for part in list_fixed_segments(operation.path)]
    for words in (phrase.resource, tag, *map(_find_noun, segments[:1])):
        if words and words[0][0].isalpha():
            return _spell_as_path(words, segments), phrase.words
    if len(phrase.words) > 1 and phrase.words[0] in _VERBS:
        return phrase.words[1:], phrase.words[:1]
    return ("api",), phrase.words


def _find_noun(segment: tuple[str, ...]) -> tuple[str, ...]:
    """Return the noun of a path such as `/create-ticket`: tickets."""
    if len(segment) > 1 and segment[0] in _VERBS:
        return (*segment[1:-1], pluralize(segment[-1]))
    return segment


def _spell_as_path(words: tuple[str, ...], segments: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the spelling of the path: a tag `Ticket` and a path `/tickets` are one resource."""
    for segment in segments:
        if len(segment) == len(words) and all(
            path_word in list_word_forms(word)
            for word, path_word in zip(words, segment, strict=True)
        ):
            return segment
    return words


def _write(
    plan: OverlayPlan,
    operations: Sequence[SourceOperation],
    counts: Mapping[str, int],
    names: Mapping[str, str],
) -> None:
    renames: dict[str, str] = {}
    for operation in operations:
        operation_id, name = _find_id(operation), names[str(operation)]
        if operation_id != name:
            renames.setdefault(operation_id, name)
            plan.set(
                operation.pointer, "operationId", name, _describe_reason(name, operation_id, counts)
            )
    renames.pop("", None)
    current = set(names.values())
    rename_references(plan, {old: new for old, new in renames.items() if old not in current})


def _describe_reason(name: str, old_id: str, counts: Mapping[str, int]) -> str:
    if not old_id:
        return f"The document gives no operationId; clients call it {name}()."
    if counts[old_id] > 1:
        return f"The operationId {old_id!r} is used {counts[old_id]} times; this one is {name}()."
    return f"The document calls it {old_id!r}; clients call it {name}()."


_DATA = frozenset({"example", "examples", "default", "enum", "const", "value"})
"""Below these stands data, which names no operation."""
_SCHEMAS = frozenset({"schema", "schemas", "definitions"})
"""Below these stand schemas, where a field may be called `links`."""
_RULES = frozenset({"x-effect", "x-reference"})


def rename_references(plan: OverlayPlan, renames: Mapping[str, str]) -> None:
    """Update operation ids in links, `x-effect` and `x-reference`."""
    if not renames:
        return
    for pointer, key, old in list(_list_references(plan.data, "")):
        if old in renames:
            why = f"The operation {old!r} is called {renames[old]} here."
            plan.set(pointer, key, renames[old], why)


def _list_references(
    node: Any, pointer: str, *, is_schema: bool = False
) -> Iterator[tuple[str, str, str]]:
    """Yield each reference to an operation: the pointer of the object, its key, and the id."""
    if is_array(node):
        for index, entry in enumerate(node):
            yield from _list_references(entry, f"{pointer}/{index}", is_schema=is_schema)
        return
    for key, value in node.items() if is_object(node) else ():
        child_pointer = pointer + join(key)
        if key == "links" and not is_schema:
            yield from _list_links(value, child_pointer)
        elif key in _RULES and is_object(value) and isinstance(value.get("of"), str):
            yield child_pointer, "of", value["of"]
        elif key not in _DATA and not key.startswith("x-"):
            is_below = is_schema or key in _SCHEMAS
            yield from _list_references(value, child_pointer, is_schema=is_below)


def _list_links(links: Any, pointer: str) -> Iterator[tuple[str, str, str]]:
    for name, link in links.items() if is_object(links) else ():
        if is_object(link) and isinstance(link.get("operationId"), str):
            yield pointer + join(name), "operationId", link["operationId"]
