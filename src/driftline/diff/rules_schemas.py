"""The rules about schemas: each kind of difference, once for what is sent and for what comes.

What is sent may be narrowed only by breaking callers, who go on as before; what comes may be
widened only by breaking them, since they know the old answers only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from driftline.diff.change import Direction, Severity
from driftline.diff.rule import Rule

__all__ = ["SCHEMAS"]

_NARROWED: Final = "Less is allowed than before."
_WIDENED: Final = "More is allowed than before."
_CHANGED: Final = "Some of what was allowed is so no more, or it cannot be told whether."
_REASONS: Final = {
    ("request", "breaking"): "A caller who goes on as before may be refused.",
    ("request", "additive"): "What callers send today is still accepted.",
    ("request", "harmless"): "Nothing that a caller sends is affected.",
    ("response", "breaking"): "A caller who relies on the old answer may meet what it cannot read.",
    ("response", "additive"): "There is more to read; readers pass over what they do not know.",
    ("response", "harmless"): "Everything that comes now could come before.",
}
_REMEDIES: Final = {
    ("request", "breaking"): "Keep accepting what was accepted, or release it as a new major "
    "version and tell callers what to send instead.",
    ("response", "breaking"): "Keep to the old answer, or release it as a new major version and "
    "tell callers what else may come.",
}
_REMEDY: Final = "Nothing; mention it to callers if it helps them."

# kind: what happened, when sent, when it comes
_TABLE: Final[dict[str, tuple[str, str, Severity, Severity]]] = {
    "type.narrowed": ("fewer types", _NARROWED, "breaking", "harmless"),
    "type.widened": ("more types", _WIDENED, "additive", "breaking"),
    "type.changed": ("another type", _CHANGED, "breaking", "breaking"),
    "null.forbidden": ("null is allowed no more", _NARROWED, "breaking", "harmless"),
    "null.allowed": ("null is allowed now", _WIDENED, "additive", "breaking"),
    "enum.added": ("only listed values now", _NARROWED, "breaking", "harmless"),
    "enum.removed": ("no longer only listed values", _WIDENED, "additive", "breaking"),
    "enum.value-removed": ("a listed value is gone", _NARROWED, "breaking", "harmless"),
    "enum.value-added": ("a new listed value", _WIDENED, "additive", "breaking"),
    "open-enum.value-removed": (
        "a value is gone from an open list (x-extensible-enum)",
        "The list is open: readers must expect other values anyway.",
        "breaking",
        "harmless",
    ),
    "open-enum.value-added": (
        "a new value in an open list (x-extensible-enum)",
        "The list is open: readers must expect other values anyway.",
        "additive",
        "additive",
    ),
    "bound.tightened": ("a tighter limit", _NARROWED, "breaking", "harmless"),
    "bound.loosened": ("a looser limit", _WIDENED, "additive", "breaking"),
    "bound.changed": ("another step (multipleOf)", _CHANGED, "breaking", "breaking"),
    "pattern.added": ("a pattern must be kept to", _NARROWED, "breaking", "harmless"),
    "pattern.removed": ("a pattern is kept to no more", _WIDENED, "additive", "breaking"),
    "pattern.changed": (
        "another pattern",
        "Which of two patterns allows more cannot be told in general, so it is taken to break.",
        "breaking",
        "breaking",
    ),
    "format.added": ("a format must be kept to", _NARROWED, "breaking", "harmless"),
    "format.removed": ("a format is kept to no more", _WIDENED, "additive", "breaking"),
    "format.changed": ("another format", _CHANGED, "breaking", "breaking"),
    "encoding.changed": (
        "another encoding or media type within a text",
        _CHANGED,
        "breaking",
        "breaking",
    ),
    "field.added": (
        "a new field",
        "It may be left out, or passed over.",
        "additive",
        "additive",
    ),
    "field.removed": (
        "a field is gone",
        "Whoever sends or reads it does so in vain from now on, even where it was optional.",
        "breaking",
        "breaking",
    ),
    "required.added": ("a field must be there", _NARROWED, "breaking", "harmless"),
    "required.removed": ("a field may be missing", _WIDENED, "additive", "breaking"),
    "additional.forbidden": ("no other fields any more", _NARROWED, "breaking", "harmless"),
    "additional.allowed": (
        "other fields may be there",
        "Readers pass over fields that they do not know, as they do with a new one.",
        "additive",
        "additive",
    ),
    "alternative.removed": ("an alternative is gone", _NARROWED, "breaking", "harmless"),
    "alternative.added": ("a new alternative", _WIDENED, "additive", "breaking"),
    "discriminator.added": (
        "a field, or a value of it, says which alternative it is",
        "What is there is only told more plainly.",
        "harmless",
        "harmless",
    ),
    "discriminator.changed": (
        "which alternative it is, is said otherwise",
        "Callers choose the alternative by that field and its values.",
        "breaking",
        "breaking",
    ),
    "rule.added": ("a rule that was not there", _NARROWED, "breaking", "harmless"),
    "rule.removed": ("a rule is there no more", _WIDENED, "additive", "breaking"),
    "rule.changed": ("a condition has changed", _CHANGED, "breaking", "breaking"),
    "default.changed": (
        "another default",
        "What is left out means something else now; an answer is never left to its default.",
        "breaking",
        "harmless",
    ),
    "default.removed": (
        "a default is gone",
        "What is left out means nothing certain any more; an answer is never left to its default.",
        "breaking",
        "harmless",
    ),
    "default.added": (
        "a default",
        "What it means to leave something out is told now.",
        "additive",
        "harmless",
    ),
    "deprecation.added": ("deprecated", "It works as before.", "harmless", "harmless"),
    "deprecation.removed": ("deprecated no more", "It works as before.", "harmless", "harmless"),
    "assumption.added": (
        "a clause is only our assumption now (x-assumed)",
        "The clause itself is compared like any other.",
        "harmless",
        "harmless",
    ),
    "assumption.removed": (
        "a clause is no longer only our assumption (x-assumed)",
        "The clause itself is compared like any other.",
        "harmless",
        "harmless",
    ),
}


def _rules() -> Iterator[Rule]:
    nouns: dict[Direction, str] = {"request": "in what is sent", "response": "in what comes"}
    for direction, noun in nouns.items():
        for kind, (summary, meaning, *severities) in _TABLE.items():
            severity: Severity = severities[direction == "response"]
            yield _rule(kind, direction, severity, f"{noun}: {summary}", meaning)


def _rule(kind: str, direction: Direction, severity: Severity, summary: str, meaning: str) -> Rule:
    return Rule(
        id=f"{direction}.{kind}",
        severity=severity,
        direction=direction,
        summary=summary,
        reason=f"{meaning} {_REASONS[direction, severity]}",
        remedy=_REMEDIES.get((direction, severity), _REMEDY),
    )


SCHEMAS: Final = tuple(_rules())
