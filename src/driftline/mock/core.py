"""The mock itself: from a request to a response, by the spec alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from driftline.mock.answers import Answers, put, removed
from driftline.mock.arguments import Arguments, read_arguments
from driftline.mock.data import Data
from driftline.mock.decoding import is_json
from driftline.mock.messages import Headers, Request, Response
from driftline.mock.negotiating import Negotiator
from driftline.mock.paging import page_of
from driftline.mock.refusal import Refusal
from driftline.mock.routing import Router
from driftline.mock.security import credentials_of, require_credentials
from driftline.mock.store import Row, Store
from driftline.spec import Operation, Spec
from driftline.spec.pointer import MISSING, follow, is_object
from driftline.spec.vocabulary import Effect
from driftline.spec.walk import schema_at

__all__ = ["Mock"]


class Mock:
    """A server that behaves as `spec` says, with `rows` rows in every listing.

    The same spec, rows and seed give the same data. `credentials` has, per security scheme, the
    one value that is accepted.

    Raises:
        SpecError: no data can be made for a schema of the spec.
    """

    def __init__(self, spec: Spec, *, rows: int = 250, seed: int = 0) -> None:
        self.spec = spec
        self.credentials: Mapping[str, str] = credentials_of(spec)
        self.rows = rows
        self._router = Router(spec.operations)
        self._prefixes = {urlsplit(server.url).path.rstrip("/") for server in spec.servers} - {""}
        self._data = Data(spec, seed)
        self._answers = Answers(spec, self._data)
        self._negotiator = Negotiator(spec, seed)
        self._first = _first_rows(spec, rows, seed)
        self.reset()

    def reset(self) -> None:
        """Forgets what was created, and puts the first rows back."""
        self._store = Store()
        self._made = 0
        for operation in self.spec.operations:
            if operation.listing is not None:
                self._fill(operation)

    def _fill(self, operation: Operation) -> None:
        """Puts the first rows into a listing; a row is never changed, so they are made once."""
        for row in self._first.get(operation.id, ()):
            self._store.put(operation.id, row)
        if operation.id not in self._first:
            for index in range(self.rows):
                self._store.put(operation.id, self._new_row(operation, index))
            self._first[operation.id] = list(self._store.rows(operation.id))

    def handle(self, request: Request) -> Response:
        """The answer to `request`; whatever is sent, there is one."""
        operation: Operation | None = None
        head = request.method == "HEAD"
        try:
            operation, path = self._router.match(request.method, self._path(request.path))
            if operation is None:
                return Response(204, (("Allow", ", ".join(self._router.allowed(path[""]))),))
            require_credentials(self.spec, operation, request, self.credentials)
            arguments, body = read_arguments(self.spec, operation, request, path)
            response = self._negotiator.preferred(operation, request)
            if response is None:
                media = self._negotiator.accepted(operation.success, request)
                response = self._act(operation, arguments, body)
                if media is not None and not is_json(media.name):
                    response = self._negotiator.other(response, media)
        except Refusal as refusal:
            response = self._answers.refusal(operation, refusal)
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

    def _act(self, operation: Operation, arguments: Arguments, body: Any) -> Response:
        if operation.listing is not None:
            return self._list(operation, arguments)
        effect = operation.effect
        if effect is None:
            return self._answers.success(operation, self._answers.envelope(operation))
        if effect.kind == "create":
            return self._create(operation, effect, body)
        assert effect.of is not None  # noqa: S101 (the vocabulary's schema says so)
        row = self._store.get(effect.of, arguments.get(effect.id or ""))
        if row is None:
            raise Refusal(404, f"there is no such {operation.resource}")
        if effect.kind == "delete":
            self._store.remove(effect.of, row.id)
        elif effect.kind == "update" and is_object(body):
            row = Row(row.id, {**row.data, **body}, row.hidden)
            self._store.put(effect.of, row)
        return self._answers.success(
            operation, self._shown(operation, effect, row), item=effect.item
        )

    def _shown(self, operation: Operation, effect: Effect, row: Row) -> Any:
        """A row in the form in which an operation answers it."""
        place = self._item_schema(operation, effect)
        return self._answers.item(place, 0, row.data) if place and effect.item is not None else None

    def _item_schema(self, operation: Operation, effect: Effect) -> str | None:
        media = operation.success.json if operation.success else None
        if media is None or effect.item is None:
            return None
        return schema_at(self.spec, media.schema_pointer, effect.item)

    def _list(self, operation: Operation, arguments: Arguments) -> Response:
        listing = operation.listing
        assert listing is not None  # noqa: S101
        page = page_of(operation, self._store.rows(operation.id), arguments)
        body = put(
            self._answers.envelope(operation), listing.items, [dict(row.data) for row in page.rows]
        )
        if listing.total is not None:
            body = put(body, listing.total, page.total)
        if listing.page.more is not None:
            body = put(body, listing.page.more, page.more)
        if listing.page.next is not None:
            if page.next is None and not self._answers.nullable(operation, listing.page.next):
                body = removed(body, listing.page.next)
            else:
                body = put(body, listing.page.next, page.next)
        return self._answers.success(operation, self._answers.echoed(body, operation, page.facts()))

    def _create(self, operation: Operation, effect: Effect, body: Any) -> Response:
        sent = body if is_object(body) else dict[str, Any]()
        listing_id = effect.of or operation.id
        unique = {field: follow(sent, field) for field in effect.unique}
        unique = {field: value for field, value in unique.items() if value is not MISSING}
        taken = self._store.take(listing_id, unique)
        if taken is not None:
            status = 409 if operation.response(409) else 400
            raise Refusal(status, f"body{taken}: another {operation.resource} has this value")
        place = self._item_schema(operation, effect)
        if place is None:
            return self._answers.success(operation, self._answers.envelope(operation))
        self._made += 1
        item = self._answers.item(place, self.rows + self._made, sent)
        listing = self.spec.operation(effect.of) if effect.of else None
        if listing is not None:
            row = self._new_row(listing, self.rows + self._made, sent, item)
            self._store.put(listing.id, row)
            item = self._answers.item(place, self.rows + self._made, sent, row.data)
        return self._answers.success(operation, item, item=effect.item)

    def _new_row(self, operation: Operation, index: int, *sources: Mapping[str, Any]) -> Row:
        listing = operation.listing
        media = operation.success.json if operation.success else None
        assert listing is not None and media is not None  # noqa: PT018, S101 (lint says so)
        place = schema_at(self.spec, media.schema_pointer, listing.items + "/0")
        assert place is not None  # noqa: S101
        step = 0
        while True:
            data = self._answers.item(place, index + step, *sources)
            row_id = follow(data, listing.id)
            if sources or self._store.get(operation.id, row_id) is None:
                break
            step += 1_000_003  # an ID by chance the same: another row, further on
        names = {name for search in listing.searches for name in search.hidden}
        hidden = {name: self._data.hidden(name, index) for name in sorted(names)}
        return Row(row_id, data, hidden)


@lru_cache(maxsize=8)
def _first_rows(spec: Spec, rows: int, seed: int) -> dict[str, list[Row]]:
    """By listing, the rows that every mock of these arguments begins with, once they are made."""
    return {}
