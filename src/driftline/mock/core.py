"""The mock itself: from a request to a response, by the spec alone."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from driftline.errors import SpecError, UsageError
from driftline.mock import recordings
from driftline.mock.answers import Answers
from driftline.mock.arguments import Arguments, read_arguments
from driftline.mock.clock import Clock
from driftline.mock.data import Data
from driftline.mock.decoding import is_json
from driftline.mock.gone import Gone
from driftline.mock.keys import text_key
from driftline.mock.making import (
    STEP,
    TRIES,
    digest,
    life_of,
    moved_on,
    new_row,
    opened,
    reset,
    row_schema,
)
from driftline.mock.messages import Headers, Request, Response
from driftline.mock.negotiating import Negotiator
from driftline.mock.paging import page_of
from driftline.mock.refusal import Refusal
from driftline.mock.replies import Replies
from driftline.mock.routing import Router
from driftline.mock.security import credentials_of, require_credentials
from driftline.mock.snapshot import loaded, snapshot
from driftline.mock.store import Row
from driftline.spec import Operation, Spec
from driftline.spec.pointer import MISSING, follow, is_object
from driftline.spec.schema import violations
from driftline.spec.vocabulary import Effect
from driftline.spec.walk import schema_at

__all__ = ["Mock"]


class Mock:
    """A server that behaves as `spec` says, with `rows` rows in every listing.

    The same spec, rows and seed give the same data. `credentials` has, per security scheme, the
    one value that is accepted.

    With `db` the rows are kept in that file, which several mocks and processes may share; it has
    the first rows only if it was not there before.

    Raises:
        SpecError: no data can be made for a schema of the spec.
        UsageError: the file cannot be used, or was made from another spec.
    """

    def __init__(
        self, spec: Spec, *, rows: int = 250, seed: int = 0, db: Path | None = None
    ) -> None:
        self.spec = spec
        self.credentials: Mapping[str, str] = credentials_of(spec)
        self.rows = rows
        self.seed = seed
        self._router = Router(spec.operations)
        self._prefixes = {urlsplit(server.url).path.rstrip("/") for server in spec.servers} - {""}
        self._answers = Answers(spec, Data(spec, seed))
        self._negotiator = Negotiator(spec, seed)
        self._store = opened(spec, rows, seed, db)
        self._replies = Replies(self._store.database, spec.name)
        self._gone = Gone(self._store.database, spec.name)
        self.clock = Clock(self._store.database, spec.name)

    def reset(self) -> None:
        """Forgets what was created, and puts the first rows back."""
        reset(self._store, self.spec, self.rows, self.seed)
        self._negotiator = Negotiator(self.spec, self.seed)

    def step(self, seconds: float) -> None:
        """Lets so much time pass at once: each row is then in the state that it has by then."""
        with self._store.writing():
            self.clock.step(seconds)
            self._move_on()

    def _move_on(self) -> None:
        moved_on(self._store, self.spec, self.seed, self.clock.now())

    def snapshot(self) -> dict[str, Any]:
        """All rows and what belongs to them, as JSON data that `load` takes."""
        return snapshot(self._store)

    def load(self, data: Any) -> None:
        """Puts the rows of a snapshot in the place of those that are there.

        Raises:
            UsageError: it is no snapshot of this API, or one of its rows breaks the spec.
        """
        loaded(self._store, self.spec, digest(self.spec), data)

    def stored(self, listing: str) -> list[dict[str, Any]]:
        """The rows of a listing as they are now, in the order they came.

        Raises:
            UsageError: there is no such listing.
        """
        return [dict(row.data) for row in self._store.rows(self._listing(listing).id)]

    def put(self, listing: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Adds a row that has these fields, the others made; or changes the one of their ID.

        Raises:
            UsageError: there is no such listing, or the row would break the spec.
        """
        operation = self._listing(listing)
        assert operation.listing is not None  # noqa: S101 (it is one)
        place = row_schema(self.spec, operation)
        with self._store.writing():
            row_id = follow(fields, operation.listing.id)
            row = None if row_id is MISSING else self._store.get(listing, row_id)
            if row is None:
                row = self._new_row(operation, place, self._store.next_number(), fields)
            data = {**row.data, **fields}
            for violation in violations(self.spec, place, data):
                what = f"a row of {listing} cannot be so: {violation.path} {violation.message}"
                raise UsageError(what, f"See {self.spec.location(violation.clause)}.")
            self._store.put(
                listing, Row(follow(data, operation.listing.id), data, row.hidden, row.due)
            )
        return data

    def _listing(self, name: str) -> Operation:
        operation = self.spec.operation(name)
        if operation is None or operation.listing is None:
            known = ", ".join(self._store.indexes) or "no listing at all"
            raise UsageError(f"{self.spec.name} has no listing {name!r}", f"There is: {known}.")
        return operation

    def close(self) -> None:
        """Closes the file that the rows are kept in."""
        self._store.database.close()

    def handle(self, request: Request) -> Response:
        """The answer to `request`; whatever is sent, there is one."""
        if request.path.startswith(recordings.PATH):
            return self._recording(request)
        way = recordings.way(request)
        if way is None:
            return self._answer(request)
        return way.outward(self._answer(way.inward(request)))

    def _recording(self, request: Request) -> Response:
        """What the URL of a recording in a row leads to; it needs no credential."""
        allow = (("Allow", "GET, HEAD, OPTIONS"),)
        try:
            listing, row_id, field, url = recordings.asked(request.path)
            operation = self.spec.operation(listing)
            row = self._store.get(listing, row_id) if listing in self._store.indexes else None
            if operation is None or row is None or follow(row.data, field) != url:
                raise Refusal(404, "there is no such recording")
            if request.method == "OPTIONS":
                return Response(204, allow)
            if request.method not in {"GET", "HEAD"}:
                raise Refusal(405, "a recording can only be fetched", allow)
            life = life_of(self.spec, self.seed, row_schema(self.spec, operation))
            seconds = life.lasted(row.data) if life else None
            return recordings.sent(request, recordings.wav(f"{self.seed} {url}", seconds))
        except Refusal as refusal:
            return self._answers.refusal(None, refusal)

    def _answer(self, request: Request) -> Response:
        operation: Operation | None = None
        head = request.method == "HEAD"
        try:
            at = self._path(request.path)
            operation, path = self._router.match(request.method, at)
            if operation is None:
                return Response(204, (("Allow", ", ".join(self._router.allowed(path[""]))),))
            require_credentials(self.spec, operation, request, self.credentials)
            arguments, body = read_arguments(self.spec, operation, request, path)
            if self.clock.speed:
                self._move_on()
            response = self._negotiator.preferred(operation, request)
            if response is None:
                media = self._negotiator.accepted(operation.success, request)
                response = self._act(operation, at, arguments, body)
                if media is not None and not is_json(media.name):
                    response = self._negotiator.other(response, media)
        except Refusal as refusal:
            response = self._answers.refusal(operation, refusal)
        except SpecError as error:
            text = f"the spec allows no answer: {error}"
            response = self._answers.refusal(operation, Refusal(500, text))
        return Response(response.status, response.headers) if head else response

    def operation(self, request: Request) -> Operation | None:
        """The operation that a request is for; HEAD is for that of GET."""
        try:
            return self._router.match(request.method, self._path(request.path))[0]
        except Refusal:
            return None

    def documented(
        self, operation: Operation | None, status: int, text: str, headers: Headers = ()
    ) -> Response:
        """The answer that is documented for a status, saying `text`; else that of RFC 9457."""
        return self._answers.refusal(operation, Refusal(status, text, headers))

    def _path(self, path: str) -> str:
        """The path without the base path of the document's server, where it has one."""
        for prefix in self._prefixes:
            if path.startswith(prefix + "/") and not self._router.knows(path):
                return path[len(prefix) :]
        return path

    def _act(self, operation: Operation, path: str, arguments: Arguments, body: Any) -> Response:
        if operation.listing is not None:
            page = page_of(operation, self._store, arguments)
            return self._answers.page(operation, page)
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
        listing = self.spec.operation(effect.of or "")
        if place is None or listing is None:
            return None
        return self._as(place, listing, row)

    def _as(self, place: str, listing: Operation, row: Row, *sent: Mapping[str, Any]) -> Any:
        """A row as a value for a schema, which may have other fields than the rows have."""
        if self.spec.resolve(place)[0] == self.spec.resolve(row_schema(self.spec, listing))[0]:
            return dict(row.data)
        return self._answers.item(place, zlib.crc32(text_key(str(row.id))), *sent, row.data)

    def _item_schema(self, operation: Operation, effect: Effect) -> str | None:
        media = operation.success.json if operation.success else None
        if media is None or effect.item is None:
            return None
        return schema_at(self.spec, media.schema_pointer, effect.item)

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
            listing = self.spec.operation(effect.of) if effect.of else None
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
        now = self.clock.now()
        for index in range(number, number + STEP * TRIES, STEP):
            item = self._answers.item(place, index, sent)
            row = new_row(listing, self._answers, index, sent, item, now=now)
            is_chosen = follow(sent, listing.listing.id) == row.id
            if is_chosen or self._store.get(listing.id, row.id) is None:
                return row
        raise Refusal(507, "there is no ID left that no other row has")
