"""Checks of the generated client: it reads every allowed response, and loses nothing.

Two passes, each with the synchronous and the asynchronous client: documented requests to the
server under test, and responses made from the schema, served in this process.
"""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Final, Self
from uuid import UUID
from weakref import WeakKeyDictionary

import attrs
import httpx

from driftline.checks import (
    NOTHING,
    Exchange,
    Outgoing,
    choose_media_type,
    find_flaws,
    name_place,
)
from driftline.media import FILE_FORM_KINDS, VALUE_KINDS, find_body_kind, from_json
from driftline.openapi import (
    MediaType,
    Operation,
    describe,
    find_undocumented_fields,
    is_array,
    is_file_field,
    is_object,
    pointer as json_pointer,
)
from driftline.runtime import (
    ApiError,
    AsyncBinaryResponse,
    AsyncStream,
    BinaryResponse,
    ListPage,
    Stream,
    StreamEvent,
    choose_parser,
    errors,
)
from driftline.suite.fuzzing.covering import cover
from driftline.suite.http.client_package import import_client
from driftline.suite.http.session import NotChecked, Session
from driftline.suite.probe import Probe
from driftline.suite.samples import Sample, make_sample, name_arguments

EXAMPLES = 25
_OF_THE_CLIENT = frozenset({400, 406, 415, 422})
"""Statuses that may be about how a request was written: media types, headers, encoding."""
Handler = Callable[[httpx.Request], httpx.Response]


def check_client_against_server(probe: Probe) -> None:
    """Send a documented request to the server through both clients, and compare the responses."""
    request = make_sample(probe.session, probe.operation)
    is_json = probe.operation.success is not None and probe.operation.success.json is not None
    with _Clients(probe, _build_handler(probe.session, probe.operation)) as clients:
        for kind in clients.kinds:
            body = _respond(clients.call(kind, request), probe, kind, is_live=True)
            last = probe.session.last
            if last is not None and last.status in _OF_THE_CLIENT:
                _compare_requests(probe, kind, request, last)
            elif last is not None and last.ok and body is not NOTHING:
                media_type = last.get_header("content-type") or "application/json"
                if not is_json or find_body_kind(media_type) not in VALUE_KINDS:
                    _compare_content(probe, kind, last, body)
                elif last.body:
                    _compare(probe, kind, last.json, body)


def _compare_content(probe: Probe, kind: str, last: Exchange, read: Any) -> None:
    """Report bytes or stream items that the client returns changed."""
    success = probe.operation.success
    if success is None or not isinstance(read, (bytes, _StreamItems)):
        return
    if isinstance(read, _StreamItems):
        parser = choose_parser(last.get_header("content-type") or "", None)
        sent_items = [record.data for record in parser.feed(last.body) if record.data != b"[DONE]"]
        is_same = len(sent_items) == len(read.values) and all(
            map(_is_reading, sent_items, read.values)
        )
    else:
        is_same = read == last.body
    if not is_same:
        received = read.values if isinstance(read, _StreamItems) else read[:200].decode("latin-1")
        probe.report(
            "client.changed",
            success.pointer,
            message=f"the {kind} does not return what the server sent",
            expected=describe(last.beginning),
            got=describe(received),
        )


def _is_reading(data: bytes, read: Any) -> bool:
    """Return whether `read` is the item's data, as text or as JSON."""
    if isinstance(read, str) and read == data.decode("utf-8", "replace"):
        return True
    try:
        return bool(json.loads(data) == read)
    except ValueError:
        return False


def _compare_requests(probe: Probe, kind: str, request: Sample, rejection: Exchange) -> None:
    """Report a request that fails only in the form in which the client writes it."""
    exchange = probe.send(request.arguments, body=request.body)
    if exchange.ok:
        probe.report(
            "client.rejected",
            probe.operation.pointer,
            message=f"the server rejects the request as the {kind} writes it",
            expected=f"{exchange.status}, as for the same request of the suite",
            got=f"{rejection.status} {describe(rejection.body[:120].decode('utf-8', 'replace'))}",
            where=str(rejection.status),
            exchange=rejection,
        )


def check_client_against_schema(probe: Probe) -> None:
    """Check that both clients read each allowed response and write it back unchanged."""
    media = _find_media_type(probe.operation)
    request = make_sample(probe.session, probe.operation)
    documented_status = probe.operation.success.status if probe.operation.success else ""
    status = int(documented_status) if documented_status.isdecimal() else 200
    current_body: list[bytes] = [b""]

    def serve(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"Content-Type": media.name}, content=current_body[0])

    def read_back(value: Any) -> None:
        current_body[0] = from_json(json.dumps(value).encode(), media.name)
        for kind in clients.kinds:
            body = _respond(clients.call(kind, request), probe, kind)
            if body is not NOTHING:
                _compare(probe, kind, value, body)
            clients.report_drift(kind, media)

    with _Clients(probe, serve) as clients:
        for value in cover(probe.spec, media.schema_pointer, EXAMPLES, "response"):
            # Clients report a field of one alternative that only another one describes.
            if not any(
                True for _ in find_undocumented_fields(probe.spec, media.schema_pointer, value)
            ):
                read_back(value)


def _find_media_type(operation: Operation) -> MediaType:
    media = operation.success.json if operation.success else None
    if media is None or not media.schema_pointer:
        raise LookupError(f"{operation.id} documents no JSON response")
    return media


def _build_handler(session: Session, operation: Operation) -> Handler:
    """Return a handler that sends the client's requests through the session, which limits them."""

    def handle(request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        skipped_names = {"host", "connection", "content-length", "accept-encoding"}
        headers = tuple(
            (name, value) for name, value in request.headers.items() if name not in skipped_names
        )
        prefix = httpx.URL(session.target.base_url).path.rstrip("/")
        outgoing = Outgoing(
            request.method, path.removeprefix(prefix), query, headers, request.read()
        )
        try:
            exchange = session.send_raw(operation, outgoing)
        except Exception as error:
            raise _SendingError from error
        encoding = {"content-encoding", "content-length", "transfer-encoding"}
        decoded_headers = [(n, v) for n, v in exchange.headers if n.lower() not in encoding]
        return httpx.Response(exchange.status, headers=decoded_headers, content=exchange.body)

    return handle


class _SendingError(Exception):
    """Carries an error of sending past the client's own error handling."""


_PACKAGES: Final[WeakKeyDictionary[Session, ModuleType]] = WeakKeyDictionary()
"""The client package of each session: to look for a newer one reads the times of all its files."""


def _import_once(session: Session) -> ModuleType:
    if session not in _PACKAGES:
        _PACKAGES[session] = import_client(session.spec)
    return _PACKAGES[session]


class _Clients:
    """The synchronous and the asynchronous client of one API, over one in-process transport."""

    kinds = ("client", "async client")

    def __init__(self, probe: Probe, handle: Handler) -> None:
        self.probe, self.operation = probe, probe.operation
        self.drift_messages: list[str] = []
        package = _import_once(probe.session)
        name = probe.spec.client_class
        schemes = probe.spec.security_schemes
        options: dict[str, Any] = {
            schemes[scheme].argument: value
            for scheme, value in probe.session.target.list_credentials().items()
            if scheme in schemes
        }
        options["base_url"] = probe.session.target.base_url
        options["on_drift"] = self._note
        options["retries"] = 0
        self.sync = getattr(package, name)(transport=httpx.MockTransport(handle), **options)
        async_class = getattr(package, f"Async{name}")
        self.asynchronous = async_class(transport=httpx.MockTransport(handle), **options)
        self.runner = asyncio.Runner()

    def call(self, kind: str, request: Sample) -> Callable[[], Any]:
        """Return the request as a call of the client; nothing is sent yet."""
        body = {} if request.body is NOTHING else {"body": self._convert_files(request.body)}
        arguments = name_arguments(self.operation, request.arguments)

        def call_sync() -> Any:
            value = self.sync.request(self.operation.id, arguments=arguments, **body)
            if isinstance(value, BinaryResponse):
                return value.read()
            return _StreamItems([*value]) if isinstance(value, Stream) else value

        async def call_async() -> Any:
            value = await self.asynchronous.request(self.operation.id, arguments=arguments, **body)
            if isinstance(value, AsyncBinaryResponse):
                return await value.read()
            if isinstance(value, AsyncStream):
                items: list[Any] = [item async for item in value]  # pyright: ignore[reportUnknownVariableType]
                return _StreamItems(items)
            return value

        return call_sync if kind == "client" else lambda: self.runner.run(call_async())

    def _convert_files(self, body: Any) -> Any:
        """Return the body with bytes in each field that is a file, as client code passes it."""
        media = choose_media_type(self.operation.body)
        if media is None or media.kind not in FILE_FORM_KINDS or not is_object(body):
            return body
        return {
            name: value.encode()
            if isinstance(value, str) and is_file_field(self.probe.spec, media.schema_pointer, name)
            else value
            for name, value in body.items()
        }

    def _note(self, event: object) -> None:
        self.drift_messages.append(str(event))

    def report_drift(self, kind: str, media: MediaType) -> None:
        """Report drift events for a response that matches the spec."""
        for event in self.drift_messages:
            self.probe.report(
                "client.drift",
                media.schema_pointer,
                message=f"the {kind} reports drift in a response that the spec allows",
                expected="no drift",
                got=event,
            )
        self.drift_messages.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sync.close()
        self.runner.run(self.asynchronous.aclose())
        self.runner.close()


def _respond(call: Callable[[], Any], probe: Probe, kind: str, *, is_live: bool = False) -> Any:
    """Return the client's value as plain JSON; NOTHING after an error, which is reported.

    A live response that violates the spec has findings of its own.
    """
    try:
        return _to_plain(call())
    except _SendingError as error:
        raise error.__cause__ or error from None
    except errors.ConfigurationError as error:  # such as a server without its variables
        raise NotChecked(str(error)) from None
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        if not (is_live and _is_flawed(probe)):
            _report_rejection(probe, kind, error)
    except ApiError as error:
        last = probe.session.last
        if (last is None or last.ok) and not (is_live and _is_flawed(probe)):
            _report_rejection(probe, kind, error)
    return NOTHING


def _is_flawed(probe: Probe) -> bool:
    last = probe.session.last
    return last is not None and any(True for _ in find_flaws(probe.spec, last))


def _report_rejection(probe: Probe, kind: str, error: Exception) -> None:
    success = probe.operation.success
    clause = (success.json or success) if success else probe.operation
    probe.report(
        "client.rejected",
        clause.pointer,
        message=f"the {kind} rejects a response that the spec allows",
        expected="a typed response",
        got=f"{type(error).__name__}: {error}",
        where=type(error).__name__,
    )


@attrs.frozen
class _StreamItems:
    """The items that a client read from a stream, as plain JSON."""

    values: list[Any]


def _to_plain(result: Any) -> Any:
    if isinstance(result, _StreamItems):
        return _StreamItems([_to_plain(item) for item in result.values])
    if isinstance(result, StreamEvent):
        return _to_plain(result.data)  # pyright: ignore[reportUnknownMemberType]
    paged: type[Any] = ListPage
    if isinstance(result, paged):
        return _to_plain(getattr(result, "rows", []))
    if is_array(result):
        return [_to_plain(item) for item in result]
    if is_object(result):
        return {name: _to_plain(value) for name, value in result.items()}
    return result.to_dict() if hasattr(result, "to_dict") else result


def _compare(probe: Probe, kind: str, sent: Any, read: Any) -> None:
    for path, expected, got in _list_differences(sent, read, ""):
        probe.report(
            "client.changed",
            _find_media_type(probe.operation).schema_pointer,
            message=f"the {kind} does not write back what it read at {path or '/'}",
            expected=expected,
            got=got,
            where=name_place(probe.spec, _find_media_type(probe.operation).schema_pointer, path),
        )


def _list_differences(sent: Any, read: Any, path: str) -> Iterator[tuple[str, str, str]]:
    if is_object(sent) and is_object(read):
        for key in [*sent, *(key for key in read if key not in sent)]:
            member_path = path + json_pointer.join(key)
            if key not in sent or key not in read:
                yield member_path, _format_member(sent, key), _format_member(read, key)
            else:
                yield from _list_differences(sent[key], read[key], member_path)
    elif is_array(sent) and is_array(read) and len(sent) == len(read):
        for index, (sent_item, read_item) in enumerate(zip(sent, read, strict=True)):
            yield from _list_differences(sent_item, read_item, f"{path}/{index}")
    elif not _is_same_value(sent, read):
        yield path, describe(sent), describe(read)


def _is_same_value(sent: Any, read: Any) -> bool:
    """Return whether `read` equals `sent`; outside of models, times and UUIDs are objects."""
    if isinstance(sent, str) and isinstance(read, (datetime.date, UUID)):
        return (UUID if isinstance(read, UUID) else type(read).fromisoformat)(sent) == read
    return json.dumps(sent) == json.dumps(read, default=repr)


def _format_member(value: dict[str, Any], key: str) -> str:
    return describe(value[key]) if key in value else "nothing"
