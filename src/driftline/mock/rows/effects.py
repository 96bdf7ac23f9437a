"""The effects of operations: page through rows, read, create, change or delete a row."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import attrs

from driftline.errors import UsageError
from driftline.mock.clock import MockClock
from driftline.mock.http.arguments import Arguments
from driftline.mock.http.messages import HttpRequest, HttpResponse, Rejection
from driftline.mock.page_builder import PageBuilder
from driftline.mock.response_builder import ResponseBuilder
from driftline.mock.rows.bulk import build_success_without_effect
from driftline.mock.rows.index import IndexedRow, change_row
from driftline.mock.rows.keys import encode_text
from driftline.mock.rows.paging import build_page_url, find_page
from driftline.mock.rows.references import fill_with_ids, list_candidates, reject_unknown_ids
from driftline.mock.rows.replies import Replies, Tombstones
from driftline.mock.rows.seed_rows import STEP, TRIES, find_most_rows, find_row_schema, make_row
from driftline.mock.rows.store import Store
from driftline.mock.rows.versions import add_row_etag, require_version
from driftline.openapi import (
    MISSING,
    Effect,
    Listing,
    Operation,
    Spec,
    add_defaults,
    find_envelope,
    find_item_schema,
    find_parameter_schema,
    find_parent_fields,
    find_schema_at,
    find_sent_row,
    follow,
    is_hidden,
    is_object,
    is_valid,
    join,
    keep_attributes,
    list_parents,
    list_references,
    list_violations,
    resolve_schema,
    split,
)


class EffectHandler:
    """The effects of one API's operations on its rows."""

    def __init__(
        self, spec: Spec, store: Store, responses: ResponseBuilder, clock: MockClock
    ) -> None:
        self._spec, self._store, self._responses, self._clock = spec, store, responses, clock
        self._pages = PageBuilder(responses)
        self._replies = Replies(store.database, spec.name)
        self._tombstones = Tombstones(store.database, spec.name)
        self._defaults: dict[str, Mapping[str, Any]] = {}

    def respond(
        self,
        operation: Operation,
        path: str,
        arguments: Arguments,
        body: Any,
        request: HttpRequest,
    ) -> HttpResponse:
        """Return the response to a valid request, after applying its effect.

        Raises:
            Rejection: a row does not exist, or exists already.
            SpecError: the spec allows no response.
        """
        reject_unknown_ids(self._spec, self._store, operation, arguments, body)
        if operation.listing is not None:
            if "{" in operation.path:
                self._tombstones.record(operation, path)
            return self._list_rows(operation, operation.listing, arguments, body, request)
        effect = operation.effect
        if effect is None:
            self._tombstones.record(operation, path)
            return build_success_without_effect(self._responses, operation, body)
        body = find_sent_row(self._spec, operation, body)
        if effect.kind == "create":
            return self._create_once(operation, effect, arguments, body)
        new = self._find_new_id(operation, effect, arguments)
        if new and is_object(body):
            return self._create(operation, effect, arguments, {**body, **new}, status=201)
        row = self._touch(operation, effect, arguments, body)
        if effect.kind == "delete":  # an operation without an effect does not know the rows
            self._tombstones.record(operation, path)
        if effect.item is None:
            return self._build_plain_success(operation)
        response = self._responses.build_success(
            operation, self._present_row(operation, effect, row), item=effect.item
        )
        return add_row_etag(self._spec, operation, response, row)

    def _build_plain_success(self, operation: Operation) -> HttpResponse:
        return self._responses.build_success(operation, self._responses.build_envelope(operation))

    def _list_rows(
        self,
        operation: Operation,
        listing: Listing,
        arguments: Arguments,
        body: Any,
        request: HttpRequest,
    ) -> HttpResponse:
        self._store.ensure(operation.id)
        requested = {
            **self._list_defaults(operation),
            **arguments,
            **self._read_body(operation, listing, body),
        }
        key = f"{operation.id} {requested!r}"
        if listing.page.is_followed:  # the response has the request's URLs
            key += f" {build_page_url(request, listing, None)}"
        return self._store.cache(key, lambda: self._page(operation, requested, request))

    def put(self, listing: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Add a row with these fields and generated others, or change the row with their ID.

        Raises:
            UsageError: the listing does not exist, or the row would violate the spec.
        """
        operation = self.find_listing(listing)
        assert operation.listing is not None  # noqa: S101 (it is one)
        schema_pointer = find_row_schema(self._spec, operation)
        with self._store.open_write():
            row_id = follow(fields, operation.listing.id)
            row = None if row_id is MISSING else self._store.get(listing, row_id)
            if row is None:
                row = self._build_row(operation, schema_pointer, self._store.take_number(), fields)
            data = {**row.data, **fields}
            for violation in list_violations(self._spec, schema_pointer, data):
                message = f"invalid row of {listing}: {violation.path} {violation.message}"
                raise UsageError(message, f"See {self._spec.locate(violation.clause)}.")
            row_id = follow(data, operation.listing.id)
            self._store.put(listing, IndexedRow(row_id, data, row.hidden_strings, row.next_change))
        return data

    def find_listing(self, name: str) -> Operation:
        """Return the listing of this name.

        Raises:
            UsageError: it does not exist.
        """
        operation = self._spec.find_operation(name)
        if operation is None or operation.listing is None:
            listings = ", ".join(self._store.indexes) or "none"
            message = f"unknown listing {name!r} of {self._spec.name}"
            raise UsageError(message, f"Choose one of: {listings}.")
        return operation

    def _list_defaults(self, operation: Operation) -> Mapping[str, Any]:
        """Return the values of the parameters that a request leaves out."""
        if operation.id not in self._defaults:
            pointers = {param.name: param.schema_pointer for param in operation.parameters}
            schemas = {name: resolve_schema(self._spec, at) for name, at in pointers.items()}
            self._defaults[operation.id] = {
                name: schema["default"]
                for name, schema in schemas.items()
                # null is nothing, and a default outside its own schema is an error of the document.
                if schema.get("default") is not None
                and is_valid(self._spec, pointers[name], schema["default"], "request")
            }
        return self._defaults[operation.id]

    def _read_body(self, operation: Operation, listing: Listing, body: Any) -> Mapping[str, Any]:
        """Return the listing parameters in a request body, with defaults."""
        defaults: dict[str, Any] = {}
        for name in listing.body_parameters:
            schema_pointer = find_parameter_schema(self._spec, operation, name)
            if schema_pointer and "default" in (
                schema := resolve_schema(self._spec, schema_pointer)
            ):
                defaults[name] = schema["default"]
        return {**defaults, **listing.read_body(body)}

    def _page(
        self, operation: Operation, arguments: Arguments, request: HttpRequest
    ) -> HttpResponse:
        max_rows = find_most_rows(self._spec, operation.id)
        page = find_page(operation, self._store, arguments, request, max_rows)
        return self._pages.build(operation, page)

    def _touch(
        self, operation: Operation, effect: Effect, arguments: Arguments, body: Any
    ) -> IndexedRow:
        """Apply an operation to the row that a request names, and return it."""
        assert effect.of is not None  # noqa: S101 (the vocabulary's schema says so)
        if effect.kind == "read":
            row = self._find_row(operation, effect, arguments)
        else:
            with self._store.open_write():
                row = self._find_row(operation, effect, arguments)
                if row is not None:
                    require_version(operation, arguments, row)
                if row is not None and effect.kind == "delete":
                    self._store.remove(effect.of, row.id)
                elif row is not None and is_object(body):
                    if operation.method == "PUT":
                        body = add_defaults(self._spec, operation, body)
                    changes = self._select_changes(operation, effect, body)
                    if operation.method == "PATCH":
                        keep_attributes(row.data, body, changes)
                    listing = self.find_listing(effect.of).listing
                    row = change_row(listing, row, changes)
                    self._store.put(effect.of, row)
        if row is None:
            raise Rejection(404, f"unknown {operation.resource}")
        return row

    def _find_row(
        self, operation: Operation, effect: Effect, arguments: Arguments
    ) -> IndexedRow | None:
        """Return the row that a request names, unless it belongs to another parent."""
        row = self._store.get(effect.of or "", arguments.get(effect.id or ""))
        for name, field in list_parents(self._spec, operation) if row else ():
            parent = follow(row.data, field) if row else MISSING
            if parent is not MISSING and str(parent) != str(arguments.get(name)):
                return None
        return row

    def _find_new_id(
        self, operation: Operation, effect: Effect, arguments: Arguments
    ) -> Mapping[str, Any]:
        """Return the id of the row that a PUT creates, as its field; empty if it creates none."""
        listing = self._spec.find_operation(effect.of or "")
        if not operation.creates_by_put or listing is None or listing.listing is None:
            return {}
        if self._store.get(effect.of or "", arguments.get(effect.id or "")) is not None:
            return {}
        names = split(listing.listing.id)
        return {names[0]: arguments[effect.id or ""]} if len(names) == 1 else {}

    def _select_changes(
        self, operation: Operation, effect: Effect, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the fields of a body that a row has and a client may set, at any depth.

        Servers ignore the others, and a response may not have every value that a request may.
        """
        listing = self._spec.find_operation(effect.of or "")
        rows = find_row_schema(self._spec, listing) if listing else None
        pointers = list(filter(None, (rows, find_item_schema(self._spec, operation))))
        targets = {name: self._find_field(pointers, name) for name in body}
        changes: dict[str, Any] = {}
        for name, schema_pointer in targets.items():
            node = self._spec.get_node(schema_pointer) if schema_pointer else None
            if schema_pointer is None or is_hidden(self._spec.document, node, "readOnly"):
                continue
            value = self._responses.adopt(schema_pointer, body[name], 0)
            if value is not MISSING:
                changes[name] = value
        return changes

    def _find_field(self, pointers: Sequence[str], name: str) -> str | None:
        targets = (find_schema_at(self._spec, pointer, join(name)) for pointer in pointers)
        return next(filter(None, targets), None)

    def _present_row(self, operation: Operation, effect: Effect, row: IndexedRow) -> Any:
        """Return a row in the form of an operation's response."""
        schema_pointer = find_item_schema(self._spec, operation)
        listing = self._spec.find_operation(effect.of or "")
        if schema_pointer is None or listing is None:
            return None
        return self._fit_row(schema_pointer, listing, row)

    def _fit_row(
        self, schema_pointer: str, listing: Operation, row: IndexedRow, *sources: Mapping[str, Any]
    ) -> Any:
        """Return a row as a value of a schema, which may have other fields."""
        if (
            self._spec.resolve(schema_pointer)[0]
            == self._spec.resolve(find_row_schema(self._spec, listing))[0]
        ):
            return dict(row.data) if is_object(row.data) else row.data
        item = self._responses.make_item(
            schema_pointer, zlib.crc32(encode_text(str(row.id))), *sources, row.data
        )
        return self._fill(schema_pointer, item, row.id, row.data)

    def _fill(
        self, schema_pointer: str, value: Any, row_id: Any, kept_fields: Collection[str]
    ) -> Any:
        """Return a value with ids of existing rows, except in the fields `kept_fields`."""
        seed = f"{self._responses.data.base_seed}:{row_id}"
        return fill_with_ids(
            self._spec,
            schema_pointer,
            value,
            list_candidates(self._store),
            seed=seed,
            kept_fields=kept_fields,
        )

    def _create_once(
        self, operation: Operation, effect: Effect, arguments: Arguments, body: Any
    ) -> HttpResponse:
        """Create a row; repeat the response for the same body and idempotency key."""
        key = arguments.get(operation.idempotency_key or "")
        if key is None:
            return self._create(operation, effect, arguments, body)
        request = json.dumps([operation.id, key, body], sort_keys=True)
        with self._store.open_write():
            reply = self._replies.find_reply(request)
            if reply is None:
                reply = self._create(operation, effect, arguments, body)
                self._replies.keep(request, reply)
        return reply

    def _create(
        self,
        operation: Operation,
        effect: Effect,
        arguments: Arguments,
        body: Any,
        *,
        status: int = 0,
    ) -> HttpResponse:
        fields = add_defaults(self._spec, operation, body) if is_object(body) else dict[str, Any]()
        if effect.of:
            self._store.ensure(effect.of)
            self._ensure_referenced(effect.of)
        envelope = find_envelope(self._spec, operation)
        unique = {field: follow(fields, field.removeprefix(envelope)) for field in effect.unique}
        unique = {field: value for field, value in unique.items() if value is not MISSING}
        with self._store.open_write():
            where = self._store.take(effect.of or operation.id, unique)
            if where is not None:
                status = 409 if operation.find_response(409) else 400
                raise Rejection(status, f"body{where}: another {operation.resource} has this value")
            schema_pointer = find_item_schema(self._spec, operation)
            if schema_pointer is None:
                return self._build_plain_success(operation)
            number = self._store.take_number()
            listing = self._spec.find_operation(effect.of) if effect.of else None
            if listing is not None:
                for name, field in find_parent_fields(self._spec, operation, listing):
                    fields = {**fields, split(field)[0]: arguments[name]}
            if listing is None:
                item = self._responses.make_item(schema_pointer, number, fields)
            else:
                row = self._build_row(listing, schema_pointer, number, fields)
                self._store.put(listing.id, row)
                item = self._fit_row(schema_pointer, listing, row, fields)
        return self._responses.build_success(operation, item, item=effect.item, status=status)

    def _ensure_referenced(self, listing: str) -> None:
        """Generate the initial rows of the listings that rows of this one refer to."""
        schema_pointer = find_row_schema(self._spec, self.find_listing(listing))
        for reference in list_references(self._spec, schema_pointer):
            self._store.ensure(reference.of)

    def _build_row(
        self, listing: Operation, schema_pointer: str, number: int, fields: Mapping[str, Any]
    ) -> IndexedRow:
        """Return a row with a new ID, unless the request has one."""
        assert listing.listing is not None  # noqa: S101 (`of` names a listing)
        now = self._clock.read_now()
        for index in range(number, number + STEP * TRIES, STEP):
            item = self._responses.make_item(schema_pointer, index, fields)
            row = make_row(listing, self._responses, index, fields, item, now=now)
            is_chosen = follow(fields, listing.listing.id) == row.id
            if is_chosen or self._store.get(listing.id, row.id) is None:
                kept_fields = {*fields, *split(listing.listing.id)[:1]}
                data = self._fill(
                    find_row_schema(self._spec, listing), row.data, row.id, kept_fields
                )
                return attrs.evolve(row, data=data)
        raise Rejection(507, "no unused id is left")
