"""Pages of listings: the envelope with rows and metadata."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import uuid4

from driftline.errors import SpecError
from driftline.mock.documents import put, remove_at
from driftline.mock.http.messages import Headers, HttpResponse, encode_json
from driftline.mock.outcome import find_outcome
from driftline.mock.response_builder import ResponseBuilder
from driftline.mock.rows.paging import RowPage
from driftline.openapi import (
    MISSING,
    Listing,
    Operation,
    find_schema_at,
    is_object,
    is_valid,
    join,
    list_branches,
    pointer as json_pointer,
)
from driftline.total_header import split_total_rule

_Part = tuple[bool, str]
_MARK = f"{uuid4()}"
"""A placeholder for a later value; no document contains it by chance."""


class PageBuilder:
    """The pages of all listings of one API."""

    def __init__(self, responses: ResponseBuilder) -> None:
        self._responses, self._spec = responses, responses.spec
        self._page_parts: dict[tuple[str, bool], list[_Part]] = {}

    def build(self, operation: Operation, page: RowPage) -> HttpResponse:
        """Return a page of a listing.

        The envelope with rows and metadata.
        """
        listing = operation.listing
        assert listing is not None  # noqa: S101 (only listings have pages)
        about = operation.id, page.next is None
        if about not in self._page_parts:
            self._page_parts[about] = self._shape(operation, listing, is_last=page.next is None)
        facts: Mapping[str, Any] = page.build_metadata() if listing.echo else {}
        # The rows are JSON already; parsing and writing them again would take most of the time.
        values = {
            "items": f"[{', '.join(page.rows)}]",
            "total": encode_json(page.total),
            "more": encode_json(page.more),
            "next": encode_json(page.next),
            "next text": encode_json(str(page.next)),
            **{f"echo {name}": encode_json(facts[name]) for name in listing.echo},
        }
        content = "".join(
            values[part] if is_name else part for is_name, part in self._page_parts[about]
        )
        response = self._responses.build_success(operation, content.encode())
        headers = (*page.headers, *self._announce_total(operation, listing, page.total))
        return response.replace_headers(*headers) if headers else response

    def _announce_total(self, operation: Operation, listing: Listing, total: int) -> Headers:
        """Return the header with the total; JSON also has what the header's schema requires."""
        if listing.total_header is None:
            return ()
        name, member = split_total_rule(listing.total_header)
        if not member:
            return ((name, str(total)),)
        success, _ = find_outcome(operation)
        headers = (h for h in (success.headers if success else ()) if h.name == name)
        values = [self._responses.data.make_value(header.schema_pointer, 0) for header in headers]
        members = values[0] if values and is_object(values[0]) else {}
        return ((name, encode_json({**members, member: total})),)

    def _shape(self, operation: Operation, listing: Listing, *, is_last: bool) -> list[_Part]:
        """Return the envelope of a page as JSON, with placeholders."""
        put_fact = partial(self._put_fact, operation)
        body = put_fact(self._responses.build_envelope(operation), listing.items, f"{_MARK} items")
        if listing.total is not None:
            body = put_fact(body, listing.total, f"{_MARK} total")
        if listing.page.more is not None:
            body = put_fact(body, listing.page.more, f"{_MARK} more")
        for name, pointer in listing.echo.items():
            body = put_fact(body, pointer, f"{_MARK} echo {name}")
        if listing.page.next is not None:
            takes = partial(self._is_allowed, operation, listing.page.next)
            if is_last and not takes(None):
                body = self._end(operation, listing.page.next, body)
            else:
                # The ID of a row may be a number where the cursor is text.
                is_text = not is_last and takes("0") and not takes(0)
                body = put_fact(body, listing.page.next, f"{_MARK} next{' text' * is_text}")
        parts = re.split(f'"{_MARK} ([a-zA-Z ]+)"', encode_json(body))
        return [(bool(position % 2), part) for position, part in enumerate(parts)]

    def _put_fact(self, operation: Operation, body: Any, pointer: str, value: str) -> Any:
        """Return the envelope with a fact; an object that it lacks gets all required members."""
        parent = pointer.rpartition("/")[0]
        schema_pointer = self._find_schema(operation, parent) if parent else None
        if schema_pointer is not None and json_pointer.follow(body, parent) is MISSING:
            with suppress(SpecError):
                body = put(body, parent, self._responses.data.make_value(schema_pointer, 0))
        return put(body, pointer, value)

    def _end(self, operation: Operation, pointer: str, body: Any) -> Any:
        """Return the envelope of the last page, for a `next` that cannot be null.

        An empty string ends a listing that has to say what comes next, as null does. If it cannot
        be empty either, the object around it may be missing.
        """
        parent = pointer.rpartition("/")[0]
        owner = json_pointer.follow(body, parent)
        if owner is MISSING or not self._is_required(operation, pointer):
            return remove_at(body, pointer)
        if self._is_allowed(operation, pointer, ""):
            return put(body, pointer, "")
        is_free = parent and _MARK not in encode_json(owner)
        can_be_absent = is_free and not self._is_required(operation, parent)
        return remove_at(body, parent if can_be_absent else pointer)

    def _find_schema(self, operation: Operation, pointer: str) -> str | None:
        """Return the schema of a part of the operation's response."""
        media = operation.success.json if operation.success else None
        return find_schema_at(self._spec, media.schema_pointer, pointer) if media else None

    def _is_allowed(self, operation: Operation, pointer: str, value: Any) -> bool:
        """Return whether a value is allowed at `pointer` of the operation's response."""
        schema_pointer = self._find_schema(operation, pointer)
        return schema_pointer is not None and is_valid(
            self._spec, schema_pointer, value, "response"
        )

    def _is_required(self, operation: Operation, pointer: str) -> bool:
        """Return whether the operation's response has to have a member."""
        *parents, name = json_pointer.split(pointer)
        owner = self._find_schema(operation, join(*parents))
        schemas = list_branches(self._spec, owner) if owner is not None else ()
        return any(name in schema.get("required", ()) for _, schema in schemas)
