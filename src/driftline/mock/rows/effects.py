"""What operations do: pages of rows, a row by its ID, rows that are made, changed or deleted."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from driftline.errors import UsageError
from driftline.mock.clock import Clock
from driftline.mock.http.arguments import Arguments
from driftline.mock.http.idempotency import Replies
from driftline.mock.http.messages import Response
from driftline.mock.http.rejection import Refusal
from driftline.mock.response_builder import Answers, json_of
from driftline.mock.rows.keys import text_key
from driftline.mock.rows.paging import page_of
from driftline.mock.rows.seed_rows import STEP, TRIES, new_row, row_schema
from driftline.mock.rows.store import Row, Store
from driftline.mock.rows.tombstones import Gone
from driftline.openapi import Operation, Spec
from driftline.openapi.extensions.rules import Effect
from driftline.openapi.pointer import MISSING, follow, is_object
from driftline.openapi.schema.validation import violations
from driftline.openapi.schema.walk import schema_at

__all__ = ["Effects"]


class Effects:
    """The effects of one API's operations on its rows."""

    def __init__(self, spec: Spec, store: Store, answers: Answers, clock: Clock) -> None:
        self._spec, self._store, self._answers, self._clock = spec, store, answers, clock
        self._replies = Replies(store.database, spec.name)
        self._gone = Gone(store.database, spec.name)

    def answer(self, operation: Operation, path: str, arguments: Arguments, body: Any) -> Response:
        """The answer to a right request, after what it does to the rows.

        Raises:
            Refusal: what it names is not there, or is there already.
            SpecError: the spec allows no answer.
        """
        if operation.listing is not None:
            self._store.ensure(operation.id)
            return self._store.answered(
                f"{operation.id} {arguments!r}", lambda: self._page(operation, arguments)
            )
        effect = operation.effect
        if effect is None:
            self._gone.tell(operation, path)
            return self._answers.success(operation, self._answers.envelope(operation))
        if effect.kind == "create":
            return self._created_once(operation, effect, arguments, body)
        row = self._touch(operation, effect, arguments, body)
        return self._answers.success(
            operation, self._shown(operation, effect, row), item=effect.item
        )

    def put(self, listing: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Adds a row that has these fields, the others made; or changes the one of their ID.

        Raises:
            UsageError: there is no such listing, or the row would break the spec.
        """
        operation = self.listing(listing)
        assert operation.listing is not None  # noqa: S101 (it is one)
        place = row_schema(self._spec, operation)
        with self._store.writing():
            row_id = follow(fields, operation.listing.id)
            row = None if row_id is MISSING else self._store.get(listing, row_id)
            if row is None:
                row = self._new_row(operation, place, self._store.next_number(), fields)
            data = {**row.data, **fields}
            for violation in violations(self._spec, place, data):
                what = f"a row of {listing} cannot be so: {violation.path} {violation.message}"
                raise UsageError(what, f"See {self._spec.location(violation.clause)}.")
            self._store.put(
                listing, Row(follow(data, operation.listing.id), data, row.hidden, row.due)
            )
        return data

    def listing(self, name: str) -> Operation:
        """The listing of this name.

        Raises:
            UsageError: there is none.
        """
        operation = self._spec.operation(name)
        if operation is None or operation.listing is None:
            known = ", ".join(self._store.indexes) or "no listing at all"
            raise UsageError(f"{self._spec.name} has no listing {name!r}", f"There is: {known}.")
        return operation

    def _page(self, operation: Operation, arguments: Arguments) -> Response:
        return self._answers.page(operation, page_of(operation, self._store, arguments))

    def _touch(self, operation: Operation, effect: Effect, arguments: Arguments, body: Any) -> Row:
        """The row that the request names, after what the operation does to it."""
        assert effect.of is not None  # noqa: S101 (the vocabulary's schema says so)
        row_id = arguments.get(effect.id or "")
        if effect.kind == "read":
            row = self._store.get(effect.of, row_id)
        else:
            with self._store.writing():
                row = self._store.get(effect.of, row_id)
                if row is not None and effect.kind == "delete":
                    self._store.remove(effect.of, row.id)
                elif row is not None and is_object(body):
                    row = Row(row.id, {**row.data, **body}, row.hidden, row.due)
                    self._store.put(effect.of, row)
        if row is None:
            raise Refusal(404, f"there is no such {operation.resource}")
        return row

    def _shown(self, operation: Operation, effect: Effect, row: Row) -> Any:
        """A row in the form in which an operation answers it."""
        place = self._item_schema(operation, effect)
        listing = self._spec.operation(effect.of or "")
        if place is None or listing is None:
            return None
        return self._as(place, listing, row)

    def _as(self, place: str, listing: Operation, row: Row, *sent: Mapping[str, Any]) -> Any:
        """A row as a value for a schema, which may have other fields than the rows have."""
        if self._spec.resolve(place)[0] == self._spec.resolve(row_schema(self._spec, listing))[0]:
            return dict(row.data)
        return self._answers.item(place, zlib.crc32(text_key(str(row.id))), *sent, row.data)

    def _item_schema(self, operation: Operation, effect: Effect) -> str | None:
        media = json_of(operation.success) if operation.success else None
        if media is None or effect.item is None:
            return None
        return schema_at(self._spec, media.schema_pointer, effect.item)

    def _created_once(
        self, operation: Operation, effect: Effect, arguments: Arguments, body: Any
    ) -> Response:
        """Creates a row; to the same body with the same idempotency key, says what it said then."""
        key = arguments.get(operation.idempotency_key or "")
        if key is None:
            return self._create(operation, effect, body)
        request = json.dumps([operation.id, key, body], sort_keys=True)
        with self._store.writing():
            kept = self._replies.kept(request)
            if kept is None:
                kept = self._create(operation, effect, body)
                self._replies.keep(request, kept)
        return kept

    def _create(self, operation: Operation, effect: Effect, body: Any) -> Response:
        sent = body if is_object(body) else dict[str, Any]()
        if effect.of:
            self._store.ensure(effect.of)
        unique = {field: follow(sent, field) for field in effect.unique}
        unique = {field: value for field, value in unique.items() if value is not MISSING}
        with self._store.writing():
            taken = self._store.take(effect.of or operation.id, unique)
            if taken is not None:
                status = 409 if operation.response(409) else 400
                raise Refusal(status, f"body{taken}: another {operation.resource} has this value")
            place = self._item_schema(operation, effect)
            if place is None:
                return self._answers.success(operation, self._answers.envelope(operation))
            number = self._store.next_number()
            listing = self._spec.operation(effect.of) if effect.of else None
            if listing is None:
                item = self._answers.item(place, number, sent)
            else:
                row = self._new_row(listing, place, number, sent)
                self._store.put(listing.id, row)
                item = self._as(place, listing, row, sent)
        return self._answers.success(operation, item, item=effect.item)

    def _new_row(self, listing: Operation, place: str, number: int, sent: Mapping[str, Any]) -> Row:
        """A row with an ID of its own, unless the request says which."""
        assert listing.listing is not None  # noqa: S101 (`of` names a listing)
        now = self._clock.now()
        for index in range(number, number + STEP * TRIES, STEP):
            item = self._answers.item(place, index, sent)
            row = new_row(listing, self._answers, index, sent, item, now=now)
            is_chosen = follow(sent, listing.listing.id) == row.id
            if is_chosen or self._store.get(listing.id, row.id) is None:
                return row
        raise Refusal(507, "there is no ID left that no other row has")
