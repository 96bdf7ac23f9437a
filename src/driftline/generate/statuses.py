"""An error class for every documented status, with its typed body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Final

import attrs

from driftline.runtime import errors as runtime_errors

# The phrases of RFC 9110, which Python has from 3.13 on.
_PHRASES: Final = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
_RUNTIME_ERRORS = {
    name
    for name, kind in vars(runtime_errors).items()
    if getattr(kind, "__module__", "") == runtime_errors.__name__ and isinstance(kind, type)
}


@attrs.frozen
class ErrorView:
    """A class of the generated `errors`, and its base class in the runtime."""

    status: int
    name: str
    base: str
    annotation: str


def list_error_names(views: Sequence[ErrorView]) -> list[str]:
    """Return the runtime's errors that `views` do not replace by a class of the same name."""
    own_names = {view.name for view in views}
    return sorted(_RUNTIME_ERRORS - own_names)


def build_error_views(responses: Iterable[tuple[str, str | None]]) -> list[ErrorView]:
    """Return the classes for documented responses, given as status and body type."""
    models: dict[int, set[str]] = {}
    for status, body in responses:
        is_model = body is not None and re.fullmatch(r"models\.\w+", body)
        if body and is_model and status.isdecimal() and not status.startswith("2"):
            models.setdefault(int(status), set()).add(body)
    return [_view(status, sorted(bodies)) for status, bodies in sorted(models.items())]


def _view(status: int, bodies: list[str]) -> ErrorView:
    base = runtime_errors.choose_status_error(status).__name__
    general = base in {"ClientError", "ServerError", "RedirectError"}
    name = _name_error(status) if general else base
    return ErrorView(status, name, base, " | ".join(bodies))


def describe_status(status: int) -> str:
    """Return the phrase of a status, the same in every version of Python; `Status 599` if none."""
    try:
        return _PHRASES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def _name_error(status: int) -> str:
    words = re.findall(r"[A-Za-z]+", describe_status(status))
    name = "".join(word[0].upper() + word[1:] for word in words)
    return f"Status{status}" if name == "Status" or name in _RUNTIME_ERRORS else name
