"""Responses: documented envelopes, filled with values."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from http.client import responses
from typing import Any
from uuid import uuid4

import attrs

from driftline.errors import SpecError
from driftline.file_formats import find_format_problem
from driftline.media import VALUE_KINDS
from driftline.mock.documents import put, remove_at
from driftline.mock.fake.data import Data
from driftline.mock.fake.hidden import remove_hidden
from driftline.mock.http.messages import (
    Headers,
    HttpResponse,
    Rejection,
    build_json_response,
    encode_json,
)
from driftline.mock.http.rendering import choose_concrete_name, render
from driftline.mock.outcome import BODILESS, find_outcome
from driftline.mock.rows.paging import RowPage
from driftline.openapi import (
    MISSING,
    Listing,
    MediaType,
    Operation,
    Response as Documented,
    Spec,
    find_schema_at,
    find_undocumented_fields,
    is_array,
    is_hidden,
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
_PROBLEM = "application/problem+json"
_OWN_HEADERS = frozenset(
    {"content-type", "content-length", "content-encoding", "transfer-encoding"}
)
"""Headers of a body that the mock sets itself, whatever the document says."""
_NEAR = {400: (422,), 401: (403,), 415: (400, 422), 422: (400,)}
"""Alternatives for a status that a document does not have."""


class ResponseBuilder:
    """The responses of one API."""

    def __init__(self, spec: Spec, data: Data) -> None:
        self.spec = spec
        self.data = data
        self._envelopes: dict[str, Any] = {}
        self._page_parts: dict[tuple[str, bool], list[_Part]] = {}
        self._documented_headers: dict[str, Headers] = {}
        self._errors: dict[str, bytes] = {}

    def build_success(
        self,
        operation: Operation,
        body: Any = None,
        *,
        item: str | None = None,
        status: int = 0,
    ) -> HttpResponse:
        """Return the documented success with `body` at `item`, or unchanged if item is None.

        `status` is another documented one than the first success.
        """
        documented_response, usual = find_outcome(operation)
        documented_response = operation.find_response(status) if status else documented_response
        status = status or usual
        if documented_response is None:
            return HttpResponse(status)
        headers = self._make_headers(documented_response)
        media = documented_response.json
        if media is None or status in BODILESS:
            return HttpResponse(status, (*headers, ("Content-Length", "0")))
        if item is not None:
            body = put(self.build_envelope(operation), item, body)
        return build_json_response(
            status, body, media_type=choose_concrete_name(media), headers=headers
        )

    def page(self, operation: Operation, page: RowPage) -> HttpResponse:
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
        response = self.build_success(operation, content.encode())
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
        values = [self.data.make_value(header.schema_pointer, 0) for header in headers]
        members = values[0] if values and is_object(values[0]) else {}
        return ((name, encode_json({**members, member: total})),)

    def _shape(self, operation: Operation, listing: Listing, *, is_last: bool) -> list[_Part]:
        """Return the envelope of a page as JSON, with placeholders."""
        body = put(self.build_envelope(operation), listing.items, f"{_MARK} items")
        if listing.total is not None:
            body = put(body, listing.total, f"{_MARK} total")
        if listing.page.more is not None:
            body = put(body, listing.page.more, f"{_MARK} more")
        if listing.page.next is not None:
            takes = partial(self._is_allowed, operation, listing.page.next)
            if is_last and not takes(None):
                # An empty string ends a listing that has to say what comes next, as null does.
                is_needed = takes("") and self._is_required(operation, listing.page.next)
                body = (
                    put(body, listing.page.next, "")
                    if is_needed
                    else remove_at(body, listing.page.next)
                )
            else:
                # The ID of a row may be a number where the cursor is text.
                is_text = not is_last and takes("0") and not takes(0)
                body = put(body, listing.page.next, f"{_MARK} next{' text' * is_text}")
        for name, pointer in listing.echo.items():
            body = put(body, pointer, f"{_MARK} echo {name}")
        parts = re.split(f'"{_MARK} ([a-zA-Z ]+)"', encode_json(body))
        return [(bool(position % 2), part) for position, part in enumerate(parts)]

    def build_envelope(self, operation: Operation) -> Any:
        """Return a new copy of the envelope: the document's example, or a generated one."""
        if operation.id not in self._envelopes:
            documented_response, _ = find_outcome(operation)
            media = documented_response.json if documented_response else None
            if media is None:
                return None
            envelope = next(
                self._list_valid_examples(media), MISSING if media.schema_pointer else None
            )
            if envelope is MISSING:
                # The example that is always sent shows every field: clients see nothing else.
                envelope = self.data.make_value(media.schema_pointer, 0, is_full=True)
            if operation.listing and operation.listing.items:
                envelope = put(copy.deepcopy(envelope), operation.listing.items, [])
            self._envelopes[operation.id] = envelope
        return copy.deepcopy(self._envelopes[operation.id])

    def _list_valid_examples(self, media: MediaType) -> Iterator[Any]:
        """Yield the document's examples that match their schema."""
        schema_pointer = media.schema_pointer
        for example in media.examples.values():
            if not schema_pointer:
                yield example
                continue
            visible = remove_hidden(self.spec, schema_pointer, example, "response")
            if is_valid(self.spec, schema_pointer, visible, "response"):
                reduced = self.keep_known(schema_pointer, visible)
                yield (
                    visible
                    if not is_valid(self.spec, schema_pointer, reduced, "response")
                    else reduced
                )

    def make_item(self, schema_pointer: str, index: int, *sources: Mapping[str, Any]) -> Any:
        """Return a value for a schema with the same-named fields of `sources` that are valid."""
        item = self.data.make_value(schema_pointer, index)
        if not is_object(item):
            return item
        for source in sources:
            for field, value in source.items():
                field_pointer = find_schema_at(self.spec, schema_pointer, join(field))
                if field_pointer is None or is_hidden(
                    self.spec.document, self.spec.get_node(field_pointer), "writeOnly"
                ):
                    continue
                adopted_value = self.adopt(field_pointer, value, index)
                if adopted_value is not MISSING:
                    item[field] = adopted_value
        return item

    def adopt(self, schema_pointer: str, value: Any, index: int) -> Any:
        """Return a sent value as a response shows it, or MISSING if no response may show it.

        Fields that the response also requires are added.
        """
        reduced = self.keep_known(schema_pointer, value)
        visible = remove_hidden(self.spec, schema_pointer, reduced, "response")
        if not is_valid(self.spec, schema_pointer, visible, "response"):
            visible = self.keep_known(
                schema_pointer, self._complete(schema_pointer, visible, index)
            )
            if not is_valid(self.spec, schema_pointer, visible, "response"):
                return MISSING
        return visible

    def _complete(self, schema_pointer: str, value: Any, index: int) -> Any:
        """Return the value with generated fields in each object."""
        if is_array(value):
            item_pointer = find_schema_at(self.spec, schema_pointer, "/0")
            items = enumerate(value, index)
            return (
                [self._complete(item_pointer, item, turn) for turn, item in items]
                if item_pointer
                else value
            )
        if not is_object(value):
            return value
        pointers = {name: find_schema_at(self.spec, schema_pointer, join(name)) for name in value}
        members = {
            name: self._complete(pointer, value[name], index) if pointer else value[name]
            for name, pointer in pointers.items()
        }
        try:
            generated = self.data.make_value(schema_pointer, index)
        except SpecError:
            return members
        return {**generated, **members} if is_object(generated) else members

    def keep_known(self, schema_pointer: str, value: Any) -> Any:
        """Return a value without the fields that the schema does not know, at any depth."""
        for field in list(find_undocumented_fields(self.spec, schema_pointer, value)):
            value = json_pointer.remove(value, field.path)
        return value

    def convert(self, response: HttpResponse, media: MediaType) -> HttpResponse | None:
        """Return a response as another JSON media type documents it; None if it does not fit."""
        value = self.keep_known(media.schema_pointer, response.parse_json())
        if not is_valid(self.spec, media.schema_pointer, value, "response"):
            return None
        return response.replace_headers(body=encode_json(value).encode())

    def _is_allowed(self, operation: Operation, pointer: str, value: Any) -> bool:
        """Return whether a value is allowed at `pointer` of the operation's response."""
        media = operation.success.json if operation.success else None
        schema_pointer = find_schema_at(self.spec, media.schema_pointer, pointer) if media else None
        return schema_pointer is not None and is_valid(self.spec, schema_pointer, value, "response")

    def _is_required(self, operation: Operation, pointer: str) -> bool:
        """Return whether the operation's response has to have a member."""
        media = operation.success.json if operation.success else None
        *parents, name = json_pointer.split(pointer)
        owner = find_schema_at(self.spec, media.schema_pointer, join(*parents)) if media else None
        schemas = list_branches(self.spec, owner) if owner is not None else ()
        return any(name in schema.get("required", ()) for _, schema in schemas)

    def build_rejection(self, operation: Operation | None, rejection: Rejection) -> HttpResponse:
        """Return the documented response for a rejection, or the most similar one.

        Without one, a problem of RFC 9457.
        """
        rejection = _choose_documented_status(operation, rejection)
        problem = {
            "type": "about:blank",
            "title": responses.get(rejection.status, "Refused"),
            "status": rejection.status,
            "detail": rejection.message,
        }
        documented_response = operation.find_response(rejection.status) if operation else None
        headers: Headers = ()
        if documented_response is not None:
            try:
                headers = self._make_headers(documented_response)
                media = documented_response.json
                if media is not None and media.schema_pointer:
                    return self._build_rejection(documented_response, media, rejection, problem)
            except SpecError:
                """The document has no such response: the text is sent as a problem of RFC 9457."""
        answer = build_json_response(
            rejection.status, problem, media_type=_PROBLEM, headers=headers
        )
        if documented_response is not None and documented_response.content:
            kind, body = self._render_problem(documented_response, problem)
            answer = answer.replace_headers(("Content-Type", kind), body=body)
        return answer.replace_headers(*rejection.headers)

    def _render_problem(
        self, documented_response: Documented, problem: Mapping[str, Any]
    ) -> tuple[str, bytes]:
        """Return the problem in the documented media type; as text if that has no structure.

        Where only a file is documented, as an image is for every status, it is a file.
        """
        media = documented_response.json or min(
            documented_response.content, key=lambda candidate: candidate.kind != "text"
        )
        name, detail = choose_concrete_name(media), str(problem["detail"])
        value: Any = problem if media.kind in {*VALUE_KINDS, "xml"} else detail
        if value is detail and find_format_problem(media.kind, name, detail.encode()) is not None:
            value = None
        return render(self.spec, media, name, value)

    def _build_rejection(
        self,
        documented_response: Documented,
        media: MediaType,
        rejection: Rejection,
        problem: dict[str, Any],
    ) -> HttpResponse:
        content = self._write_error(media.schema_pointer)
        # Most errors have no message of their own: they are written once, and large ones often.
        is_fixed = media.name != _PROBLEM and documented_response.message is None
        body: Any = content if is_fixed else json.loads(content)
        if media.name == _PROBLEM and is_object(body):
            complete_body = {**body, **self.keep_known(media.schema_pointer, problem)}
            fits = is_valid(self.spec, media.schema_pointer, complete_body, "response")
            body = complete_body if fits else self.make_item(media.schema_pointer, 0, problem)
        if documented_response.message is not None:
            body = put(body, documented_response.message, rejection.message)
        headers = self._make_headers(documented_response)
        kind = choose_concrete_name(media)
        answer = build_json_response(rejection.status, body, media_type=kind, headers=headers)
        return answer.replace_headers(*rejection.headers)

    def _write_error(self, schema_pointer: str) -> bytes:
        """Return the JSON of an error with every field, which is the same each time."""
        if schema_pointer not in self._errors:
            body = self.data.make_value(schema_pointer, 0, is_full=True)
            self._errors[schema_pointer] = encode_json(body).encode()
        return self._errors[schema_pointer]

    def _make_headers(self, documented_response: Documented) -> Headers:
        """Return the required headers."""
        if documented_response.pointer not in self._documented_headers:
            self._documented_headers[documented_response.pointer] = tuple(
                (header.name, format_header(self.data.make_value(header.schema_pointer, 0)))
                for header in documented_response.headers
                if header.required
                and header.name.lower() not in _OWN_HEADERS
                and self.spec.get_node(header.schema_pointer) is not MISSING
            )
        return self._documented_headers[documented_response.pointer]


def format_header(value: Any) -> str:
    """Return a value as a header: one line of characters that HTTP allows."""
    if is_array(value):
        return ",".join(map(format_header, value))
    if is_object(value):
        return ",".join(f"{key},{format_header(member)}" for key, member in value.items())
    string = value if isinstance(value, str) else encode_json(value)
    return "".join(c if " " <= c <= "~" else " " for c in string)


def _choose_documented_status(operation: Operation | None, rejection: Rejection) -> Rejection:
    """Return the rejection with an equivalent documented status, if there is one."""
    if operation is None or operation.find_response(rejection.status) is not None:
        return rejection
    similar_statuses = (
        status for status in _NEAR.get(rejection.status, ()) if operation.find_response(status)
    )
    return attrs.evolve(rejection, status=next(similar_statuses, rejection.status))
