"""Strings that break careless servers, sent in each parameter and field that allows any string."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, cycle, islice
from typing import Any, Final

import attrs

from driftline.checks import (
    Exchange,
    Walk,
    build_outgoing,
    can_be_rejected,
    format_response,
    read_page,
)
from driftline.openapi import (
    EACH,
    KEYS,
    REFERENCE,
    Parameter,
    Spec,
    ValuePath,
    describe,
    find_schema_at,
    is_array,
    is_object,
    is_valid,
    join,
    list_branches,
    list_references,
    list_types,
    list_value_paths,
)
from driftline.suite.examinations.listings.searching import check_search
from driftline.suite.examinations.rows.same_value import is_same
from driftline.suite.fuzzing.covering import cover
from driftline.suite.probe import Probe
from driftline.suite.samples import Sample, make_sample

_FOREIGN: Final = "Zoë Łódź 東京"
TEXTS: Final = {
    "quotes": "'\"`",
    "SQL": "' OR '1'='1' --",
    "a backslash and a percent sign": "\\ %00 %",
    "wildcards and open brackets": "%_*?([",  # not a regular expression in any language
    "brackets": "{{7*7}} ${x} <b>&amp;</b>",
    "NUL": "a\0b",
    "line breaks": "a\r\nb",
    "emoji": "👩‍👩‍👧 ☎️",
    "right to left": "\u202eabc مرحبا",
    "combining marks": "e\u0301\u0323",
    "10,000 characters": "x" * 10_000,
    "letters beyond ASCII": _FOREIGN,
}
"""By the name that reports use."""
_LETTERS: Final = "abcdefghij" * 200
_OTHER: Final = "another"
_TIME: Final = "2024-01-15T10:00:00+02:00"
BODIES: Final = 4
_CANDIDATES: Final = 8
# Any request may be too long, or one request too many.
_OTHERWISE: Final = frozenset({413, 414, 429, 431})
_NUMBERS: Final = frozenset({"integer", "number"})
_SHAPES: Final = ("enum", "const", "format", "pattern")


def check_hostile_strings(probe: Probe) -> None:
    """Check that each string is accepted where the spec allows it, and never causes a failure."""
    request = make_sample(probe.session, probe.operation)
    parameters = list(_list_free_parameters(probe))
    for first in range(0, len(parameters), len(TEXTS)):
        _StringSender(probe, request, parameters[first : first + len(TEXTS)]).send_all()
        probe.check_responses()  # pages of a hundred parameters would take 400 MB
    _check_truncated_body(probe, request)


class _StringSender:
    """Sends each string in each of a few query parameters.

    One request has another string in each parameter. If it is rejected, and where the rows show
    which string the server read, each parameter gets its string alone.
    """

    def __init__(self, probe: Probe, request: Sample, parameters: Sequence[Parameter]) -> None:
        self.probe, self.request, self.parameters = probe, request, parameters
        listing = probe.operation.listing
        self.searched_names = {s.parameter for s in listing.searches} if listing else set[str]()
        self.can_combine = True

    def send_all(self) -> None:
        titles = list(TEXTS)
        for turn in range(len(titles)):
            alone = [
                (parameter, titles[(index + turn) % len(titles)])
                for index, parameter in enumerate(self.parameters)
            ]
            together = [pair for pair in alone if self._needs_no_other(*pair)]
            is_combined = self.can_combine and len(together) > 1
            if is_combined and self._is_accepted(together):
                alone = [pair for pair in alone if not self._needs_no_other(*pair)]
                is_combined = False
            accepted = [self._send(*pair) for pair in alone]
            if is_combined and all(accepted):  # then the parameters exclude each other
                self.can_combine = False

    def _needs_no_other(self, parameter: Parameter, title: str) -> bool:
        """Return whether only the status matters, and the spec allows the string."""
        return parameter.name not in self.searched_names and self._is_right(parameter, title)

    def _is_right(self, parameter: Parameter, title: str) -> bool:
        return is_valid(self.probe.spec, parameter.schema_pointer, TEXTS[title])

    def _is_accepted(self, pairs: Sequence[tuple[Parameter, str]]) -> bool:
        arguments = {parameter.name: TEXTS[title] for parameter, title in pairs}
        exchange = self._try(arguments)
        return exchange is not None and exchange.ok

    def _try(self, arguments: dict[str, str]) -> Exchange | None:
        return self.probe.try_send({**self.request.arguments, **arguments}, body=self.request.body)

    def _send(self, parameter: Parameter, title: str) -> bool:
        """Send one string, and report a wrong response; return whether it was accepted."""
        string = TEXTS[title]
        exchange = self._try({parameter.name: string})
        if exchange is None:
            return True
        # The previous string may have deleted or changed the row that this one is sent to.
        operation = self.probe.operation
        is_known = operation.is_read and not self.request.invented
        otherwise = _OTHERWISE if is_known else _OTHERWISE | {404, 409, 410}
        is_rejected = 400 <= exchange.status < 500 and exchange.status not in otherwise
        is_tolerated = can_be_rejected(self.probe.spec, operation, exchange)
        if is_rejected and self._is_right(parameter, title) and not is_tolerated:
            message = f"the server rejected a valid request because of a string: {title}"
            got = f"{format_response(exchange)} to {describe(string)}"
            pointer, where = parameter.pointer, parameter.name
            self.probe.report_rejection(exchange, message, pointer, got=got, where=where)
        elif exchange.ok:
            _check_found(self.probe, parameter, string, exchange)
        return exchange.ok


def _check_truncated_body(probe: Probe, request: Sample) -> None:
    """Check that a JSON body without its last character is rejected."""
    media = probe.operation.body.json if probe.operation.body else None
    if media is None or not (is_object(request.body) or is_array(request.body)):
        return
    right = probe.session.choose_credentials(probe.operation)
    outgoing = build_outgoing(probe.spec, probe.operation, request.arguments, request.body, right)
    exchange = probe.session.send_raw(
        probe.operation, attrs.evolve(outgoing, body=outgoing.body[:-1])
    )
    if exchange.ok:
        probe.report(
            "request.invalid.accepted",
            media.pointer,
            message="the server accepted a body that is not JSON",
            expected="a rejection (4xx)",
            got=str(exchange.status),
            exchange=exchange,
        )


def _list_free_parameters(probe: Probe) -> Iterator[Parameter]:
    """Yield the query parameters that allow any string."""
    listing = probe.operation.listing
    page_parameters = listing.page.parameters if listing else ()
    for parameter in probe.operation.parameters:
        schemas = [schema for _, schema in list_branches(probe.spec, parameter.schema_pointer)]
        shaped = any(keyword in schema for schema in schemas for keyword in _SHAPES)
        types = list_types(probe.spec, parameter.schema_pointer)
        free = "string" in types and not shaped and not types & _NUMBERS
        if parameter.location == "query" and free and parameter.name not in page_parameters:
            yield parameter


def make_hostile_bodies(spec: Spec, schema_pointer: str, base: Any, first: int) -> Iterator[Any]:
    """Return `BODIES` valid bodies with a hostile string in each free field of `base`.

    Those of the first one are letters, which every server has to keep.
    """
    fields = [
        value_path
        for value_path in list_value_paths(spec, schema_pointer)
        if _is_free_field(value_path)
    ]
    lists = {
        value_path.path[0]: [_FOREIGN]
        for value_path in list_value_paths(spec, schema_pointer)
        if value_path.path[1:] == (EACH,)
        and _is_free(value_path)
        and _is_allowed(spec, schema_pointer, value_path, _FOREIGN)
    }
    if not is_object(base) or not (fields or lists):
        return
    strings: Iterator[str] = islice(cycle(TEXTS.values()), first % len(TEXTS), None)
    for number in range(BODIES):
        body = dict(base)
        strings = chain([_FOREIGN] * len(fields), strings) if number == 0 else strings
        for field in fields:
            right = (
                candidate
                for candidate in islice(strings, len(TEXTS))
                if _is_allowed(spec, schema_pointer, field, candidate)
            )
            string = next(right, None)
            if string is not None:
                body[field.path[0]] = string
        yield {**body, **lists} if number == 0 else body


def lengthen_values(spec: Spec, schema_pointer: str, body: Any) -> Any:
    """Return a body with values that a careless server cuts or loses.

    Free strings have the maximum length, numbers a fraction, times an offset, and no field its
    default.
    """
    if not is_object(body):
        return body
    stretched = dict(body)
    for value_path in list_value_paths(spec, schema_pointer):
        name = value_path.path[0] if len(value_path.path) == 1 else ""
        if name not in body or value_path.is_read_only:
            continue
        limits = [schema["maxLength"] for _, schema in value_path.schemas if "maxLength" in schema]
        values: list[Any] = []
        if _is_free_field(value_path) and limits:
            values = [_LETTERS[: min(limits)]]
        elif "number" in value_path.types and value_path.types <= {"null", "number", "string"}:
            values = [19.99, 0.5, 0.25]
        elif any(schema.get("format") == "date-time" for _, schema in value_path.schemas):
            values = [_TIME]
        elif is_default(value_path, body[name]):
            pointer = find_schema_at(spec, schema_pointer, join(name)) or ""
            candidates = cover(spec, pointer, _CANDIDATES, "request") if pointer else ()
            values = [v for v in candidates if v is not None and not is_default(value_path, v)]
        usable = (
            value
            for value in values
            if value != "" and _is_allowed(spec, schema_pointer, value_path, value)
        )
        stretched[name] = next(usable, body[name])
    return stretched


def is_default(value_path: ValuePath, value: Any) -> bool:
    """Return whether a value is the documented default of a field."""
    return any("default" in s and is_same(s["default"], value) for _, s in value_path.schemas)


def add_items(spec: Spec, schema_pointer: str, body: Any) -> Any:
    """Return a body whose lists of one object have another one, with other strings and numbers.

    Where the objects refer to rows, it takes the place of the first: two lines of a product may
    become one.
    """
    if not is_object(body):
        return body
    longer = dict(body)
    referring = {
        path[0] for path in (r.path for r in list_references(spec, schema_pointer)) if path
    }
    for name, items in body.items():
        if not is_array(items) or len(items) != 1 or not is_object(items[0]):
            continue
        other = items[0]
        for value_path in list_value_paths(spec, schema_pointer):
            key = value_path.path[2] if len(value_path.path) == 3 else ""
            if value_path.path[:2] != (name, EACH) or key not in other:
                continue
            value = _OTHER if _is_free(value_path) else other[key]
            is_reference = bool(list_references(spec, value_path.schemas[0][0]))
            if type(value) is int and not is_reference:
                value += 1
            elif value == other[key] and isinstance(value, str) and not is_reference:
                others = cover(spec, value_path.schemas[0][0], _CANDIDATES, "request")
                value = next(
                    (o for o in others if isinstance(o, str) and o not in ("", value)), value
                )
            changed = {**other, key: value}
            if is_valid(spec, schema_pointer, {**longer, name: [changed]}, "request"):
                other = changed
        candidate = {**longer, name: [other] if name in referring else [*items, other]}
        if other != items[0] and is_valid(spec, schema_pointer, candidate, "request"):
            longer = candidate
    return longer


def _is_free_field(value_path: ValuePath) -> bool:
    is_named = len(value_path.path) == 1 and value_path.path[0] not in {EACH, KEYS}
    return is_named and _is_free(value_path)


def _is_free(value_path: ValuePath) -> bool:
    """Return whether a value can be any string."""
    schemas = [schema for _, schema in value_path.schemas]
    shaped = any(keyword in schema for schema in schemas for keyword in (*_SHAPES, REFERENCE))
    is_text = "string" in value_path.types and not value_path.types & _NUMBERS
    return is_text and not shaped and not value_path.is_read_only


def _is_allowed(spec: Spec, schema_pointer: str, value_path: ValuePath, value: Any) -> bool:
    """Return whether a field, or an item of its list, may have a value: one alternative allows it.

    `schema_pointer` is that of the whole body.
    """
    steps = ("0" if step == EACH else step for step in value_path.path)
    pointer = find_schema_at(spec, schema_pointer, join(*steps))
    return pointer is not None and is_valid(spec, pointer, value, "request")


def _check_found(probe: Probe, parameter: Parameter, string: str, exchange: Exchange) -> None:
    """Check that the rows of a search contain the string, unless a database cuts it at its NUL."""
    listing = probe.operation.listing
    page = read_page(listing, exchange, {}) if listing and "\0" not in string else None
    if listing is None or page is None:
        return
    for search in listing.searches:
        if search.parameter == parameter.name:
            check_search(probe, search, string, Walk(listing, [page], is_complete=False))
