"""Shared by the mutants of a listing: its rules, its query, and its pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs

from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.mutation.mutants import (
    Breaks,
    BrokenMock,
    Clause,
    Mutant,
    operator,
    replace_json,
    replace_request_body,
)
from driftline.openapi import (
    MISSING,
    Listing,
    Operation,
    Spec,
    change_value,
    follow,
    is_array,
    is_object,
    join,
    split,
)

Query = dict[str, Any]
Rewrite = Callable[[Any, "Query", BrokenMock, HttpRequest], Any]


@attrs.frozen
class ListingContext:
    """A listing."""

    spec: Spec
    operation: Operation
    listing: Listing

    def build_mutant(
        self, kind: str, keys: tuple[str, ...], breaks: Breaks | None, *ids: str, **more: Any
    ) -> Mutant:
        """Return a mutant of a key of `x-listing`."""
        about = self.operation.pointer + "/x-listing"
        clause = Clause(
            self.operation, f"listing.{kind}", about + join(*keys), str(more.pop("part", ""))
        )
        siblings = {about + join(*keys[:count]) for count in range(1, len(keys))}
        pointers = frozenset(siblings | {about + join(*path) for path in more.pop("near", ())})
        return Mutant.build(self.spec, clause, breaks, *ids, pointers=pointers, **more)

    def build_mock(self, server: BrokenMock, key: Any, **changes: Any) -> Mock:
        """Return a mock with the same rows whose listing is changed; `key` names the change."""
        siblings: dict[Any, Mock] = server.memory.setdefault("siblings", {})
        if key not in siblings:
            replacement = attrs.evolve(
                self.operation, listing=attrs.evolve(self.listing, **changes)
            )
            operations = (
                replacement if operation.id == replacement.id else operation
                for operation in server.spec.operations
            )
            spec = attrs.evolve(server.spec, operations=tuple(operations))
            siblings[key] = server.build_sibling(spec)
        return siblings[key]

    @property
    def size_word(self) -> tuple[str, str]:
        return ("size", "parameter" if self.listing.size.parameter else "fixed")


def listing_operator(
    generate: Callable[[ListingContext], Iterable[Mutant]],
) -> Callable[[ListingContext], Iterable[Mutant]]:
    """Register the decorated function for operations with `x-listing`."""

    @operator
    @wraps(generate)
    def generate_for(spec: Spec, operation: Operation) -> Iterable[Mutant]:
        listing = operation.listing
        return generate(ListingContext(spec, operation, listing)) if listing else ()

    return generate


def has_word(about: ListingContext, *keys: str) -> bool:
    """Return whether the listing has this key."""
    value = follow(about.spec.get_node(about.operation.pointer + "/x-listing"), join(*keys))
    return value is not MISSING


def parse_query(operation: Operation, request: HttpRequest) -> Query:
    """Return the query by name, the last of several, and the fields of a JSON body as `/name`.

    With the documented headers of the request, unless a query parameter has the same name.
    """
    try:
        body = json.loads(request.body) if request.body else None
    except (ValueError, RecursionError):
        body = None
    fields = {join(name): value for name, value in body.items()} if is_object(body) else {}
    headers = {
        name: value
        for name in _list_header_names(operation)
        if (value := request.get_header(name)) is not None
    }
    return {**headers, **dict(parse_qsl(request.query, keep_blank_values=True)), **fields}


def replace_query(operation: Operation, request: HttpRequest, query: Query) -> HttpRequest:
    """Return the request with another query, other documented headers and fields of the body."""
    names = _list_header_names(operation)
    lower_names = {name.lower() for name in names}
    headers = [pair for pair in request.headers if pair[0].lower() not in lower_names]
    headers += [(name, str(query[name])) for name in names if name in query]
    parameters = {
        name: value
        for name, value in query.items()
        if not name.startswith("/") and name not in names
    }
    fields = {split(name)[0]: value for name, value in query.items() if name.startswith("/")}
    request = attrs.evolve(request, query=urlencode(parameters), headers=tuple(headers))
    if not fields and not request.body:
        return request
    return replace_request_body(request, "application/json", json.dumps(fields).encode())


def _list_header_names(operation: Operation) -> list[str]:
    return [
        parameter.name
        for parameter in operation.parameters
        if parameter.location == "header" and operation.find_parameter(parameter.name) is None
    ]


def edit_replies(rewrite: Rewrite) -> Breaks:
    """Change the body of every page."""

    def breaks(server: BrokenMock, operation: Operation, request: HttpRequest) -> HttpResponse:
        response = server.mock.handle(request)
        if response.status != 200:
            return response
        query = parse_query(operation, request)
        return replace_json(response, rewrite(response.parse_json(), query, server, request))

    return breaks


def edit_metadata(pointer: str, change: Callable[[Any], Any]) -> Breaks:
    """Change the value at `pointer` on every page."""
    path = tuple(split(pointer))

    def rewrite(body: Any, *_: Any) -> Any:
        return change_value(body, path, change)

    return edit_replies(rewrite)


def edit_rows(about: ListingContext, change: Callable[[list[Any], Query], list[Any]]) -> Breaks:
    """Change the rows of every page."""
    path = tuple(split(about.listing.items))

    def rewrite(body: Any, query: Query, *_: Any) -> Any:
        return change_value(
            body, path, lambda rows: change(rows, query) if is_array(rows) else rows
        )

    return edit_replies(rewrite)


def replace_value(value: Any, _: Any) -> Any:
    """Return an edit that sets `value`."""
    return value


def make_other_value(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else value
