"""The description of an API in a generated client: operations, parameters, credentials, servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

import attrs

from driftline.media import STREAM_KINDS, BodyKind, find_body_kind
from driftline.runtime.decode.accept import build_accept_header, list_success_types
from driftline.runtime.paging.styles import Paging

# Derived when an operation is imported, so that calls do not have to.


def _get_name(parameter: Any) -> str:
    name: str = parameter.name
    return name


def _encode_name(parameter: Any) -> str:
    return quote(parameter.name, safe="")


def _detect_body_kind(operation: Any) -> BodyKind:
    return "json" if operation.media_type is None else find_body_kind(operation.media_type)


def _collect_arguments(operation: Any) -> frozenset[str]:
    return frozenset(parameter.argument for parameter in operation.parameters)


def _build_accept(operation: Any) -> str:
    if not operation.media_types:
        return "application/json"
    return build_accept_header(operation.media_types, streams=False)


def _find_response_kinds(operation: Any) -> frozenset[BodyKind]:
    kinds: list[BodyKind] = [
        find_body_kind(name) for name in list_success_types(operation.media_types)
    ]
    return frozenset(kinds)


def _is_stream(operation: Any) -> bool:
    return bool(operation.response_kinds) and operation.response_kinds <= STREAM_KINDS


@attrs.frozen(eq=False)
class WireParameter:
    """A parameter with its wire name and its style.

    `media_type` belongs to a parameter described by `content`. `argument` is its key among the
    arguments of a call, which differs from `name` if two parameters share a name.
    """

    name: str
    location: Literal["path", "query", "header", "cookie"]
    style: str = "form"
    explode: bool = True
    required: bool = False
    allow_reserved: bool = False
    media_type: str | None = None
    argument: str = attrs.field(default=attrs.Factory(_get_name, takes_self=True))
    encoded_name: str = attrs.field(
        init=False, repr=False, default=attrs.Factory(_encode_name, takes_self=True)
    )


class Encoding(NamedTuple):
    """How a field of a form or multipart body is encoded, as documented.

    Without a `style`, scalars are text, arrays are repeated and objects are JSON.
    """

    media_type: str | None = None
    style: str | None = None
    explode: bool = True
    allow_reserved: bool = False


@attrs.frozen(eq=False)
class Credential:
    """A security scheme: `argument` is the client's keyword, `env` its environment variable.

    The kind "http" is the whole value of the Authorization header, for HTTP schemes other than
    bearer and basic. "mutualTLS" belongs to the connection and has no argument. `token_urls` has
    the token URLs of OAuth 2 by flow; "discovery" is that of OpenID Connect.
    """

    name: str
    argument: str
    kind: Literal["bearer", "basic", "header", "query", "cookie", "http", "mutualTLS"]
    wire_name: str
    env: str | None = None
    token_urls: Mapping[str, str] = attrs.field(factory=dict[str, str])


class UrlVariable(NamedTuple):
    """A variable of a server's URL; `enum` lists its values if the document restricts them."""

    default: str
    enum: tuple[str, ...] = ()


class BaseUrl(NamedTuple):
    """A server of one path or operation. The URL may be relative to the client's base URL."""

    url: str
    variables: Mapping[str, UrlVariable] = MappingProxyType({})


class StreamItems(NamedTuple):
    """The types of a stream's items: JSON lines, or the data of server-sent events.

    `data` is None if the document has no schema; `str` is unparsed data. `events` has the types of
    events by name, where these differ.
    """

    data: Callable[[], Any] | None = None
    events: Mapping[str, Callable[[], Any]] = MappingProxyType({})


@attrs.frozen(eq=False)
class Endpoint:
    """One method on one path.

    `responses` maps a status (`200`, `4XX`, `default`) to the type of its JSON body, as a function
    so that models are imported at first use; None is a body without a type. `media_types` maps a
    status to its documented media types; if empty, all bodies are JSON. `media_type` and
    `encodings` describe the request body, and `servers` are those of this operation only.
    `nullable` has the body fields for which None means null, not absent. `null_body`: None is the
    body `null`, since a body is required and may be null. `idempotency_key` is the parameter that
    makes it safe to send a request twice, and `required_fields` are the required body fields.
    `messages` maps a status to the JSON pointer of the error message. `streams` maps a status to
    its stream items, and `stream_flag` is the parameter or body field that requests a stream.
    `is_stream`: every success is a stream.
    """

    id: str
    method: str
    path: str
    parameters: tuple[WireParameter, ...] = ()
    media_type: str | None = None
    nullable: frozenset[str] = frozenset()
    security: tuple[tuple[str, ...], ...] = ()
    responses: Mapping[str, Callable[[], Any] | None] = attrs.field(factory=dict[str, Any])
    listing: Paging | None = None
    idempotency_key: str | None = None
    required_fields: tuple[str, ...] = ()
    messages: Mapping[str, str] = attrs.field(factory=dict[str, str])
    media_types: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict[str, Any])
    encodings: Mapping[str, Encoding] = attrs.field(factory=dict[str, Encoding])
    servers: tuple[BaseUrl, ...] = ()
    null_body: bool = False
    streams: Mapping[str, StreamItems] = attrs.field(factory=dict[str, StreamItems])
    stream_flag: str | None = None
    body_kind: BodyKind = attrs.field(
        init=False, default=attrs.Factory(_detect_body_kind, takes_self=True)
    )
    arguments: frozenset[str] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_collect_arguments, takes_self=True)
    )
    accept: str = attrs.field(
        init=False, repr=False, default=attrs.Factory(_build_accept, takes_self=True)
    )
    response_kinds: frozenset[BodyKind] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_find_response_kinds, takes_self=True)
    )
    is_stream: bool = attrs.field(
        init=False, repr=False, default=attrs.Factory(_is_stream, takes_self=True)
    )

    @property
    def stream_accept(self) -> str:
        """The Accept header that requests a stream."""
        return build_accept_header(self.media_types, streams=True)

    def find_stream_items(self, status: int) -> StreamItems:
        """Return the types of stream items that are documented for `status`, if any."""
        key = self._find_documented(status)
        return self.streams.get(key or "", StreamItems())

    def find_response_type(self, status: int) -> Callable[[], Any] | None:
        """Return the type documented for `status`: by number, by class, then by default."""
        key = self._find_documented(status)
        return None if key is None else self.responses[key]

    def find_media_types(self, status: int) -> tuple[str, ...]:
        """Return the media types documented for `status`; none if all bodies are JSON."""
        key = self._find_documented(status)
        return () if key is None else self.media_types.get(key, ())

    def find_message_pointer(self, status: int) -> str | None:
        """Return the documented JSON pointer of the message in an error body, if any."""
        key = self._find_documented(status)
        return None if key is None else self.messages.get(key)

    def _find_documented(self, status: int) -> str | None:
        fallback = ("200",) if status == 206 else ()  # a subset of the types of 200
        keys = (str(status), f"{status // 100}XX", *fallback, "default")
        return next((key for key in keys if key in self.responses), None)


class Endpoints(Mapping[str, Endpoint]):
    """The operations of a generated package by ID; each is imported at first use.

    `modules` maps the IDs to modules of the package, each with an OPERATION.
    """

    def __init__(self, package: str, modules: Mapping[str, str]) -> None:
        self._package, self._modules = package, modules

    def __getitem__(self, operation_id: str) -> Endpoint:
        module = import_module(self._modules[operation_id], self._package)
        endpoint: Endpoint = module.ENDPOINT
        return endpoint

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


@attrs.frozen(eq=False)
class Api:
    """One API. `base_url` is "" if the document has no server.

    `errors` maps a documented status to its class; `server_variables` are those of `base_url`.
    """

    name: str
    version: str
    base_url: str
    base_url_env: str | None
    credentials: tuple[Credential, ...]
    operations: Mapping[str, Endpoint]
    errors: Mapping[int, Any] = attrs.field(factory=dict[int, Any])
    server_variables: Mapping[str, UrlVariable] = attrs.field(factory=dict[str, UrlVariable])
