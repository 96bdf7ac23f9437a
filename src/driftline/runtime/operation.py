"""What a generated client knows of its API: operations, parameters, credentials, servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Literal

import attrs

__all__ = ["Api", "Credential", "Listing", "Operation", "Operations", "Parameter"]


@attrs.frozen
class Parameter:
    """A parameter by its wire name, and how it is written there."""

    name: str
    place: Literal["path", "query", "header", "cookie"]
    style: str = "form"
    explode: bool = True
    required: bool = False


@attrs.frozen
class Credential:
    """A security scheme: `argument` is the client's keyword, `env` the variable it comes from."""

    name: str
    argument: str
    kind: Literal["bearer", "basic", "header", "query", "cookie"]
    wire_name: str
    env: str | None = None


@attrs.frozen
class Listing:
    """How the pages of a listing follow each other; pointers are into the answer, by wire name.

    `parameter` takes the cursor, number or offset of a page (None: there is no way on), `size`
    the number of rows of one; numbers count from `first`.
    """

    items: str
    id: str
    style: Literal["cursor", "number", "offset", "single"]
    parameter: str | None = None
    first: int = 1
    next: str | None = None
    more: str | None = None
    total: str | None = None
    size: str | None = None


@attrs.frozen
class Operation:
    """One method on one path.

    `responses` maps a status (`200`, `4XX`, `default`) to the type of its JSON body, given late so
    that models are imported only when they are needed; None stands for a body without a type.
    `nullable` names the body fields for which None means null and not "leave it out".
    `idempotency_key` is the parameter that makes it safe to send a request twice, and
    `required_fields` are the fields that a body needs when it is given field by field. `messages`
    maps a status to the JSON pointer of what is wrong.
    """

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    media_type: str | None = None
    nullable: frozenset[str] = frozenset()
    security: tuple[tuple[str, ...], ...] = ()
    responses: Mapping[str, Callable[[], Any] | None] = attrs.field(factory=dict[str, Any])
    listing: Listing | None = None
    idempotency_key: str | None = None
    required_fields: tuple[str, ...] = ()
    messages: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def response_type(self, status: int) -> Callable[[], Any] | None:
        """The type documented for `status`: by number, by class, then by default."""
        key = self._documented(status)
        return None if key is None else self.responses[key]

    def message_pointer(self, status: int) -> str | None:
        """Where the body of an error says what is wrong, if the document says where."""
        key = self._documented(status)
        return None if key is None else self.messages.get(key)

    def _documented(self, status: int) -> str | None:
        keys = (str(status), f"{status // 100}XX", "default")
        return next((key for key in keys if key in self.responses), None)


class Operations(Mapping[str, Operation]):
    """The operations of a generated package by ID; each is imported when it is asked for.

    `modules` maps the IDs to modules of the package, each with an OPERATION.
    """

    def __init__(self, package: str, modules: Mapping[str, str]) -> None:
        self._package, self._modules = package, modules

    def __getitem__(self, operation_id: str) -> Operation:
        module = import_module(self._modules[operation_id], self._package)
        found: Operation = module.OPERATION
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


@attrs.frozen
class Api:
    """One API. `base_url` may be "" if the document names no server.

    `errors` maps a documented status to its class.
    """

    name: str
    version: str
    base_url: str
    base_url_env: str | None
    credentials: tuple[Credential, ...]
    operations: Mapping[str, Operation]
    errors: Mapping[int, Any] = attrs.field(factory=dict[int, Any])
