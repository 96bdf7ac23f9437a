"""Filters and searches: every returned row matches, and no matching row is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice, product
from typing import Any

from driftline.checks import (
    FindingCollector,
    Walk,
    build_largest_size,
    check_metadata,
    encode_text,
    find_size_limits,
    locate_clause,
    require_listing,
    to_hashable,
)
from driftline.openapi import (
    MISSING,
    Filter,
    Parameter,
    Search,
    Spec,
    describe,
    is_array,
    list_violations,
    pointer as json_pointer,
    resolve_value_schema,
)
from driftline.suite.examinations.listings.variety import walk_varied_rows
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.probe import Probe, confirm_twice

UNLIKELY = "qxzvjkwy"
_IGNORES_CASE = re.compile(
    r"case.?insensitive|(ignor|regardless|irrespective)\w{0,12} .{0,12}case", re.IGNORECASE
)
_WORD = re.compile(r"\w{3,}")
_LITERAL = re.compile(r"\w[\w -]*")
"""No list, pattern or expression, whatever the parameter of a filter may be."""
WORDS = 4
_UNLIKELY_VALUES = (UNLIKELY, 2_147_483_001, "1901-02-03", "1901-02-03T04:05:06Z")
_PAGES = 3
"""How many pages show whether a filter also applies to later pages."""


@confirm_twice
def check_filters(probe: Probe) -> None:
    """Check that each value of each filter returns all matching rows and no others."""
    listing = require_listing(probe.operation)
    if not listing.filters:
        return
    walker, size = _start(probe)
    everything = walk_varied_rows(walker, size, [words.field for words in listing.filters])
    for words in listing.filters:
        values = _choose_values(probe, words, everything)
        is_list = find_parameter_schema(probe, words.parameter)[1].get("type") == "array"
        chosen: list[list[Any]] = [[value] for value in values]
        if is_list and len(values) > 1:
            chosen.append(values[:2])
        for each in chosen:
            asked = {words.parameter: each if is_list else each[0]}
            walk = walker.walk({**size, **asked})
            _filter(probe, words, each, everything, walk)
        if chosen:
            _filter_small_pages(probe, walker, words, chosen, everything)
            _filter_part(probe, walker, words, values[0])
        if len(chosen) < 2:
            _filter_unlikely(probe, walker, words, everything)


def takes_part_of_value(spec: Spec, parameter: Parameter, words: Filter) -> bool:
    """Return whether a filter takes any string, and returns only the rows that have it."""
    _, schema = resolve_value_schema(spec, parameter.schema_pointer)
    is_free = schema.get("type") == "string" and not schema.keys() & {"enum", "format", "pattern"}
    return is_free and words.exact and not words.values


def _filter_part(probe: Probe, walker: Walker, words: Filter, value: Any) -> None:
    """Send a part of a value, which shows a filter that compares loosely."""
    parameter = probe.operation.find_parameter(words.parameter)
    part = str(value)[:-1]
    if parameter is None or not takes_part_of_value(probe.spec, parameter, words) or not part:
        return
    if list_violations(probe.spec, parameter.schema_pointer, part):
        return
    page = walker.page({**walker.base, words.parameter: part})
    if page is not None and page.exchange.ok:
        check_filter(probe, words, [part], Walk(walker.listing, [page], complete=False))


def _filter_small_pages(
    probe: Probe, walker: Walker, words: Filter, chosen: list[list[Any]], everything: Walk
) -> None:
    """Filter by the most common value, with several pages: later ones may ignore the filter."""
    counts = [
        sum(is_match(words, each, row) for row in everything.rows) if len(each) == 1 else 0
        for each in chosen
    ]
    most = max(counts)
    values = chosen[counts.index(most)]
    is_list = find_parameter_schema(probe, words.parameter)[1].get("type") == "array"
    asked = {words.parameter: values if is_list else values[0]}
    walk = walk_small_pages(probe, walker, asked, most)
    if walk is not None:
        check_filter(probe, words, values, walk)


def walk_small_pages(
    probe: Probe, walker: Walker, arguments: Mapping[str, Any], matching: int
) -> Walk | None:
    """Return a walk over `rows` rows on several pages; None if the page sizes do not allow it."""
    limits = find_size_limits(probe.spec, probe.operation)
    size = max(limits[1], -(-matching // _PAGES)) if limits else 0
    if limits is None or matching <= size or size >= limits[2]:
        return None
    return walker.walk({**arguments, limits[0]: size}, max_pages=_PAGES)


def _filter_unlikely(probe: Probe, walker: Walker, words: Filter, everything: Walk) -> None:
    """Send a value that no row has, which shows a filter even if all rows have one value."""
    parameter = probe.operation.find_parameter(words.parameter)
    known = {value for row in everything.rows for value in list_field_values(row, words.field)}
    schema = parameter.schema_pointer if parameter else ""
    is_list = find_parameter_schema(probe, words.parameter)[1].get("type") == "array"
    for value in _UNLIKELY_VALUES:
        asked = [value] if is_list else value
        if words.values or value in known or list_violations(probe.spec, schema, asked):
            continue
        page = walker.page({**walker.base, words.parameter: asked})
        if page is not None:  # what names no row may also be rejected
            pages = [page] if page.exchange.ok else []
            check_filter(probe, words, [value], Walk(walker.listing, pages, complete=False))
        return


def _start(probe: Probe) -> tuple[Walker, dict[str, int]]:
    return Walker(probe), build_largest_size(probe.spec, probe.operation)


def find_parameter_schema(probe: Probe, name: str) -> tuple[str, Mapping[str, Any]]:
    """Return the schema of a parameter's values, and its pointer."""
    parameter = probe.operation.find_parameter(name)
    return resolve_value_schema(probe.spec, parameter.schema_pointer) if parameter else ("", {})


def _choose_values(probe: Probe, words: Filter, everything: Walk) -> list[Any]:
    """Return the values to send: all documented ones, or else the most common ones."""
    pointer, schema = find_parameter_schema(probe, words.parameter)
    parameter = probe.operation.find_parameter(words.parameter)
    whole = parameter.schema_pointer if parameter else ""
    if schema.get("type") == "array":
        whole, schema = resolve_value_schema(probe.spec, pointer + "/items")
    if schema.get("enum"):
        return [value for value in schema["enum"] if value is not None]
    if words.values:
        return [parse_value(name, schema) for name in words.values]
    if schema.get("type") == "boolean":
        return [True, False]
    found = Counter(
        to_hashable(value)
        for row in everything.rows
        for value in list_field_values(row, words.field)
        if not isinstance(value, (dict, list))
    )
    # A row may hold what the filter may not ask for, or would not read literally.
    usable = (
        value
        for value, _ in found.most_common()
        if not list_violations(probe.spec, whole, value)
        and (words.exact or _LITERAL.fullmatch(str(value)))
    )
    return list(islice(usable, 3))


def parse_value(name: str, schema: Mapping[str, Any]) -> Any:
    """Return a key of `values` as the parameter's type."""
    if schema.get("type") == "boolean":
        return name == "true"
    return int(name) if schema.get("type") == "integer" else name


def list_field_values(row: Any, pointer: str) -> list[Any]:
    """Return the values at `pointer` of a row; for a list, its items."""
    found = json_pointer.follow(row, pointer)
    if found is MISSING or found is None:
        return []
    return found if is_array(found) else [found]


def is_match(words: Filter, chosen: list[Any], row: Any) -> bool:
    """Return whether a row matches a filter with the chosen values."""
    wanted: list[Any] = []
    for value in chosen:
        mapped = (words.values or {}).get(encode_text(value))
        wanted += [value] if mapped is None else mapped
    texts = {encode_text(value) for value in wanted}
    found = json_pointer.follow(row, words.field)
    if found in (MISSING, None):
        return None in wanted
    return any(encode_text(value) in texts for value in list_field_values(row, words.field))


def _is_allowed(words: Filter, chosen: list[Any], row: Any) -> bool:
    """Return whether a filter may keep a row: it matches, or that is not documented."""
    if words.exact or is_match(words, chosen, row):
        return is_match(words, chosen, row)
    if json_pointer.follow(row, words.field) is MISSING:
        return True
    texts = [encode_text(value).casefold() for value in list_field_values(row, words.field)]
    asked = [encode_text(value).casefold() for value in chosen]
    # A search of words finds "running" and "run" by each other.
    pairs = [*product(asked, texts), *product(texts, asked)]
    return any(part in other for one, other in pairs for part in (one, *_WORD.findall(one)) if part)


def _filter(probe: Probe, words: Filter, chosen: list[Any], everything: Walk, walk: Walk) -> None:
    check_filter(probe, words, chosen, walk)
    check_metadata(probe, walk)
    pointer = locate_clause(probe.operation, "filter", words.parameter)
    shown = _format_filter(words, chosen)
    belong = {everything.get_id(row) for row in everything.rows if is_match(words, chosen, row)}
    report_lost(probe, pointer, shown, walk, belong)


def check_filter(found: FindingCollector, words: Filter, chosen: list[Any], walk: Walk) -> None:
    """Check that every row of the walk has one of the chosen values."""
    report_strays(
        found,
        walk,
        ("filter", words.parameter),
        lambda row: _is_allowed(words, chosen, row),
        expected=_format_filter(words, chosen),
        show=lambda row: json_pointer.follow(row, words.field) or None,
    )


def report_strays(
    found: FindingCollector,
    walk: Walk,
    clause: tuple[str, str],
    belongs: Callable[[Any], bool],
    *,
    expected: str,
    show: Callable[[Any], Any],
) -> None:
    """Report each row of a walk that a filter, range or search should have excluded.

    `clause` is which of them it is, and its parameter; `show` returns what the row has.
    """
    word, parameter = clause
    for page in walk.pages:
        for row in page.rows:
            if not belongs(row):
                found.report(
                    "listing.search.ignored" if word == "search" else "listing.filter.ignored",
                    locate_clause(found.operation, word, parameter),
                    message=f"the {word} {parameter} returns a row that does not match",
                    expected=expected,
                    got=describe(show(row)),
                    exchange=page.exchange,
                )


def _format_filter(words: Filter, chosen: list[Any]) -> str:
    return f"{words.parameter}={','.join(map(encode_text, chosen))}"


def report_lost(probe: Probe, pointer: str, shown: str, walk: Walk, belong: set[Any]) -> None:
    """Report the matching rows that are missing in a complete walk."""
    if not walk.complete or walk.endless or walk.listing.page.is_single:
        return
    lost = belong - set(walk.ids)
    if lost:
        asked = walk.pages[0].exchange if walk.pages else None
        probe.report(
            "listing.search.lost" if "/search/" in pointer else "listing.filter.lost",
            pointer,
            message=f"rows are missing from the response to {shown}",
            expected=f"{len(belong)} rows",
            got=f"{len(belong) - len(lost)} rows, without {describe(min(map(str, lost)))}",
            exchange=asked,
        )


def has_text(words: Search, text: str, row: Any) -> bool:
    """Return whether one of the searched fields of a row contains the text."""
    return any(text.casefold() in each.casefold() for each in _list_texts(row, words))


@confirm_twice
def check_searches(probe: Probe) -> None:
    """Check each search with words of known rows, and with a string that no row should contain."""
    if not require_listing(probe.operation).searches:
        return
    walker, size = _start(probe)
    everything = walker.walk(size)
    for words in require_listing(probe.operation).searches:
        parameter = probe.operation.find_parameter(words.parameter)
        for text in _choose_words(everything, words):
            if parameter and list_violations(probe.spec, parameter.schema_pointer, text):
                continue  # longer than a search may be, say
            _search(probe, words, text, everything, walker.walk({**size, words.parameter: text}))
        if parameter and _IGNORES_CASE.search(parameter.description):
            _search_in_other_case(probe, words, everything, walker, size)
        if everything.rows:
            unlikely = walker.walk({**size, words.parameter: UNLIKELY})
            _check_unlikely(probe, words, everything, unlikely)


def _search_in_other_case(
    probe: Probe, words: Search, everything: Walk, walker: Walker, size: Mapping[str, int]
) -> None:
    """Search a word in the other letter case, if the document says that case is ignored."""
    for text in _choose_words(everything, words):
        if text.swapcase() != text and text.isascii():
            walk = walker.walk({**size, words.parameter: text.swapcase()})
            _search(probe, words, text.swapcase(), everything, walk, ignores_case=True)
            return


def _list_texts(row: Any, words: Search) -> Iterator[str]:
    for pointer in words.fields:
        yield from (str(value) for value in list_field_values(row, pointer))


def list_words(row: Any, words: Search) -> Iterator[str]:
    """Yield the words of the searched fields of a row."""
    for text in _list_texts(row, words):
        yield from re.findall(r"[^\W_]{4,}", text)


def _choose_words(everything: Walk, words: Search) -> list[str]:
    """Return a few rare and common words of different rows."""
    found = Counter(word for row in everything.rows for word in {*list_words(row, words)})
    ranked = [word for word, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
    step = max(1, len(ranked) // WORDS)
    return list(dict.fromkeys([*ranked[::step][:WORDS], *ranked[-1:]]))


def _search(
    probe: Probe,
    words: Search,
    text: str,
    everything: Walk,
    walk: Walk,
    *,
    ignores_case: bool = False,
) -> None:
    pointer = locate_clause(probe.operation, "search", words.parameter)
    belong = {
        everything.get_id(row)
        for row in everything.rows
        if any(text in found for found in _list_texts(row, words))
        or (ignores_case and has_text(words, text, row))
    }
    shown = f"{words.parameter}={text}"
    report_lost(probe, pointer, shown, walk, belong)
    check_search(probe, words, text, walk)
    check_metadata(probe, walk)


def check_search(found: FindingCollector, words: Search, text: str, walk: Walk) -> None:
    """Check that every row of the walk contains the string, if rows show the searched fields."""
    if not words.hidden:
        report_strays(
            found,
            walk,
            ("search", words.parameter),
            lambda row: has_text(words, text, row),
            expected=f"{words.parameter}={text}",
            show=lambda row: list(_list_texts(row, words)),
        )


def _check_unlikely(probe: Probe, words: Search, everything: Walk, walk: Walk) -> None:
    if not walk.pages or len(set(walk.ids)) < len(set(everything.ids)):
        return
    probe.report(
        "listing.search.ignored",
        locate_clause(probe.operation, "search", words.parameter),
        message=f"the search {words.parameter} returns every row for a string that none contains",
        expected="fewer rows than without the search",
        got=f"{len(set(walk.ids))} of {len(set(everything.ids))} rows",
        exchange=walk.pages[0].exchange,
    )
