"""A spec as frozen values: operations with their parameters, bodies and responses.

Schemas stay JSON Schema with `$ref`, as in the file. Each value has the JSON pointer of its clause,
from which `Spec.locate` finds file and line. Independent of any HTTP library.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from keyword import iskeyword
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from driftline.errors import Location, Problem
from driftline.media import SENT_FIRST, VALUE_KINDS, BodyKind, get_essence
from driftline.openapi import pointer as json_pointer
from driftline.openapi.extensions.rules import Effect, Listing
from driftline.openapi.pointer import is_object
from driftline.openapi.reserved import overrides_method

READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


@attrs.frozen
class Parameter:
    """One parameter of an operation. `schema` may contain `$ref`s; `pointer` names the parameter.

    `content` is the media type of a value that is sent as a document of its own, such as JSON.
    `idempotency_key`: the server executes a request that is sent twice with it only once.
    `allow_reserved`: characters such as the slash are sent unescaped.
    """

    name: str
    location: Literal["path", "query", "header", "cookie"]
    required: bool
    schema: Mapping[str, Any]
    style: str
    explode: bool
    description: str
    deprecated: bool
    pointer: str
    examples: tuple[Any, ...] = ()
    idempotency_key: bool = False
    content: MediaType | None = None
    allow_reserved: bool = False

    @property
    def schema_pointer(self) -> str:
        """The location of its schema: the parameter itself, or its media type."""
        if self.content is not None:
            return self.content.schema_pointer
        return self.pointer + "/schema"

    @property
    def separator(self) -> str:
        """The separator of list items that are sent as one string."""
        return _SEPARATORS.get(self.style, ",")


@attrs.frozen
class MediaType:
    """A body in one media type: the pointer of its schema ("" if none) and its named examples.

    `item_schema_pointer` is the location of the schema of each event or line of a stream.
    """

    name: str
    schema_pointer: str
    examples: Mapping[str, Any]
    pointer: str
    kind: BodyKind = "json"
    item_schema_pointer: str = ""

    @property
    def essence(self) -> str:
        """Type and subtype in lower case, without parameters."""
        return get_essence(self.name)


@attrs.frozen
class Body:
    """The body of a request."""

    required: bool
    content: tuple[MediaType, ...]
    pointer: str

    @property
    def choices(self) -> list[MediaType]:
        """The forms of the body, first the one that clients and checks send."""
        return sorted(self.content, key=_rank_to_send)

    @property
    def json(self) -> MediaType | None:
        """The JSON form of the body, if it has one."""
        return _find_json(self.content)


@attrs.frozen
class Header:
    """A documented header of a response."""

    name: str
    required: bool
    schema_pointer: str
    pointer: str


@attrs.frozen
class Response:
    """A response: `status` is `200`, `4XX` or `default`; `message` points to an error's message."""

    status: str
    description: str
    content: tuple[MediaType, ...]
    headers: tuple[Header, ...]
    message: str | None
    pointer: str

    @property
    def json(self) -> MediaType | None:
        """The JSON form of the response, if it has one."""
        return _find_json(self.content)

    def matches(self, status: int) -> bool:
        """Return whether this entry applies to `status`: by number, class (`4XX`) or default."""
        return self.status in {str(status), f"{status // 100}XX", f"{status // 100}xx", "default"}


def _rank_to_send(media: MediaType) -> tuple[int, bool, bool]:
    is_plain = media.essence == "application/json"
    return SENT_FIRST.index(media.kind), not is_plain, "*" in media.essence


def _find_json(content: tuple[MediaType, ...]) -> MediaType | None:
    """Return the form that is JSON; plain JSON before any other, exact types before ranges."""
    media_types = (media for media in content if media.kind in VALUE_KINDS)
    return min(media_types, key=rank_json, default=None)


def rank_json(media: MediaType) -> tuple[bool, bool]:
    """Return the order of a JSON media type: clients expect plain JSON if it is documented."""
    return media.essence != "application/json", "*" in media.name


@attrs.frozen
class SecurityScheme:
    """A credential: `argument` is the client's keyword, `env` the environment variable.

    `argument` is unique in a spec. `type` is OpenAPI's. `kind` says how the credential is sent:
    tokens of OAuth 2 and OpenID Connect are sent as `bearer`; `http` is another scheme of the
    Authorization header, named by `scheme`; `mutualTLS` sends nothing. `flows` are those of OAuth
    2, as in the document, and `discovery_url` is that of OpenID Connect. `needed_scopes` are those
    of the operations: frameworks describe them nowhere else.
    """

    name: str
    argument: str
    kind: Literal["bearer", "basic", "header", "query", "cookie", "http", "mutualTLS"]
    wire_name: str
    env: str | None
    prefix: str
    pointer: str
    type: str = "http"
    scheme: str = ""
    flows: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    discovery_url: str | None = None
    needed_scopes: tuple[str, ...] = ()

    @property
    def token_urls(self) -> dict[str, str]:
        """The token URLs by flow; `refresh` renews tokens, and `discovery` leads to the others."""
        flows = {name: flow for name, flow in self.flows.items() if is_object(flow)}
        urls: dict[str, Any] = {name: flow.get("tokenUrl") for name, flow in flows.items()}
        urls["refresh"] = next(filter(None, (f.get("refreshUrl") for f in flows.values())), None)
        urls["discovery"] = self.discovery_url
        return {name: url for name, url in urls.items() if isinstance(url, str) and url}


def list_scopes(scheme: SecurityScheme) -> list[str]:
    """Return all scopes of a scheme: documented ones in document order, then needed ones."""
    flows = [flow for flow in scheme.flows.values() if is_object(flow)]
    documented_scopes = (name for flow in flows for name in flow.get("scopes") or ())
    return list(dict.fromkeys([*documented_scopes, *scheme.needed_scopes]))


@attrs.frozen
class ServerVariable:
    """A variable of a base URL: its default, and its allowed values (empty: any)."""

    default: str
    enum: tuple[str, ...] = ()


@attrs.frozen
class Server:
    """A base URL, with the environment variable that overrides it.

    `url` has the defaults of its variables; `template` is the URL as documented.
    """

    url: str
    env: str | None
    pointer: str
    template: str = ""
    variables: Mapping[str, ServerVariable] = attrs.field(factory=dict[str, ServerVariable])


@attrs.frozen
class Operation:
    """One method on one path.

    `security` lists the alternatives; all schemes of one alternative are needed together, and
    without alternatives no credential is needed. `servers` are those of the operation or its path;
    if empty, those of the spec apply. `path_key` is the path as the document writes it: a part
    after `?` or `#` only distinguishes operations and is not in `path`. `scopes` has the scopes
    that each alternative needs.
    """

    id: str
    resource: str
    name: str
    method: str
    path: str
    summary: str
    description: str
    docs_url: str | None
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]
    security: tuple[tuple[str, ...], ...]
    listing: Listing | None
    effect: Effect | None
    pointer: str
    servers: tuple[Server, ...] = ()
    path_key: str = ""
    scopes: tuple[Mapping[str, tuple[str, ...]], ...] = ()

    @cached_property
    def is_read(self) -> bool:
        """Whether it is safe to send to a live server by default.

        It is not if a parameter overrides the method. TRACE is not, since it repeats credentials.
        """
        is_overridden = any(overrides_method(parameter.name) for parameter in self.parameters)
        return self.method in READ_METHODS and not is_overridden

    @property
    def is_action(self) -> bool:
        """Whether a POST below the path of a row changes its state: `/orders/{id}/cancel`."""
        is_below = not self.path.rstrip("/").endswith("}")
        is_update = self.effect is not None and self.effect.kind == "update"
        return is_update and self.method == "POST" and is_below

    @property
    def creates_by_put(self) -> bool:
        """Whether a PUT to a new id creates a row, which a documented 201 says."""
        return self.method == "PUT" and any(response.status == "201" for response in self.responses)

    def find_parameter(self, name: str, location: str = "query") -> Parameter | None:
        return next((p for p in self.parameters if p.name == name and p.location == location), None)

    def find_exact_response(self, status: str) -> Response | None:
        """Return the response that is documented for exactly a status such as `409`."""
        return next((r for r in self.responses if r.status == status), None)

    def is_success(self, status: int) -> bool:
        """Return whether a status is a success: any 2xx, or a documented redirect."""
        is_redirect = 300 <= status < 400
        return 200 <= status < 300 or (
            is_redirect and any(r.matches(status) and r.status[:1] == "3" for r in self.responses)
        )

    def find_response(self, status: int) -> Response | None:
        """Return the documented response for `status`: by number, then class, then default."""
        responses = [r for r in self.responses if r.matches(status)]
        order = {str(status): 0, "default": 2}
        return min(responses, key=lambda r: order.get(r.status, 1)) if responses else None

    @property
    def documents_missing(self) -> bool:
        """Whether the response for a missing row is documented."""
        return any(response.status in {"404", "410", "4XX"} for response in self.responses)

    @property
    def version_header(self) -> Parameter | None:
        """The parameter If-Match, if a 412 is documented, too."""
        has_rejection = self.find_exact_response("412") is not None
        candidates = (p for p in self.parameters if p.name.lower() == "if-match" and has_rejection)
        return next(candidates, None)

    @property
    def idempotency_key(self) -> str | None:
        """The header that makes it safe to send a request twice."""
        return next((p.name for p in self.parameters if p.idempotency_key), None)

    @cached_property
    def success(self) -> Response | None:
        """The first documented 2xx response."""
        return next((r for r in self.responses if r.status.startswith("2")), None)


_MOST_RESOLVED: Final = 16_384


@attrs.frozen(eq=False)
class Spec:
    """One API: the document as plain data, and the model read from it.

    `document` has the shape of OpenAPI 3.1, whatever the version of the file; `problems` are those
    of lenient reading. `files` has the file of each clause that is in another file than `path`.
    """

    name: str
    path: Path
    document: Mapping[str, Any]
    lines: Mapping[str, int]
    title: str
    version: str
    servers: tuple[Server, ...]
    security_schemes: Mapping[str, SecurityScheme]
    operations: tuple[Operation, ...]
    problems: tuple[Problem, ...] = ()
    files: Mapping[str, Path] = attrs.field(factory=dict[str, Path])

    @property
    def client_package(self) -> str:
        """The package of the generated client: `pet_store_client` for `pet-store`."""
        return name_client_package(self.name)

    @property
    def client_class(self) -> str:
        """The class of the generated client: `PetStore` for `pet-store`."""
        name = "".join(part.capitalize() for part in self.name.replace("-", "_").split("_"))
        return name + "_" if iskeyword(name) else name

    @property
    def base_url_env(self) -> str | None:
        """The environment variable that overrides a client's base URL."""
        return next((server.env for server in self.servers if server.env), None)

    def find_operation(self, operation_id: str) -> Operation | None:
        return self._by_id.get(operation_id)

    @cached_property
    def _by_id(self) -> dict[str, Operation]:
        return {op.id: op for op in reversed(self.operations)}  # the first of a name

    def get_node(self, pointer: str) -> Any:
        """Return the node at `pointer` without following `$ref`s, or MISSING."""
        return json_pointer.follow(self.document, pointer)

    def resolve(self, pointer: str) -> tuple[str, Any]:
        """Return the pointer and node at `pointer` after following `$ref`s."""
        resolved = self._targets_by_pointer.get(pointer)
        if resolved is None:
            target, node = pointer, self.get_node(pointer)
            while json_pointer.is_object(node) and isinstance(node.get("$ref"), str):
                target = json_pointer.parse_reference(node["$ref"])
                node = self.get_node(target)
            resolved = target, node
            if len(self._targets_by_pointer) >= _MOST_RESOLVED:
                self._targets_by_pointer.clear()
            self._targets_by_pointer[pointer] = resolved
        return resolved

    @cached_property
    def _targets_by_pointer(self) -> dict[str, tuple[str, Any]]:
        """The targets of the pointers that were needed: requests need the same ones again."""
        return {}

    def locate_security(self, operation: Operation) -> str:
        """Return the pointer of the clause with an operation's credentials.

        The clause is its own, or that of the document.
        """
        pointer = operation.pointer + "/security"
        return pointer if json_pointer.is_array(self.get_node(pointer)) else "/security"

    def locate(self, pointer: str) -> Location:
        """Return file and line of the clause at `pointer`, or of its nearest ancestor there."""
        if pointer not in self._locations:
            nearest = json_pointer.find_nearest(pointer, self.lines)
            file, line = self.files.get(nearest, self.path), self.lines.get(nearest, 1)
            self._locations[pointer] = Location(file, line, pointer)
        return self._locations[pointer]

    @cached_property
    def _locations(self) -> dict[str, Location]:
        """The locations that were needed: operations share most of their clauses."""
        return {}

    def find_assumption(self, pointer: str) -> str | None:
        """Return why the clause at `pointer` is assumed; None if the vendor documents it.

        `x-assumed` with a string covers a whole node. With a mapping, it covers the keywords in it,
        where `ref` stands for `$ref`.
        """
        node: Any = self.document
        for token in [*json_pointer.split(pointer), None]:
            mark: Any = node.get("x-assumed") if json_pointer.is_object(node) else None
            if isinstance(mark, str):
                return mark
            keyword = token.removeprefix("$") if token else None
            if json_pointer.is_object(mark) and keyword in mark:
                return str(mark[keyword])
            if token is None:
                return None
            node = json_pointer.follow(node, json_pointer.join(token))
        return None


CLIENT_DOCUMENT: Final = "spec.json"
"""The file of a client with the document that it was generated from.

With it, a change to the spec is explained without git, and a mock serves an installed client.
"""


def name_client_package(api: str) -> str:
    """Return the package of an API's generated client; the spec need not exist."""
    return api.replace("-", "_") + "_client"
