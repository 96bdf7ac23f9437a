"""Searches: every returned row contains the string, and no row that contains it is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from driftline.checks import (
    FindingCollector,
    Walk,
    check_metadata,
    locate_clause,
    require_listing,
)
from driftline.openapi import Search, is_valid
from driftline.suite.examinations.listings.filtering import (
    UNLIKELY,
    list_field_values,
    report_lost,
    report_strays,
    start_walks,
)
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.probe import Probe, confirm_twice

WORDS = 4
_IGNORES_CASE = re.compile(
    r"case.?insensitive|(ignor|regardless|irrespective)\w{0,12} .{0,12}case|\bin any case\b"
    r"|\bcase (does not|doesn't) matter|\bcase is ignored",
    re.IGNORECASE,
)


def has_text(rule: Search, string: str, row: Any) -> bool:
    """Return whether one of the searched fields of a row contains the text."""
    return any(string.casefold() in value.casefold() for value in _list_texts(row, rule))


@confirm_twice
def check_searches(probe: Probe) -> None:
    """Check each search with words of known rows, and with a string that no row should contain."""
    if not require_listing(probe.operation).searches:
        return
    walker, size = start_walks(probe)
    full_walk = walker.walk(size)
    for rule in require_listing(probe.operation).searches:
        parameter = probe.operation.find_parameter(rule.parameter)
        for word in _choose_words(full_walk, rule):
            if parameter and not is_valid(probe.spec, parameter.schema_pointer, word):
                continue  # longer than a search may be, say
            _search(probe, rule, word, full_walk, walker.walk({**size, rule.parameter: word}))
        if rule.exact and parameter and _IGNORES_CASE.search(parameter.description):
            _search_in_other_case(probe, rule, full_walk, walker, size)
        if full_walk.rows:
            unlikely = walker.walk({**size, rule.parameter: UNLIKELY})
            _check_unlikely(probe, rule, full_walk, unlikely)


def _search_in_other_case(
    probe: Probe, rule: Search, full_walk: Walk, walker: Walker, size: Mapping[str, int]
) -> None:
    """Search a word in the other letter case, if the document says that case is ignored."""
    for word in _choose_words(full_walk, rule):
        if word.swapcase() != word and word.isascii():
            walk = walker.walk({**size, rule.parameter: word.swapcase()})
            _search(probe, rule, word.swapcase(), full_walk, walk, ignores_case=True)
            return


def _list_texts(row: Any, rule: Search) -> Iterator[str]:
    for pointer in rule.fields:
        yield from (str(value) for value in list_field_values(row, pointer))


def list_words(row: Any, rule: Search) -> Iterator[str]:
    """Yield the words of the searched fields of a row."""
    for string in _list_texts(row, rule):
        yield from re.findall(r"[^\W_]{4,}", string)


def _choose_words(full_walk: Walk, rule: Search) -> list[str]:
    """Return a few rare and common words of different rows, and one of each field."""
    counts = Counter(word for row in full_walk.rows for word in {*list_words(row, rule)})
    ranked = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    step = max(1, len(ranked) // WORDS)
    own_words = _list_own_words(full_walk, rule) if len(rule.fields) > 1 else ()
    return list(dict.fromkeys([*ranked[::step][:WORDS], *ranked[-1:], *own_words]))


def _list_own_words(full_walk: Walk, rule: Search) -> Iterator[str]:
    """Yield the longest word of each searched field that no other one contains."""
    texts = {
        pointer: [str(v) for row in full_walk.rows for v in list_field_values(row, pointer)]
        for pointer in rule.fields
    }
    for pointer, own_texts in texts.items():
        others = " ".join(t for p in texts if p != pointer for t in texts[p]).casefold()
        words = {word for text in own_texts for word in re.findall(r"[^\W_]{2,}", text)}
        own_words = sorted(word for word in words if word.casefold() not in others)
        if own_words:
            yield max(own_words, key=len)


def _search(
    probe: Probe,
    rule: Search,
    string: str,
    full_walk: Walk,
    walk: Walk,
    *,
    ignores_case: bool = False,
) -> None:
    pointer = locate_clause(probe.operation, "search", rule.parameter)
    belong = {
        full_walk.get_id(row)
        for row in full_walk.rows
        if any(string in value for value in _list_texts(row, rule))
        or (ignores_case and has_text(rule, string, row))
    }
    query = f"{rule.parameter}={string}"
    if rule.exact:
        report_lost(probe, pointer, query, walk, belong)
    check_search(probe, rule, string, walk)
    check_metadata(probe, walk)


def check_search(collector: FindingCollector, rule: Search, string: str, walk: Walk) -> None:
    """Check that every row of the walk contains the string, if each row shows why it matches."""
    if rule.is_visible:
        report_strays(
            collector,
            walk,
            ("search", rule.parameter),
            lambda row: has_text(rule, string, row),
            expected=f"{rule.parameter}={string}",
            show=lambda row: list(_list_texts(row, rule)),
        )


def _check_unlikely(probe: Probe, rule: Search, full_walk: Walk, walk: Walk) -> None:
    if not walk.pages or len(set(walk.ids)) < len(set(full_walk.ids)):
        return
    probe.report(
        "listing.search.ignored",
        locate_clause(probe.operation, "search", rule.parameter),
        message=f"the search {rule.parameter} returns every row for a string that none contains",
        expected="fewer rows than without the search",
        got=f"{len(set(walk.ids))} of {len(set(full_walk.ids))} rows",
        exchange=walk.pages[0].exchange,
    )
