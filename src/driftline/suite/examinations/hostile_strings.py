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
    Parameter,
    Spec,
    describe,
    is_array,
    is_object,
    is_valid,
    list_branches,
    list_types,
    list_value_paths,
)
from driftline.suite.examinations.listings.searching import check_search
from driftline.suite.probe import Probe
from driftline.suite.samples import Sample, make_sample
from driftline.suite.telling_values import NUMBERS, SHAPES, is_allowed, is_free, is_free_field

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
BODIES: Final = 4
# Any request may be too long, or one request too many.
_OTHERWISE: Final = frozenset({413, 414, 429, 431})


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
        shaped = any(keyword in schema for schema in schemas for keyword in SHAPES)
        types = list_types(probe.spec, parameter.schema_pointer)
        free = "string" in types and not shaped and not types & NUMBERS
        if parameter.location == "query" and free and parameter.name not in page_parameters:
            yield parameter


def make_hostile_bodies(spec: Spec, schema_pointer: str, base: Any, first: int) -> Iterator[Any]:
    """Return `BODIES` valid bodies with a hostile string in each free field of `base`.

    Those of the first one are letters, which every server has to keep.
    """
    fields = [
        value_path
        for value_path in list_value_paths(spec, schema_pointer)
        if is_free_field(value_path)
    ]
    lists = {
        value_path.path[0]: [_FOREIGN]
        for value_path in list_value_paths(spec, schema_pointer)
        if value_path.path[1:] == (EACH,)
        and is_free(value_path)
        and is_allowed(spec, schema_pointer, value_path, _FOREIGN)
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
                if is_allowed(spec, schema_pointer, field, candidate)
            )
            string = next(right, None)
            if string is not None:
                body[field.path[0]] = string
        yield {**body, **lists} if number == 0 else body


def _check_found(probe: Probe, parameter: Parameter, string: str, exchange: Exchange) -> None:
    """Check that the rows of a search contain the string, unless a database cuts it at its NUL."""
    listing = probe.operation.listing
    page = read_page(listing, exchange, {}) if listing and "\0" not in string else None
    if listing is None or page is None:
        return
    for search in listing.searches:
        if search.parameter == parameter.name:
            check_search(probe, search, string, Walk(listing, [page], is_complete=False))
