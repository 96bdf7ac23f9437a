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

    found: SourceOperation
    candidates: Iterator[str]


def identify(plan: OverlayPlan, known: Mapping[str, str] | None = None) -> None:
    """Assign an operationId to each operation without a valid and unique one.

    `known` maps `GET /orders` to an earlier name, which is kept.
    """
    every = sorted(list_operations(plan), key=_rank)
    counts = Counter(_find_id(found) for found in every if _find_id(found))
    chosen = _find_valid_ids(every, counts)
    taken = {_build_key(name) for name in chosen.values()}
    for found in every:
        name = (known or {}).get(str(found))
        if str(found) not in chosen and name and _build_key(name) not in taken:
            chosen[str(found)] = name
            taken.add(_build_key(name))
    for named in _drop_shared_noun(list(_list_candidates(every, chosen))):
        name = next(each for each in named.candidates if _build_key(each) not in taken)
        taken.add(_build_key(name))
        chosen[str(named.found)] = name
    _write(plan, every, counts, chosen)


def _find_id(found: SourceOperation) -> str:
    given = found.node.get("operationId")
    return given if isinstance(given, str) else ""


def _find_valid_ids(every: Sequence[SourceOperation], counts: Mapping[str, int]) -> dict[str, str]:
    """Return the ids of the document that already have the form of names."""
    kept: dict[str, str] = {}
    taken = set[str]()
    for found in every:
        given = _find_id(found)
        if is_name(given) and counts[given] == 1 and _build_key(given) not in taken:
            kept[str(found)] = given
            taken.add(_build_key(given))
    return kept


def is_name(given: str) -> bool:
    """Return whether an operationId has the form `resource.method`."""
    words = given.split(".")
    return (
        len(words) > 1
        and all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", word) for word in words)
        and not any(map(is_class, words[:-1]))
    )


def _build_key(name: str) -> str:
    """Return the key by which names must differ."""
    return to_snake_case(name.replace(".", "_"))


def _rank(found: SourceOperation) -> tuple[int, int, str, int]:
    """Sort operations so that the one with the shortest path gets the shortest name."""
    return found.path.count("/"), len(found.path), found.path, METHODS.index(found.method)


def _list_candidates(
    every: Sequence[SourceOperation], chosen: Mapping[str, str]
) -> Iterator[_NameCandidates]:
    methods: dict[str, list[str]] = {}
    for found in every:
        methods.setdefault(found.path, []).append(found.method)
    parents = {strip_extension(path).rpartition("/")[0] for path in methods if is_item_path(path)}
    tags = map_tags(every)
    in_tag = Counter((_find_id(found), read_tag(found)) for found in every)
    for found in every:
        if str(found) in chosen:
            continue
        has_items = strip_extension(found.path) in parents
        route = Route(found.method, found.path, methods[found.path], has_items)
        given = _find_id(found)
        has_words = bool(given) and not _HASH.fullmatch(given)
        phrase = parse_phrase(given, found.method, found.path) if has_words else Phrase((), ())
        if in_tag[given, read_tag(found)] > 1:
            phrase = Phrase(phrase.resource, ())
        tag = tags.get(read_tag(found), ())
        yield _NameCandidates(found, _list_names(found, route, phrase, tag))


def _drop_shared_noun(named: Sequence[_NameCandidates]) -> Iterator[_NameCandidates]:
    """Yield operations with shorter names first, if all names of a resource end alike.

    `start_talk` and `stop_talk` become `start` and `stop`.
    """
    firsts = [next(each.candidates) for each in named]
    groups: dict[str, list[list[str]]] = {}
    nested: set[str] = set()
    for each, first in zip(named, firsts, strict=True):
        resource, _, method = first.rpartition(".")
        groups.setdefault(resource, []).append(method.split("_"))
        segments = ["_".join(split_words(part)) for part in list_fixed_segments(each.found.path)]
        if resource in segments:
            nested.add(resource)  # the noun belongs to another resource below it
    for each, first in zip(named, firsts, strict=True):
        resource, _, method = first.rpartition(".")
        shared = 0 if resource in nested else _count_shared_words(groups[resource])
        words = method.split("_")
        shorter = [f"{resource}.{'_'.join(words[:-shared])}"] if shared else []
        yield _NameCandidates(each.found, chain(shorter, [first], each.candidates))


def _count_shared_words(methods: Sequence[Sequence[str]]) -> int:
    """Return the number of words that all names end with, if they differ without them."""
    most = min(map(len, methods)) - 1 if len(methods) > 1 else 0
    for count in range(most, 0, -1):
        nouns = {(*words[-count:-1], to_singular(words[-1])) for words in methods}
        shorter = {tuple(words[:-count]) for words in methods}
        is_phrase = all(words[-count - 1] not in PREPOSITIONS for words in methods)
        if len(nouns) == 1 and len(shorter) == len(methods) and is_phrase:
            return count
    return 0


def _list_names(
    found: SourceOperation, route: Route, phrase: Phrase, tag: tuple[str, ...]
) -> Iterator[str]:
    """Yield names by the document's words, then longer ones by the path, then numbered ones."""
    resource, words = _split_resource(found, phrase, tag)
    label = "_".join(resource)
    label += "_api" * (label in _RESERVED)
    first, *others = propose_method_names(route, words, resource)
    below = [word for part in list_fixed_segments(found.path) for word in split_words(part)]
    known = {form for word in (*first, *resource) for form in list_word_forms(word)}
    longer = (*first, *dict.fromkeys(word for word in below if word not in known))
    by_method = (found.method, *others[-1][1:])
    for name in (first, *others[:-1], longer, by_method, others[-1], words):
        if name and name[0][0].isalpha():
            yield f"{label}.{'_'.join(name)}"
    path = "_".join((found.method, *split_words(found.path)))
    yield f"{label}.{path}"
    number = 2
    while True:
        yield f"{label}.{path}_{number}"
        number += 1


def _split_resource(
    found: SourceOperation, phrase: Phrase, tag: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of an operation's resource, and the words left for the method."""
    segments = [split_words(part) for part in list_fixed_segments(found.path)]
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
            other in list_word_forms(word) for word, other in zip(words, segment, strict=True)
        ):
            return segment
    return words


def _write(
    plan: OverlayPlan,
    every: Sequence[SourceOperation],
    counts: Mapping[str, int],
    chosen: Mapping[str, str],
) -> None:
    renamed: dict[str, str] = {}
    for found in every:
        given, name = _find_id(found), chosen[str(found)]
        if given != name:
            renamed.setdefault(given, name)
            plan.set(found.pointer, "operationId", name, _describe_reason(name, given, counts))
    renamed.pop("", None)
    current = set(chosen.values())
    rename_references(plan, {old: new for old, new in renamed.items() if old not in current})


def _describe_reason(name: str, given: str, counts: Mapping[str, int]) -> str:
    if not given:
        return f"The document gives no operationId; clients call it {name}()."
    if counts[given] > 1:
        return f"The operationId {given!r} is used {counts[given]} times; this one is {name}()."
    return f"The document calls it {given!r}; clients call it {name}()."


_DATA = frozenset({"example", "examples", "default", "enum", "const", "value"})
"""Below these stands data, which names no operation."""
_SCHEMAS = frozenset({"schema", "schemas", "definitions"})
"""Below these stand schemas, where a field may be called `links`."""
_RULES = frozenset({"x-effect", "x-reference"})


def rename_references(plan: OverlayPlan, renamed: Mapping[str, str]) -> None:
    """Update operation ids in links, `x-effect` and `x-reference`."""
    if not renamed:
        return
    for pointer, key, old in list(_list_references(plan.data, "")):
        if old in renamed:
            why = f"The operation {old!r} is called {renamed[old]} here."
            plan.set(pointer, key, renamed[old], why)


def _list_references(
    node: Any, pointer: str, *, is_schema: bool = False
) -> Iterator[tuple[str, str, str]]:
    """Yield each reference to an operation: the pointer of the object, its key, and the id."""
    if is_array(node):
        for index, entry in enumerate(node):
            yield from _list_references(entry, f"{pointer}/{index}", is_schema=is_schema)
        return
    for key, value in node.items() if is_object(node) else ():
        below = pointer + join(key)
        if key == "links" and not is_schema:
            yield from _list_links(value, below)
        elif key in _RULES and is_object(value) and isinstance(value.get("of"), str):
            yield below, "of", value["of"]
        elif key not in _DATA and not key.startswith("x-"):
            is_below = is_schema or key in _SCHEMAS
            yield from _list_references(value, below, is_schema=is_below)


def _list_links(links: Any, pointer: str) -> Iterator[tuple[str, str, str]]:
    for name, link in links.items() if is_object(links) else ():
        if is_object(link) and isinstance(link.get("operationId"), str):
            yield pointer + join(name), "operationId", link["operationId"]
