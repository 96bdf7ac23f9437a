"""What a generated client knows of its API: operations, parameters, credentials, servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

__all__ = ["Api", "Credential", "Listing", "Operation", "Parameter"]


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

    def response_type(self, status: int) -> Callable[[], Any] | None:
        """The type documented for `status`: by number, by class, then by default."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None


@attrs.frozen
class Api:
    """One API. `base_url` may be "" if the document names no server."""

    name: str
    version: str
    base_url: str
    base_url_env: str | None
    credentials: tuple[Credential, ...]
    operations: Mapping[str, Operation]
