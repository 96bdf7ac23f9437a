"""Patches schemathesis and Hypothesis; the only module that does.

The patches use private names. None changes the findings: they remove work that does not pay in a
run of a few requests, and make a run independent of other loaded plugins.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from inspect import getattr_static
from itertools import islice, zip_longest
from typing import Any, Final

import schemathesis
from hypothesis import strategies

from driftline.openapi import walk

# schemathesis rejects some 1,400 random values to have a stock of candidates for "none of the
# enum", which takes longer than all else of the coverage phase; these serve any enum. Each is used
# once for one location, whose alternatives may have a hundred enums.
_STRANGERS: Final[tuple[Any, ...]] = (
    "AAA",
    -58800,
    False,
    True,
    -4.111461855052133e16,
    "PzJcU",
    7513596962,
    "fGTtVizlFYPMCqEwJ",
    None,
    "driftline-none-of-these",
    *(f"none-of-these-{number}" for number in range(2, 201)),
)


def _serve_strangers() -> tuple[Any, ...]:
    return _STRANGERS


def _is_never_local(_: str) -> bool:
    return False


_CHANGES: Final[tuple[tuple[str, str, Callable[..., Any]], ...]] = (
    (
        "schemathesis.specs.openapi.coverage._schema",
        "_invalid_enum_candidates",
        _serve_strangers,
    ),
    # Hypothesis reads the source of every module that is not installed, to draw its constants:
    # the requests would depend on where driftline stands and on what was imported before.
    (
        "hypothesis.internal.conjecture.providers",
        "is_local_module_file",
        _is_never_local,
    ),
)


MOST_CASES: Final = 2_000
"""How many cases of the coverage phase are made for one operation; about a hundred are sent.

A body of some hundred fields has ten thousand, which take half a minute to make.
"""

MOST_BODY_CASES: Final = 200
"""How many valid and how many invalid bodies of one operation are made, if there are more.

The coverage phase makes all valid bodies first. Of a union of large objects it would make thousands
of them, take half a minute, and never come to the invalid ones and to the parameters.
"""

MOST_VALUES: Final = 200_000
"""How many values these cases may have together: each is a whole request, kept until it is sent."""

MOST_DRAWN: Final = 40
"""The maximum number of values for fields without an example, beside those with one.

A body of nested schemas has thousands of them, which take minutes to make for one request.
"""

MOST_ATTEMPTS: Final = 25
"""How often Hypothesis may fail to draw such a value; it would try 458 times.

Of alternatives that overlap, such as two objects without required fields, hardly a value matches
exactly one. A field is then omitted, or the example is not sent.
"""


def tune() -> None:
    """Apply the patches; skip one whose name no longer exists in the library."""
    for module, name, replacement in _CHANGES:
        owner = importlib.import_module(module)
        if hasattr(owner, name):
            setattr(owner, name, replacement)
    _limit_cases()
    _limit_body_cases()
    _limit_drawn_values()
    _limit_times()
    _preload_utf8()
    _accept_bytes()


def _limit_times() -> None:
    """Draw dates and times that databases and date types hold: of two centuries, in real zones."""
    first, last = datetime(1900, 1, 2), datetime(2099, 12, 30)
    zones = [timezone(timedelta(hours=hours)) for hours in (0, 2, -5)]
    times = strategies.datetimes(first, last, timezones=strategies.sampled_from(zones))
    texts = times.map(lambda time: time.isoformat().replace("+00:00", "Z"))
    schemathesis.openapi.format("date", texts.map(lambda text: text[:10]))
    schemathesis.openapi.format("date-time", texts)


def share_document(schema: Any, selection: Any) -> None:
    """Let a selection of the operations of `schema` resolve references by the index of `schema`.

    An index of its own would be another copy of the document. The selection is not validated
    either, which takes a second in a large document, for a warning that nobody sees.
    """
    if getattr_static(schema, "root_resolver", None) is not None:
        selection.__dict__["root_resolver"] = schema.root_resolver
    if getattr_static(schema, "_validation_error", None) is not None:
        selection.__dict__["_validation_error"] = None


def _accept_bytes() -> None:
    """Let the coverage phase take bytes for valid: no validator can judge them, and its own fails.

    A request that is wrong for them is not a finding: the mock judges it, too.
    """
    owner: Any = importlib.import_module("schemathesis.specs.openapi.coverage._schema")
    holder: Any = importlib.import_module("schemathesis.transport.serialization")
    if hasattr(owner, "judge_text") or not (
        hasattr(owner, "_judge") and hasattr(holder, "contains_binary")
    ):
        return
    owner.judge_text = owner._judge

    def judge(*arguments: Any) -> Callable[[Any], bool] | None:
        is_valid = owner.judge_text(*arguments)
        if is_valid is None:
            return None
        return lambda value: holder.contains_binary(value) or is_valid(value)

    owner._judge = judge


def _preload_utf8() -> None:
    """Tell Hypothesis which characters UTF-8 can encode: all but surrogates.

    It encodes a million of them to learn that, which takes seconds wherever it has no cache yet.
    """
    charmap: Any = importlib.import_module("hypothesis.internal.charmap")
    find_others = getattr(charmap, "intervals_from_codec", None)
    if find_others is None or hasattr(charmap, "find_encodable"):
        return
    intervals = importlib.import_module("hypothesis.internal.intervalsets").IntervalSet
    utf8 = (intervals(((0, 0xD7FF), (0xE000, sys.maxunicode))), intervals(()))

    def find_encodable(name: str) -> Any:
        return utf8 if name == "utf-8" else find_others(name)

    charmap.find_encodable = charmap.intervals_from_codec = find_encodable


def _limit_drawn_values() -> None:
    """Make the examples phase of schemathesis omit fields after `MOST_DRAWN` of an operation.

    A field that is hard to draw is omitted after `MOST_ATTEMPTS`.
    """
    owner: Any = importlib.import_module("schemathesis.specs.openapi.examples")
    engine: Any = importlib.import_module("hypothesis.internal.conjecture.engine")
    lists = ("extract_top_level", "extract_from_schemas")
    names = (*lists, "_generate_single_example", "NOT_SET")
    if hasattr(owner, "draw_any") or not all(hasattr(owner, name) for name in names):
        return
    owner.draw_any, drawn = owner._generate_single_example, 0

    def restart(list_examples: Callable[[Any], Iterator[Any]]) -> Callable[[Any], Iterator[Any]]:
        def list_some(operation: Any) -> Iterator[Any]:
            nonlocal drawn
            drawn = 0
            yield from list_examples(operation)

        return list_some

    def draw_some(*arguments: Any) -> Any:
        nonlocal drawn
        drawn += 1
        if drawn > MOST_DRAWN:
            return owner.NOT_SET
        usual = getattr(engine, "INVALID_THRESHOLD_BASE", None)
        engine.INVALID_THRESHOLD_BASE = MOST_ATTEMPTS
        try:
            return owner.draw_any(*arguments)
        finally:
            engine.INVALID_THRESHOLD_BASE = usual

    for name in lists:
        setattr(owner, name, restart(getattr(owner, name)))
    owner._generate_single_example = draw_some


def _limit_cases() -> None:
    """Make the coverage phase of schemathesis end after `MOST_CASES` or `MOST_VALUES`."""
    drivers = importlib.import_module("schemathesis.generation.drivers")
    generator: Any = getattr(drivers, "CoverageGenerator", None)
    if generator is None or hasattr(generator, "iterate_all"):
        return
    generator.iterate_all = generator.__iter__
    generator.__iter__ = _iterate_some


def _limit_body_cases() -> None:
    """Make the coverage phase make at most `MOST_BODY_CASES` valid and as many invalid bodies."""
    owner: Any = importlib.import_module("schemathesis.specs.openapi.coverage._operation")
    names = ("_body_cases", "HashSet")
    if hasattr(owner, "list_all_body_cases") or not all(hasattr(owner, name) for name in names):
        return
    list_all: Callable[[Any], Iterator[Any]] = owner._body_cases
    owner.list_all_body_cases = list_all

    def list_some(run: Any) -> Iterator[Any]:
        cases: list[Any] = list(islice(list_all(run), MOST_BODY_CASES + 1))
        if len(cases) <= MOST_BODY_CASES or len(run.generation_modes) == 1:
            yield from cases[:MOST_BODY_CASES]
            return
        invalid = [mode for mode in run.generation_modes if mode.is_negative]
        # Invalid bodies of the first pass are made again.
        emitter = dataclasses.replace(run.emitter, seen_negative=owner.HashSet())
        second_run = dataclasses.replace(run, generation_modes=invalid, emitter=emitter)
        invalid_cases = islice(list_all(second_run), MOST_BODY_CASES)
        valid_cases = [case for case in cases if case.meta.generation.mode.is_positive]
        # Not all are sent: they alternate, so that both kinds are.
        for pair in zip_longest(valid_cases[:MOST_BODY_CASES], invalid_cases):
            yield from (case for case in pair if case is not None)

    owner._body_cases = list_some


def _iterate_some(generator: Any) -> Iterator[Any]:
    count = 0
    for case in islice(generator.iterate_all(), MOST_CASES):
        parts = (case.body, case.query, case.headers, case.cookies, case.path_parameters)
        count += sum(1 for part in parts for _ in walk(part))
        if count > MOST_VALUES:
            return
        yield case
