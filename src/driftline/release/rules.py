"""Every id of a change for Python callers, with what it means for them.

What callers give may be widened, and not narrowed; what they get may be narrowed, and not widened:
the rule of `driftline diff`, by the eyes of a type checker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from driftline.diff import Rule
from driftline.diff.change import Direction, Severity

__all__ = ["PYTHON_RULES"]

_GONE: Final = "Callers who use it fail: a type checker says where."
_MORE: Final = "Nothing that callers write today is affected."
_REFUSED: Final = "A call that was right is refused by a type checker, or fails when it is made."
_MET: Final = "Callers know the old type only: what handled all of it does so no more."
_LESS: Final = "All that comes now could come before."
_REMEDY: Final = {
    "breaking": "Release it as a new major version (0.x: a minor one), and tell callers what to "
    "write instead.",
    "additive": "Nothing; mention it to callers if it helps them.",
    "harmless": "Nothing.",
}

Row = tuple[Severity, Direction, str, str]

# id: how grave, which way, what happened, why it is so grave
_TABLE: Final[dict[str, Row]] = {
    "client.removed": ("breaking", "request", "a client class is gone", _GONE),
    "client.added": ("additive", "request", "a new client class", _MORE),
    "resource.removed": ("breaking", "request", "a resource of the client is gone", _GONE),
    "resource.added": ("additive", "request", "a new resource of the client", _MORE),
    "method.removed": ("breaking", "request", "a method is gone", _GONE),
    "method.added": ("additive", "request", "a new method", _MORE),
    "form.removed": (
        "breaking",
        "request",
        "a way to call a method is gone (with fields, or with body=)",
        _REFUSED,
    ),
    "form.added": ("additive", "request", "a new way to call a method", _MORE),
    "argument.removed": (
        "breaking",
        "request",
        "an argument is gone",
        "Whoever gives it is refused by a type checker, and by Python when the call is made.",
    ),
    "argument.added": ("additive", "request", "a new argument that may be left out", _MORE),
    "argument.required-added": ("breaking", "request", "a new argument is required", _REFUSED),
    "argument.became-required": ("breaking", "request", "an argument is required now", _REFUSED),
    "argument.became-optional": ("additive", "request", "an argument may be left out now", _MORE),
    "argument.moved": (
        "breaking",
        "request",
        "an argument has another place among those without a name",
        "The values of two arguments change places, and nobody is told.",
    ),
    "argument.kind-changed": (
        "breaking",
        "request",
        "an argument is given by name only now, or by its place",
        _REFUSED,
    ),
    "argument.default-changed": (
        "breaking",
        "request",
        "an argument has another default in Python",
        "Whoever leaves it out says something else now.",
    ),
    "argument.narrowed": ("breaking", "request", "an argument takes less", _REFUSED),
    "argument.widened": ("additive", "request", "an argument takes more", _MORE),
    "argument.retyped": ("breaking", "request", "an argument is of another type", _REFUSED),
    "argument-value.removed": (
        "breaking",
        "request",
        "a listed value can be given no more",
        "Whoever writes it is refused by a type checker.",
    ),
    "argument-value.added": ("additive", "request", "a new listed value can be given", _MORE),
    "request-field.removed": ("breaking", "request", "a field of a body's model is gone", _GONE),
    "request-field.added": (
        "additive",
        "request",
        "a new field of a body's model, which may be left out",
        _MORE,
    ),
    "request-field.required-added": (
        "breaking",
        "request",
        "a new field of a body's model is required",
        _REFUSED,
    ),
    "request-field.became-required": (
        "breaking",
        "request",
        "a field of a body's model is required now",
        _REFUSED,
    ),
    "request-field.became-optional": (
        "additive",
        "request",
        "a field of a body's model may be left out now",
        _MORE,
    ),
    "request-field.narrowed": ("breaking", "request", "a field of a body takes less", _REFUSED),
    "request-field.widened": ("additive", "request", "a field of a body takes more", _MORE),
    "request-field.retyped": (
        "breaking",
        "request",
        "a field of a body is of another type",
        _REFUSED,
    ),
    "model.removed": ("breaking", "response", "a model or a list of values is gone", _GONE),
    "model.added": ("additive", "response", "a new model or list of values", _MORE),
    "model.remade": (
        "breaking",
        "response",
        "a name was a model and is a list of values now, or the reverse",
        _GONE,
    ),
    "pages.removed": (
        "breaking",
        "response",
        "an answer cannot be iterated over any more",
        "Whoever goes through all pages with `for` fails.",
    ),
    "pages.added": ("additive", "response", "an answer can be iterated over", _MORE),
    "error.removed": ("breaking", "response", "an error is gone", _GONE),
    "error.added": ("additive", "response", "a new error", _MORE),
    "result.narrowed": ("harmless", "response", "a method returns less than it did", _LESS),
    "result.widened": ("breaking", "response", "a method may return something else too", _MET),
    "result.retyped": ("breaking", "response", "a method returns another type", _MET),
    "field.removed": ("breaking", "response", "a field that was read is gone", _GONE),
    "field.added": (
        "additive",
        "response",
        "a new field to be read",
        "Readers are not affected. Whoever makes such a model by hand, in a test, has to give "
        "it if it is always there.",
    ),
    "field.became-required": (
        "harmless",
        "response",
        "a field that is read is always there now",
        "Readers are not affected. Whoever makes such a model by hand, in a test, has to give it.",
    ),
    "field.became-optional": (
        "breaking",
        "response",
        "a field that is read may be missing now",
        "Its type is the same, but what is read may be ABSENT: neither a value nor None.",
    ),
    "field.narrowed": ("harmless", "response", "a field that is read holds less", _LESS),
    "field.widened": ("breaking", "response", "a field that is read may hold more", _MET),
    "field.retyped": ("breaking", "response", "a field that is read is of another type", _MET),
    "value.removed": (
        "breaking",
        "response",
        "a listed value comes no more",
        "Whoever compares with it is told by a strict type checker that this is never true.",
    ),
    "value.added": (
        "breaking",
        "response",
        "a new listed value may come",
        "Whoever matches all values has one left: a type checker says so at assert_never.",
    ),
    "name.removed": (
        "breaking",
        "response",
        "another public name of the package is gone",
        "Whoever imports it fails.",
    ),
    "name.changed": (
        "breaking",
        "response",
        "another public name of the package is used otherwise",
        "It is what griffe calls a breaking change.",
    ),
}
PYTHON_RULES: Final[Mapping[str, Rule]] = {
    f"python.{name}": Rule(
        id=f"python.{name}",
        severity=severity,
        direction=direction,
        summary=f"in Python: {summary}",
        reason=reason,
        remedy=_REMEDY[severity],
    )
    for name, (severity, direction, summary, reason) in _TABLE.items()
}
