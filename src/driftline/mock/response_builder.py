"""Responses: documented envelopes, filled with values."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from http.client import responses
from typing import Any

import attrs

from driftline.errors import SpecError
from driftline.file_formats import find_format_problem
from driftline.media import VALUE_KINDS
from driftline.mock.documents import put
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
from driftline.openapi import (
    MISSING,
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
    pointer as json_pointer,
)

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
