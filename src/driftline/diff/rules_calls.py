"""The rules about calls: operations, parameters, bodies, answers, credentials, servers."""

from __future__ import annotations

from typing import Final

from driftline.diff.change import Direction, Severity
from driftline.diff.rule import Rule

__all__ = ["CALLS"]

_KEEP: Final = "Keep what was there beside the new, or release it as a new major version."
_NOTHING: Final = "Nothing; mention it to callers if it helps them."
_REFUSED: Final = "A caller who goes on as before is refused, or not heard."
_MORE: Final = "Nothing that callers do today is affected."
_SAME: Final = "The wire is the same."

Row = tuple[Severity, Direction, str, str]

# id: how grave, which way, what happened, why it is so grave
_TABLE: Final[dict[str, Row]] = {
    "api.removed": ("breaking", "request", "a whole API is gone", _REFUSED),
    "api.added": ("additive", "request", "a new API", _MORE),
    "operation.removed": (
        "breaking",
        "request",
        "an operation is gone",
        "Its callers are refused; that it was deprecated does not stop them from calling it.",
    ),
    "operation.added": ("additive", "request", "a new operation", _MORE),
    "operation.deprecated": ("harmless", "request", "an operation is deprecated", _SAME),
    "operation.undeprecated": (
        "harmless",
        "request",
        "an operation is deprecated no more",
        _SAME,
    ),
    "operation.id.changed": (
        "harmless",
        "request",
        "an operation has another operationId",
        _SAME + " Generated clients name their methods by it: their callers have to follow.",
    ),
    "parameter.removed": (
        "breaking",
        "request",
        "a parameter is gone",
        "Whoever sends it is refused, or is answered as if it had not been sent.",
    ),
    "parameter.added": ("additive", "request", "a new parameter that may be left out", _MORE),
    "parameter.required.added": ("breaking", "request", "a parameter must be sent", _REFUSED),
    "parameter.required.removed": ("additive", "request", "a parameter may be left out", _MORE),
    "parameter.moved": (
        "breaking",
        "request",
        "a parameter is sent in another place (query, header, cookie)",
        _REFUSED,
    ),
    "parameter.style.changed": (
        "breaking",
        "request",
        "the values of a parameter are written otherwise",
        "What callers write is read as another value.",
    ),
    "parameter.empty.forbidden": (
        "breaking",
        "request",
        "a parameter may not be empty any more",
        _REFUSED,
    ),
    "parameter.empty.allowed": ("additive", "request", "a parameter may be empty", _MORE),
    "parameter.renamed": (
        "harmless",
        "request",
        "a path parameter has another name",
        _SAME + " Generated clients name an argument by it.",
    ),
    "parameter.deprecated": ("harmless", "request", "a parameter is deprecated", _SAME),
    "parameter.undeprecated": (
        "harmless",
        "request",
        "a parameter is deprecated no more",
        _SAME,
    ),
    "body.removed": ("breaking", "request", "there is no request body any more", _REFUSED),
    "body.added": ("additive", "request", "a request body may be sent", _MORE),
    "body.required.added": ("breaking", "request", "a request body must be sent", _REFUSED),
    "body.required.removed": ("additive", "request", "a request body may be left out", _MORE),
    "request.media-type.removed": (
        "breaking",
        "request",
        "a media type is accepted no more",
        _REFUSED,
    ),
    "request.media-type.added": ("additive", "request", "a media type is accepted", _MORE),
    "response.media-type.removed": (
        "breaking",
        "response",
        "an answer does not come in a media type any more",
        "A caller who reads that media type has nothing to read.",
    ),
    "response.media-type.added": (
        "additive",
        "response",
        "an answer may come in a media type",
        "It comes to those who ask for it.",
    ),
    "response.media-type.widened": (
        "breaking",
        "response",
        "an answer may come in other media types",
        "It was one media type, and may now be others that callers cannot read.",
    ),
    "response.success.removed": (
        "breaking",
        "response",
        "a success has another status or no answer",
        "A caller who looks for that status does not meet it any more.",
    ),
    "response.success.added": (
        "additive",
        "response",
        "a success may have another status",
        "Callers take every 2xx for a success.",
    ),
    "response.error.removed": (
        "harmless",
        "response",
        "an error does not come any more",
        "Whoever is ready for it waits in vain, which hurts nobody.",
    ),
    "response.error.added": (
        "additive",
        "response",
        "an error is documented",
        "Callers must be ready for any error status.",
    ),
    "header.removed": (
        "breaking",
        "response",
        "an answer does not have a header any more",
        "Whoever reads it reads nothing.",
    ),
    "header.added": ("additive", "response", "an answer has a new header", "It can be ignored."),
    "header.required.removed": (
        "breaking",
        "response",
        "a header of an answer may be missing",
        "Whoever relies on it may read nothing.",
    ),
    "header.required.added": (
        "harmless",
        "response",
        "a header of an answer is always there",
        "It could be there before.",
    ),
    "callback.removed": (
        "breaking",
        "response",
        "a callback or webhook is not sent any more",
        "Whoever waits for it waits in vain.",
    ),
    "callback.added": (
        "additive",
        "response",
        "a new callback or webhook",
        "It comes to those who ask for it.",
    ),
    "security.required.added": (
        "breaking",
        "request",
        "credentials are needed where none were",
        _REFUSED,
    ),
    "security.required.removed": ("additive", "request", "no credentials are needed", _MORE),
    "security.alternative.removed": (
        "breaking",
        "request",
        "credentials of one kind are accepted no more",
        _REFUSED,
    ),
    "security.alternative.added": (
        "additive",
        "request",
        "credentials of another kind are accepted",
        _MORE,
    ),
    "security.scope.added": ("breaking", "request", "credentials need another scope", _REFUSED),
    "security.scope.removed": ("additive", "request", "credentials need a scope less", _MORE),
    "security.url.changed": (
        "breaking",
        "request",
        "credentials come from another URL",
        "Callers get their tokens from the old one.",
    ),
    "server.removed": ("breaking", "request", "a base URL is gone", _REFUSED),
    "server.added": ("additive", "request", "another base URL", _MORE),
    "server.variable.changed": (
        "breaking",
        "request",
        "a part of a base URL has another default, or fewer values",
        _REFUSED,
    ),
    "server.variable.added": (
        "additive",
        "request",
        "a part of a base URL has another value to choose",
        _MORE,
    ),
}

CALLS: Final = tuple(
    Rule(
        id=name,
        severity=severity,
        direction=direction,
        summary=summary,
        reason=reason,
        remedy=_KEEP if severity == "breaking" else _NOTHING,
    )
    for name, (severity, direction, summary, reason) in _TABLE.items()
)
