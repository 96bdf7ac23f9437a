"""The mock: returns the response to a request, by the spec alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs

from driftline.errors import SpecError
from driftline.mock.clock import MockClock
from driftline.mock.fake.data import Data
from driftline.mock.http.arguments import read_arguments
from driftline.mock.http.messages import Headers, HttpRequest, HttpResponse, Rejection
from driftline.mock.http.negotiation import Negotiator
from driftline.mock.http.rendering import choose_concrete_name
from driftline.mock.http.routing import Router, compile_base_paths
from driftline.mock.http.security import make_credentials, require_credentials
from driftline.mock.http.streams import choose_form
from driftline.mock.http.tokens import TokenIssuer, build_token_response
from driftline.mock.outcome import BODILESS, find_outcome
from driftline.mock.response_builder import ResponseBuilder
from driftline.mock.rows import row_files
from driftline.mock.rows.effects import EffectHandler
from driftline.mock.rows.index import IndexedRow
from driftline.mock.rows.parts import Parts
from driftline.mock.rows.seed_rows import (
    advance_rows,
    compute_digest,
    find_lifecycle,
    find_row_schema,
    make_current_rows,
    open_store,
    reset,
)
from driftline.mock.rows.snapshot import prepare_load, snapshot
from driftline.mock.rows.uploads import Uploads
from driftline.openapi import READ_METHODS, MediaType, Operation, Response as Documented, Spec


@attrs.frozen(eq=False)
class _Outcome:
    """The documented success of an operation, and the media type of its rows."""

    success: Documented | None
    row_media: MediaType | None


@lru_cache(maxsize=16)
def _prepare_routes(spec: Spec) -> tuple[Router, Sequence[tuple[re.Pattern[str], bool]]]:
    """Return the routes that all mocks of a spec share; compiling takes half of a start."""
    return Router(spec), compile_base_paths(spec)


@lru_cache(maxsize=16)
def _prepare_responses(spec: Spec, seed: int) -> ResponseBuilder:
    """Return the builder that all mocks of a spec and seed share; it holds only a cache."""
    return ResponseBuilder(spec, Data(spec, seed))


class Mock:
    """A server that behaves as `spec` says, with `rows` rows in every listing.

    The rows of a listing are generated when it is first requested. The same spec, rows and seed
    give the same data. `credentials` has the one accepted value of each security scheme.

    With `db`, the rows are kept in that file, which several mocks and processes may share; it gets
    the initial rows only if it is new.

    Raises:
        UsageError: the file cannot be used, or belongs to another spec.
    """

    def __init__(
        self, spec: Spec, *, rows: int = 250, seed: int = 0, db: Path | None = None
    ) -> None:
        self.spec = spec
        self.credentials: Mapping[str, str] = make_credentials(spec)
        self.rows = rows
        self.seed = seed
        self._router, self._prefixes = _prepare_routes(spec)
        self._responses = _prepare_responses(spec, seed)
        self._outcomes: dict[str, _Outcome] = {}
        self._negotiator = Negotiator(spec, seed)
        self._store = open_store(spec, rows, db, self._make_first_rows, seed)
        self.clock = MockClock(self._store.database, spec.name)
        self._uploads = Uploads(spec, self._store.database)
        self._parts = Parts(self._responses, self._store.database)
        self.tokens = TokenIssuer(spec, self.credentials, self.clock.read_now)
        self._effects = EffectHandler(spec, self._store, self._responses, self.clock)

    @property
    def credential_variables(self) -> Mapping[str, str]:
        """The accepted credentials, by the environment variables in the spec."""
        schemes = self.spec.security_schemes
        return {
            env: value for name, value in self.credentials.items() if (env := schemes[name].env)
        }

    def reset(self) -> None:
        """Restore the initial rows, and delete all others."""
        reset(self._store, self.spec, self.rows)
        self._negotiator = Negotiator(self.spec, self.seed)

    def advance_clock(self, seconds: float) -> None:
        """Advance the clock by seconds, and move each row to its state at that time."""
        with self._store.open_write():
            self.clock.step(seconds)
            self._move_on()

    def _move_on(self) -> None:
        advance_rows(self._store, self.spec, self.seed, self.clock.read_now())

    def _make_first_rows(self, listing: str) -> Sequence[IndexedRow]:
        return make_current_rows(self.spec, listing, self.rows, self.seed, self.clock.read_now())

    def snapshot(self) -> dict[str, Any]:
        """Return all rows and related state as JSON data for `load`."""
        return snapshot(self._store)

    def load(self, data: Any) -> None:
        """Replace all rows by those of a snapshot.

        Raises:
            UsageError: it is not a snapshot of this API, or one of its rows violates the spec.
        """
        self.prepare_load(data)()

    def prepare_load(self, data: Any) -> Callable[[], None]:
        """Return a function that loads an already validated snapshot.

        Nothing is changed before it is called.

        Raises:
            UsageError: as `load` does.
        """
        return prepare_load(self._store, self.spec, compute_digest(self.spec), data)

    def count_rows(self) -> Mapping[str, int]:
        """Return the number of rows of each listing, also of those not generated yet."""
        store = self._store
        return {
            name: store.count(name) if store.is_made(name) else self.rows for name in store.indexes
        }

    def list_latest_rows(
        self, listing: str, limit: int, start: int = 0
    ) -> Sequence[Mapping[str, Any]]:
        """Return rows of a listing, latest first."""
        return [row.data for row in self._store.list_latest(listing, limit, start)]

    def list_rows(self, listing: str) -> list[dict[str, Any]]:
        """Return the current rows of a listing in order of creation.

        Raises:
            UsageError: the listing does not exist.
        """
        return [
            dict(row.data) for row in self._store.list_rows(self._effects.find_listing(listing).id)
        ]

    def put(self, listing: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Add a row with these fields and generated others, or change the row with their ID.

        Raises:
            UsageError: the listing does not exist, or the row would violate the spec.
        """
        return self._effects.put(listing, fields)

    def close(self) -> None:
        """Close the file with the rows."""
        self._store.database.close()

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the response to `request`, whatever it contains."""
        if request.path.startswith(row_files.PATH):
            try:
                return self._serve_file(request)
            except Rejection as rejection:
                return self._responses.build_rejection(None, rejection)
        if self.tokens.clients:
            at = self._strip_base_path(request.path)
            token = self.tokens.respond(request, at)
            if token is not None:
                is_documented = request.method in self._router.list_allowed_methods(at)
                return (
                    build_token_response(self._respond(request), token) if is_documented else token
                )
        address = row_files.find_public_address(request)
        if address is None:
            return self._respond(request)
        return address.rewrite_response(self._respond(address.rewrite_request(request)))

    def find_rejection(self, request: HttpRequest) -> Rejection | None:
        """Return why `request` violates the spec; credentials and rows are not checked."""
        try:
            match = self._router.match(request, self._strip_base_path(request.path))
            if match.operation is not None:
                read_arguments(self.spec, match.operation, request, match.arguments)
        except Rejection as rejection:
            return rejection
        except SpecError:  # what cannot be mocked cannot be judged
            return None
        return None

    def _serve_file(self, request: HttpRequest) -> HttpResponse:
        listing, row_id, _ = row_files.parse_path(request.path)
        operation = self.spec.find_operation(listing)
        row = self._store.get(listing, row_id) if listing in self._store.indexes else None
        if operation is None or row is None:
            raise Rejection(404, "no such file")
        life = find_lifecycle(self.spec, self.seed, find_row_schema(self.spec, operation))
        return row_files.serve_file(request, life, row.data)

    def _respond(self, request: HttpRequest) -> HttpResponse:
        operation: Operation | None = None
        head = request.method == "HEAD"
        try:
            at = self._strip_base_path(request.path)
            match = self._router.match(request, at)
            operation = match.operation
            if operation is None:
                return HttpResponse(
                    204, (("Allow", ", ".join(self._router.list_allowed_methods(at))),)
                )
            require_credentials(
                *(self.spec, operation, request, self.credentials),
                tokens=self.tokens,
                now=self.clock.read_now,
            )
            arguments, body = read_arguments(self.spec, operation, request, match.arguments)
            if self.clock.speed:
                self._move_on()
            response = self._negotiator.choose_preferred(operation, request)
            if response is None:
                outcome = self._outcomes.get(operation.id) or self._find_outcome(operation)
                media = self._negotiator.choose_accepted(outcome.success, request)
                if media is not None:
                    media = choose_form(self.spec, operation, media, arguments, body)
                response = self._effects.respond(operation, at, arguments, body, request)
                if operation.body is not None:
                    self._uploads.keep(operation, at, body, request, response)
                response = self._parts.respond(operation, at, body, response)
                if media is not None and media is not outcome.row_media:
                    response = self._format_success(response, media, outcome.row_media, at, request)
        except Rejection as rejection:
            response = self._responses.build_rejection(operation, rejection)
            response = attrs.evolve(response, reason=rejection.message)
        except SpecError as error:
            # A schema without a possible value costs one operation, with the reason.
            message = f"this operation cannot be mocked: {error}"
            response = self._responses.build_rejection(None, Rejection(501, message))
            response = attrs.evolve(response, reason=message)
        return attrs.evolve(response, body=b"") if head else response

    def _find_outcome(self, operation: Operation) -> _Outcome:
        documented_response, status = find_outcome(operation)
        if status in BODILESS:
            documented_response = None
        media = documented_response.json if documented_response else None
        is_written = media is not None and "*" not in media.name
        outcome = _Outcome(documented_response, media if is_written else None)
        return self._outcomes.setdefault(operation.id, outcome)

    def _format_success(
        self,
        response: HttpResponse,
        media: MediaType,
        row_media: MediaType | None,
        path: str,
        request: HttpRequest,
    ) -> HttpResponse:
        """Return the success in a documented media type that the client accepts.

        A download returns the uploaded file; another request with a file converts it.
        """
        if media.kind == "binary" and request.method in READ_METHODS:
            content = self._uploads.find(path, media)
            if content is not None:
                return self._negotiator.build_file(response, media, content, request)
        read = row_media.schema_pointer if row_media else ""
        is_other = media.kind == "json" and media.schema_pointer not in {"", read} and read
        converted = self._responses.convert(response, media) if is_other else response
        if media.kind != "json" or converted is None:
            return self._negotiator.build_other_form(response, media, request)
        name = choose_concrete_name(media, request.get_header("Accept") or "")
        if converted.get_header("Content-Type") == name:
            return converted
        return converted.replace_headers(("Content-Type", name))

    def find_operation(self, request: HttpRequest) -> Operation | None:
        """Return the operation of a request; HEAD uses that of GET."""
        try:
            return self._router.match(request, self._strip_base_path(request.path)).operation
        except Rejection:
            return None

    def find_hiding(self, operation: Operation) -> Operation | None:
        """Return the operation that receives every request for this one, if both look the same."""
        return self._router.find_hiding(operation)

    def build_documented_response(
        self, operation: Operation | None, status: int, message: str, headers: Headers = ()
    ) -> HttpResponse:
        """Return the documented response for a status, with the message `message`.

        Without one, a problem of RFC 9457.
        """
        return self._responses.build_rejection(operation, Rejection(status, message, headers))

    def _strip_base_path(self, path: str) -> str:
        """Return the path without the base path of one of the document's servers."""
        for prefix, is_documented in self._prefixes:
            match = prefix.match(path)
            if match is None:
                continue
            rest = path[match.end() :]
            # `/v1/` may also be `/{id}`; but then its value would equal the base path by chance.
            is_own = is_documented or not self._router.has_path(rest)
            if not (is_own and self._router.has_path(path)):
                return rest
        return path
