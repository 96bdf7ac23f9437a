"""What mutants of a listing are made of: its words, its query, and its pages with a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs

from driftline.mock import Request, Response
from driftline.mutation.mutants import Breaks, Broken, Clause, Mutant, with_json
from driftline.openapi.extensions.rules import Listing
from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import MISSING, follow, is_array, join, split
from driftline.openapi.value_paths import changed

__all__ = [
    "About",
    "Query",
    "has_word",
    "instead",
    "listed",
    "next_value",
    "query_of",
    "replied",
    "said",
    "with_query",
]

Query = dict[str, str]
Rewrite = Callable[[Any, "Query", Broken, Request], Any]


@attrs.frozen
class About:
    """A listing."""

    spec: Spec
    operation: Operation
    listing: Listing

    def mutant(
        self, kind: str, words: tuple[str, ...], breaks: Breaks | None, *ids: str, **more: Any
    ) -> Mutant:
        """A mutant of a word of `x-listing`."""
        about = self.operation.pointer + "/x-listing"
        clause = Clause(
            self.operation, f"listing.{kind}", about + join(*words), str(more.pop("place", ""))
        )
        siblings = {about + join(*words[:count]) for count in range(1, len(words))}
        near = frozenset(siblings | {about + join(*each) for each in more.pop("near", ())})
        return Mutant.of(self.spec, clause, breaks, *ids, pointers=near, **more)

    @property
    def is_single(self) -> bool:
        return self.listing.page.style == "single"

    @property
    def size_word(self) -> tuple[str, str]:
        return ("size", "parameter" if self.listing.size.parameter else "fixed")


def has_word(about: About, *words: str) -> bool:
    """Whether the listing says this."""
    value = follow(about.spec.node(about.operation.pointer + "/x-listing"), join(*words))
    return value is not MISSING


def query_of(request: Request) -> Query:
    """The query by name; of one that is given again and again, the last."""
    return dict(parse_qsl(request.query, keep_blank_values=True))


def with_query(request: Request, query: Query) -> Request:
    """The request with another query."""
    return attrs.evolve(request, query=urlencode(query))


def replied(rewrite: Rewrite) -> Breaks:
    """Changes the body of every page."""

    def breaks(server: Broken, _: Operation, request: Request) -> Response:
        response = server.mock.handle(request)
        if response.status != 200:
            return response
        return with_json(response, rewrite(response.json(), query_of(request), server, request))

    return breaks


def said(pointer: str, change: Callable[[Any], Any]) -> Breaks:
    """Changes what every page has at `pointer`."""
    path = tuple(split(pointer))

    def rewrite(body: Any, *_: Any) -> Any:
        return changed(body, path, change)

    return replied(rewrite)


def listed(about: About, change: Callable[[list[Any], Query], list[Any]]) -> Breaks:
    """Changes the rows of every page."""
    path = tuple(split(about.listing.items))

    def rewrite(body: Any, query: Query, *_: Any) -> Any:
        return changed(body, path, lambda rows: change(rows, query) if is_array(rows) else rows)

    return replied(rewrite)


def instead(value: Any, _: Any) -> Any:
    """`value`, whatever was there."""
    return value


def next_value(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else value
