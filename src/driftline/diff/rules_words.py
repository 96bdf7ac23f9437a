"""The rules about the words that driftline adds to OpenAPI: `x-listing`, `x-effect`, `x-env`, …"""

from __future__ import annotations

from typing import Final

from driftline.diff.change import Direction, Severity
from driftline.diff.rule import Rule

__all__ = ["WORDS"]

_WALK: Final = "Whoever pages by the old document, by hand or by its client, gets lost."
_MORE: Final = "Nothing that callers do today is affected."
_MOCK: Final = "Only the mock and the suite read it."

Row = tuple[Severity, Direction, str, str]

# id: how grave, which way, what happened, why it is so grave
_TABLE: Final[dict[str, Row]] = {
    "listing.added": ("additive", "request", "an operation is a listing now", _MORE),
    "listing.removed": (
        "breaking",
        "request",
        "an operation is a listing no more",
        "The client loses the iterator over its pages.",
    ),
    "listing.page.changed": ("breaking", "request", "the next page is asked for otherwise", _WALK),
    "listing.size.changed": (
        "breaking",
        "request",
        "the size of a page is said otherwise, or is another",
        "Whoever counts on the old size skips rows, or reads them twice.",
    ),
    "listing.rows.moved": (
        "breaking",
        "response",
        "the rows, their ids or their number stand elsewhere",
        "Callers read them where they were.",
    ),
    "listing.order.changed": (
        "breaking",
        "request",
        "rows are sorted otherwise",
        "Whoever stops at the first old row, or merges lists, relies on the order.",
    ),
    "listing.order.value-removed": (
        "breaking",
        "request",
        "rows can be sorted by a field no more",
        "Callers who sort by it are refused, or get another order.",
    ),
    "listing.order.value-added": ("additive", "request", "rows can be sorted by a field", _MORE),
    "listing.filter.removed": (
        "breaking",
        "request",
        "a filter is gone",
        "Callers get rows that they did not ask for.",
    ),
    "listing.filter.added": ("additive", "request", "a new filter", _MORE),
    "listing.filter.changed": (
        "breaking",
        "request",
        "a filter looks at another field, or takes values otherwise",
        "Callers get other rows than they ask for.",
    ),
    "listing.search.removed": (
        "breaking",
        "request",
        "a search is gone",
        "Callers get rows that they did not ask for.",
    ),
    "listing.search.added": ("additive", "request", "a new search", _MORE),
    "listing.search.changed": (
        "breaking",
        "request",
        "a search looks at other fields",
        "Callers get other rows than they ask for.",
    ),
    "listing.echo.changed": (
        "harmless",
        "response",
        "what an answer repeats of the page is told otherwise",
        _MOCK,
    ),
    "effect.added": ("harmless", "request", "what an operation does to rows is told", _MOCK),
    "effect.removed": (
        "harmless",
        "request",
        "what an operation does to rows is told no more",
        _MOCK,
    ),
    "effect.changed": (
        "breaking",
        "request",
        "an operation does something else to rows",
        "A call that is sent as before has another result.",
    ),
    "effect.unique.added": (
        "breaking",
        "request",
        "a field must be unique among rows",
        "A second row with the same value is refused.",
    ),
    "effect.unique.removed": (
        "additive",
        "request",
        "a field need not be unique among rows",
        _MORE,
    ),
    "effect.tag.changed": (
        "harmless",
        "request",
        "a live run marks its rows elsewhere",
        "Only live runs of driftline read it.",
    ),
    "idempotency.added": (
        "additive",
        "request",
        "a request with the header may be sent twice",
        _MORE,
    ),
    "idempotency.removed": (
        "breaking",
        "request",
        "a request with the header may not be sent twice any more",
        "Whoever sends a lost request again may create something twice.",
    ),
    "env.changed": (
        "breaking",
        "request",
        "another environment variable is read",
        "Where only the old one is set, the client finds nothing.",
    ),
    "env.added": ("additive", "request", "an environment variable is read", _MORE),
    "env.removed": (
        "breaking",
        "request",
        "an environment variable is read no more",
        "Where it is set, the client does not see it.",
    ),
    "prefix.changed": (
        "harmless",
        "request",
        "credentials begin otherwise (x-prefix)",
        "Only the mock reads it.",
    ),
    "message.added": (
        "additive",
        "response",
        "it is told where an error says what is wrong",
        _MORE,
    ),
    "message.removed": (
        "breaking",
        "response",
        "it is told no more where an error says what is wrong",
        "The client's exceptions lose their text.",
    ),
    "message.moved": (
        "breaking",
        "response",
        "an error says elsewhere what is wrong",
        "Callers read it where it was.",
    ),
}

WORDS: Final = tuple(
    Rule(
        id=name,
        severity=severity,
        direction=direction,
        summary=summary,
        reason=reason,
        remedy="Keep what was there, or release it as a new major version."
        if severity == "breaking"
        else "Nothing; mention it to callers if it helps them.",
    )
    for name, (severity, direction, summary, reason) in _TABLE.items()
)
