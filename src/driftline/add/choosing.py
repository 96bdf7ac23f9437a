"""Proposes filters, ranges and searches of a listing from unambiguous query parameters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from driftline.add.naming.methods import to_singular
from driftline.add.naming.phrases import split_words
from driftline.openapi import (
    Operation,
    Parameter,
    Spec,
    find_schema_at,
    is_array,
    join,
    list_branches,
    list_choices,
    list_types,
)

_COUNTED: Final = frozenset(
    {"count", "limit", "offset", "page", "page_size", "pageSize", "per_page", "size", "skip"}
)
"""Integers that a listing has for its pages, and not for what its rows are."""
_SEARCHES: Final = (
    *("q", "query", "search", "search_query", "searchQuery", "search_text", "searchText"),
    *("keyword", "keywords"),
)
_CONTAINS: Final = re.compile(r"search|contain|match|\bpart of|(?:text|string) in\b", re.I)
_PART: Final = re.compile(r"\bpart of|\bcontain", re.I)
_OTHERWISE: Final = re.compile(
    r"exact|prefix|start|begin|regex|syntax|fuzzy|full.text|operator", re.I
)
"""Words that describe a search other than for rows that contain the string."""
_EXACT: Final = re.compile(r"\b(exact(ly)?|equal to|equals)\b", re.I)
_INEXACT: Final = re.compile(r"insensitive|\bignor|\b(or|not)\b|similar", re.I)
"""Words that describe a filter by equal strings."""
_KEYS: Final = frozenset({"id", "uuid", "sid"})
_SYNTAX: Final = re.compile(r"regex|syntax|operator|expression|json", re.I)
"""Words that describe a language, in which not every string is a search."""
_BOUNDS: Final[Mapping[str, tuple[str, bool | None]]] = {
    **dict.fromkeys(("min", "minimum", "from", "since", "after", "start"), ("lower", None)),
    **dict.fromkeys(("max", "maximum", "to", "until", "before", "end"), ("upper", None)),
    "gte": ("lower", True),
    "gt": ("lower", False),
    "lte": ("upper", True),
    "lt": ("upper", False),
}
_TIME_ENDINGS: Final = frozenset({"at", "on", "date", "time"})
_TIMES: Final = frozenset({"date", "datetime", "day", "time", "timestamp"})
"""Names of a bound for the only time of the rows: `from`, `date_from`, `end_time`."""
_STEM: Final = 4
"""The number of letters that two forms of a word share: `created`, `creation`."""
_WRAPPED: Final = re.compile(r"filters?(?:\[([^\[\]]+)\](.*)|[._](.+))", re.S)
_EQUAL_SIGN: Final = re.compile(r"(.+?)(?:__(?:in|eq|exact)|\[(?:in|eq)\]|\.(?:in|eq))", re.S)
_EDGE: Final = re.compile(
    r"(?<!not )(\binclusive|\b(?:on|at) or (?:after|before)|(?:greater|less) than or equal"
    r"|\bor (?:later|earlier|newer|older|more|less)\b|\bat (?:least|most)\b)"
    r"|\bexclusive|\bstrictly"
)
"""The first group says that a bound is inclusive, the rest that it is not."""
_LIMITS: Final = frozenset({"min", "minimum", "max", "maximum"})
"""Words for the first or last value that is kept, unless a description has one of `_BEYOND`."""
_BEYOND: Final = re.compile(r"exclusive|strictly|not inclusive|\b(than|above|below|over|under)\b")
_EQUAL: Final = ({"boolean"}, {"integer"})
_SHOWN: Final = frozenset(
    {
        *("currency", "fields", "format", "lang", "language", "locale", "timezone", "unit"),
        *("units", "cursor", "order", "sort"),
    }
)
"""Parameters that may choose the form or order of rows, but not the rows."""


def list_properties(spec: Spec, schema_pointer: str) -> dict[str, str]:
    """Return the properties of a schema that is one object or null, not a choice of several."""
    properties: dict[str, str] = {}
    for pointer, schema in list_branches(spec, schema_pointer):
        alternatives = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
        if sum(alternative != {"type": "null"} for alternative in alternatives) > 1:
            return {}
        properties |= {n: pointer + join("properties", n) for n in schema.get("properties", {})}
    return properties


def find_filters(
    spec: Spec, operation: Operation, row: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield parameters with the name and the values of a field of the rows."""
    fields = list_properties(spec, row)
    for parameter in _list_query_parameters(operation):
        name, schema_pointer = parameter.name, parameter.schema_pointer
        is_list = list_types(spec, schema_pointer) - {"null"} == {"array"}
        target = _find_filtered_field(spec, fields, name, is_list=is_list)
        if parameter.required or target is None:
            continue
        path, field = target
        value_pointer = find_schema_at(spec, schema_pointer, "/0") if is_list else schema_pointer
        if value_pointer is None or name in _COUNTED or _selects_all(spec, parameter, field):
            continue
        item = find_schema_at(spec, field, "/0") or field  # of a field that is a list
        if _are_alike(spec, value_pointer, item):
            yield name, {"field": path}
        elif flags := _find_flags(spec, value_pointer, field):
            yield name, {"field": path, "values": flags}
        elif not is_list and _are_texts(spec, parameter, field) and not _is_part(parameter):
            is_exact = _EXACT.search(parameter.description) and not _INEXACT.search(
                parameter.description
            )
            yield name, {"field": path} if is_exact else {"field": path, "exact": False}


def _list_query_parameters(operation: Operation) -> list[Parameter]:
    """Return the parameters of the query, without those that share their name with another.

    `x-listing` has only the name: of `/shops/{id}/orders?id=`, it would be the id of the shop.
    """
    names = Counter(parameter.name for parameter in operation.parameters)
    return [p for p in operation.parameters if p.location == "query" and names[p.name] == 1]


def _find_flags(spec: Spec, value_pointer: str, field: str) -> dict[str, list[bool]]:
    """Return the values of a flag that a query writes as `"true"` and `"false"`."""
    choices = [choice for choice in list_choices(spec, value_pointer) or () if choice is not None]
    is_flag = list_types(spec, field) - {"null"} == {"boolean"}
    flags = {"true": [True], "false": [False]}
    if not is_flag or not all(isinstance(choice, str) and choice in flags for choice in choices):
        return {}
    return {name: value for name, value in flags.items() if name in choices}


def _selects_all(spec: Spec, parameter: Parameter, field: str) -> bool:
    """Return whether a filter has a default that no row need have, such as `all`.

    Otherwise the default would apply to each request without the parameter, and leave no rows.
    """
    default = parameter.schema.get("default")
    if default is None or isinstance(default, bool) or default == "":
        return False
    values = set(map(repr, default if is_array(default) else [default]))
    return not values <= _collect_choices(spec, find_schema_at(spec, field, "/0") or field)


def _find_filtered_field(
    spec: Spec, fields: Mapping[str, str], name: str, *, is_list: bool
) -> tuple[str, str] | None:
    """Return the field of a filter and its schema: `author_id` may mean the id in `author`.

    `filter[state]` and `state__in` mean `state`, and so does a list that is called `states`; `tag`
    means a list of `tags`.
    """
    name = _unwrap(name)
    equal = _EQUAL_SIGN.fullmatch(name)
    name = equal[1] if equal else name
    name_words = split_words(name)
    forms = (
        {name_words, (*name_words[:-1], to_singular(name_words[-1]))}
        if is_list and name_words
        else {name_words}
    )
    same = [name] if name in fields else [field for field in fields if split_words(field) in forms]
    if not same and name_words and not is_list:
        same = [
            field
            for field, pointer in fields.items()
            if _is_list_of(spec, pointer, field, name_words)
        ]
    if len(same) == 1:
        return join(same[0]), fields[same[0]]
    owner, mark, key = name.rpartition("_")
    inner = list_properties(spec, fields[owner]) if mark and owner in fields else {}
    return (join(owner, key), inner[key]) if key in inner else None


def _is_list_of(spec: Spec, schema_pointer: str, name: str, words: tuple[str, ...]) -> bool:
    own = split_words(name)
    is_list = list_types(spec, schema_pointer) - {"null"} == {"array"}
    return is_list and (*own[:-1], *map(to_singular, own[-1:])) == words


def _unwrap(name: str) -> str:
    """Return `state` of `filter[state]`, and `price[gte]` of `filter[price][gte]`."""
    match = _WRAPPED.fullmatch(name)
    return "".join(filter(None, match.groups())) if match else name


def _are_alike(spec: Spec, value_pointer: str, field: str) -> bool:
    """Return whether a parameter has the kind of values of the field: enum, number, flag or id."""
    parameter_choices, field_choices = (
        _collect_choices(spec, value_pointer),
        _collect_choices(spec, field),
    )
    if parameter_choices and field_choices:
        return parameter_choices <= field_choices
    kinds, field_kinds = (
        list_types(spec, pointer) - {"null"} for pointer in (value_pointer, field)
    )
    if parameter_choices or field_choices:
        return not parameter_choices and kinds == field_kinds == {"string"}
    if kinds | field_kinds <= {"integer", "number"} and _is_named_id(field):
        return True  # documents made from TypeScript have no integers
    if kinds != field_kinds:
        return False
    return kinds in _EQUAL or (kinds == {"string"} and _is_id(spec, value_pointer, field))


def _is_id(spec: Spec, value_pointer: str, field: str) -> bool:
    """Return whether two strings are comparable ids, by their name or format."""
    formats = [
        {schema.get("format") for _, schema in list_branches(spec, pointer)} - {None}
        for pointer in (value_pointer, field)
    ]
    return formats[0] == formats[1] and (_is_named_id(field) or formats[0] == {"uuid"})


def _is_named_id(field: str) -> bool:
    return not _KEYS.isdisjoint(split_words(field.rpartition("/")[2])[-1:])


def find_ranges(spec: Spec, operation: Operation, row: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield parameters whose names consist of a field and a bound: `created_after`, `min_price`."""
    fields = list_properties(spec, row)
    for parameter in _list_query_parameters(operation):
        if parameter.required or parameter.name in fields:
            continue
        if parameter.schema.get("default") is not None:  # it may stand for no bound
            continue
        measure = get_measure(spec, parameter.schema_pointer)
        bound_parts = _read_bound(parameter.name) if measure else None
        if bound_parts is None:
            continue
        stem, bound, inclusive = bound_parts
        alike = [name for name, pointer in fields.items() if get_measure(spec, pointer) == measure]
        candidates = [name for name in alike if _is_stem(stem, split_words(name))]
        if not candidates and measure == "time" and _TIMES.issuperset(stem):
            mentioned = [name for name in alike if _is_mentioned(name, parameter.description)]
            candidates = mentioned if len(alike) > 1 else alike
        if len(candidates) == 1:
            description = parameter.description.lower()
            if inclusive is None and (match := _EDGE.search(description)):
                inclusive = match[1] is not None
            if _LIMITS & {*split_words(parameter.name)} and not _BEYOND.search(description):
                inclusive = True
            rule = {"field": join(candidates[0]), "bound": bound}
            yield parameter.name, rule if inclusive is None else {**rule, "inclusive": inclusive}


def _read_bound(name: str) -> tuple[tuple[str, ...], str, bool | None] | None:
    """Return the words of the field, the end that the name bounds, and whether it is inclusive."""
    words = split_words(_unwrap(name))
    for first, last in ((words[:1], words[1:]), (words[-1:], words[:-1])):
        if first and first[0] in _BOUNDS:
            bound, is_inclusive = _BOUNDS[first[0]]
            return tuple(last), bound, is_inclusive
    return None


def _is_stem(stem: tuple[str, ...], field: tuple[str, ...]) -> bool:
    """Return whether a field is meant: `created` is the stem of `created_at`."""
    return field == stem or (field[:-1] == stem and field[-1] in _TIME_ENDINGS)


def get_measure(spec: Spec, schema_pointer: str) -> str:
    """Return whether values are numbers or times; "" for others.

    A string beside a number is one, and so is what a pattern or format limits to decimal numbers.
    """
    kinds = list_types(spec, schema_pointer) - {"null"}
    strings = [
        schema
        for _, schema in list_branches(spec, schema_pointer)
        if "string" in str(schema.get("type")) and not {"anyOf", "oneOf"} & schema.keys()
    ]
    is_number = "number" in kinds or all(map(_is_decimal, strings))
    if kinds and kinds <= {"integer", "number", "string"} and is_number:
        return "number"
    formats = {schema.get("format") for _, schema in list_branches(spec, schema_pointer)} - {None}
    return "time" if kinds == {"string"} and formats <= {"date", "date-time"} and formats else ""


def _is_decimal(schema: Mapping[str, Any]) -> bool:
    """Return whether a string is a decimal number, by its format or pattern."""
    pattern = schema.get("pattern")
    if not isinstance(pattern, str):
        return schema.get("format") == "decimal"
    with suppress(re.error):
        number = re.compile(pattern)
        return bool(number.search("12")) and not any(map(number.search, ("a", "1a", "2024-01-15")))
    return False


def _are_texts(spec: Spec, parameter: Parameter, field: str) -> bool:
    """Return whether a parameter and a field are strings without a format or documented values.

    A server may keep similar strings, too: how it compares them is rarely documented.
    """
    pointers = (parameter.schema_pointer, find_schema_at(spec, field, "/0") or field)
    schemas = [schema for pointer in pointers for _, schema in list_branches(spec, pointer)]
    is_open = not any({"format", "enum", "const"} & schema.keys() for schema in schemas)
    kinds = [list_types(spec, pointer) - {"null"} for pointer in pointers]
    descriptions = [
        parameter.description,
        *(str(schema.get("description", "")) for schema in schemas),
    ]
    others = (_EXACT.sub("", description) for description in descriptions)
    is_meant = not any(map(_OTHERWISE.search, others)) and parameter.name not in _SHOWN
    return is_open and is_meant and kinds == [{"string"}, {"string"}]


def _collect_choices(spec: Spec, schema_pointer: str) -> set[str]:
    return set(map(repr, list_choices(spec, schema_pointer) or ())) - {"None"}


def _is_mentioned(name: str, description: str) -> bool:
    """Return whether a description has a word like the first of a time: "start" for `startsAt`."""
    words = split_words(name)
    start = words[0][:_STEM] if words and len(words[0]) >= _STEM else ""
    return bool(start) and any(word.startswith(start) for word in split_words(description))


def find_search(spec: Spec, operation: Operation, row: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the parameters that search a field, the fields described, or any strings of rows."""
    fields_by_name = list_properties(spec, row)
    for part in _list_query_parameters(operation):
        target = _find_filtered_field(spec, fields_by_name, part.name, is_list=False)
        if target and _is_part(part) and _are_texts(spec, part, target[1]):
            yield part.name, {"fields": [target[0]]}
    parameter = find_optional(operation, _SEARCHES)
    if parameter is None or list_types(spec, parameter.schema_pointer) - {"null"} != {"string"}:
        return
    description = parameter.description
    texts = [
        name
        for name, pointer in fields_by_name.items()
        if list_types(spec, pointer) - {"null"} == {"string"}
        and list_choices(spec, pointer) is None
        and not any("format" in schema for _, schema in list_branches(spec, pointer))
    ]
    fields = [
        name
        for name in texts
        if re.search(rf"\b{re.escape(' '.join(split_words(name)))}s?\b", _to_plain(description))
    ]
    if fields and _CONTAINS.search(description) and not _OTHERWISE.search(description):
        yield parameter.name, {"fields": [*map(join, fields)]}
    elif texts and (fields or not description) and not _SYNTAX.search(description):
        # Frameworks describe "a search term" where a listing has none.
        plain = [name for name in texts if split_words(name)[-1] not in _KEYS]
        yield parameter.name, {"fields": [*map(join, fields or plain or texts)], "exact": False}


def _is_part(parameter: Parameter) -> bool:
    """Return whether a parameter is described as a part of a field's value."""
    return _PART.search(parameter.description) is not None and not parameter.required


def _to_plain(description: str) -> str:
    """Return the words of a description, with "first or last name" as two names."""
    words = " ".join(split_words(description))
    return re.sub(r"\b(\w+) (or|and) (\w+) (\w+)\b", r"\1 \4 \2 \3 \4", words)


def find_optional(operation: Operation, names: tuple[str, ...]) -> Parameter | None:
    """Return the one query parameter that has one of these names."""
    parameters = [
        parameter
        for parameter in operation.parameters
        if parameter.name in names and not parameter.required
    ]
    return parameters[0] if len(parameters) == 1 and parameters[0].location == "query" else None
