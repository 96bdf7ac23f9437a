"""What requests bear out: parameters, their values and bounds, credentials, and the body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, unquote

import attrs

from driftline.contract.coverage.marks import REQUEST, Mark
from driftline.contract.coverage.values import Tree, is_at, tree
from driftline.contract.wire import Outgoing, text_of
from driftline.spec.model import Operation, Parameter, SecurityScheme, Spec

__all__ = ["Sent", "Texts", "sent_texts"]

Texts = dict[tuple[str, str], list[str]]
"""By place and name, the texts that a request has for a parameter."""


@attrs.define(eq=False)
class _Parameter:
    """The marks of one parameter; `items` has those of an array's items."""

    parameter: Parameter
    sent: Mark
    whole: Tree
    items: Tree

    def note(self, number: int, texts: Sequence[str]) -> None:
        self.sent.note(number, bool(texts))
        if not texts:
            return
        parts = [part for text in texts for part in text.split(self.parameter.separator)]
        for known, mark in self.whole.values.items():
            mark.note(number, text_of(json.loads(known)) in texts)
        for known, mark in self.items.values.items():
            mark.note(number, text_of(json.loads(known)) in parts)
        for word, limit, mark in self.whole.bounds:
            value: Any = parts if word.endswith("Items") else texts[0]
            if word in {"minimum", "maximum"}:
                value = _number(texts[0])
                mark.note(number, is_at(word, limit, value))

    def marks(self) -> Iterator[Mark]:
        yield self.sent
        for each in (self.whole, self.items):
            yield from each.values.values()
        yield from (mark for _, _, mark in self.whole.bounds)


class Sent:
    """Everything that is counted of an operation's requests; only what was taken counts."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        self._spec = spec
        self._operation = operation
        self._parameters = [_parameter(spec, each) for each in operation.parameters]
        self._body = self._body_tree()
        security = spec.security_pointer(operation)
        self._credentials = [
            (names, Mark("credentials", security, REQUEST, "", " and ".join(names)))
            for names in operation.security
        ]

    def _body_tree(self) -> Tree | None:
        media = self._operation.body.json if self._operation.body else None
        if media is None or not media.schema_pointer:
            return None
        return tree(self._spec, media.schema_pointer, REQUEST)

    def marks(self) -> Iterator[Mark]:
        """In the order of the spec."""
        for each in self._parameters:
            yield from each.marks()
        yield from self._body.marks() if self._body else ()
        yield from (mark for _, mark in self._credentials)

    def note(self, number: int, request: Outgoing, texts: Texts) -> None:
        """A request that was taken."""
        for each in self._parameters:
            each.note(number, texts.get((each.parameter.place, each.parameter.name), []))
        for names, mark in self._credentials:
            schemes = [self._spec.security_schemes[name] for name in names]
            mark.note(number, all(_carries(request, texts, scheme) for scheme in schemes))
        if self._body is None:
            return
        try:
            self._body.note(number, json.loads(request.body))
        except ValueError:
            return  # another media type, or nothing


def _parameter(spec: Spec, parameter: Parameter) -> _Parameter:
    pointer = parameter.schema_pointer
    whole = tree(spec, pointer, REQUEST)
    items = whole.below.get("[]", Tree())
    for mark in (*whole.marks(), *items.marks()):
        mark.where = parameter.name
    sent = Mark("parameter", parameter.pointer, REQUEST, parameter.name)
    return _Parameter(parameter, sent, whole, items)


def sent_texts(operation: Operation, request: Outgoing) -> Texts:
    """What a request says for each parameter, decoded."""
    found: Texts = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        found.setdefault(("query", name), []).append(value)
        outer = name.partition("[")[0]
        if outer != name:  # deepObject
            found.setdefault(("query", outer), []).append(value)
    for name, value in request.headers:
        for parameter in operation.parameters:
            if parameter.place == "header" and parameter.name.lower() == name.lower():
                found.setdefault(("header", parameter.name), []).append(value)
        if name.lower() == "cookie":
            found |= {("cookie", key): [text] for key, text in _cookies(value)}
    names = re.findall(r"{([^{}]+)}", operation.path)
    pattern = "([^/]*)".join(map(re.escape, re.split(r"{[^{}]+}", operation.path)))
    matched = re.fullmatch(pattern, request.path)
    if matched:
        texts = map(unquote, matched.groups())
        found |= {("path", name): [text] for name, text in zip(names, texts, strict=True)}
    return found


def _cookies(header: str) -> list[tuple[str, str]]:
    try:
        return [(name, morsel.value) for name, morsel in SimpleCookie(header).items()]
    except CookieError:
        return []


def _carries(request: Outgoing, texts: Texts, scheme: SecurityScheme) -> bool:
    if scheme.kind in {"query", "cookie"}:
        if scheme.kind == "query":
            return ("query", scheme.wire_name) in texts
        return ("cookie", scheme.wire_name) in texts
    values = [v for name, v in request.headers if name.lower() == scheme.wire_name.lower()]
    prefix = {"bearer": "bearer ", "basic": "basic "}.get(scheme.kind, "")
    return any(value.lower().startswith(prefix) for value in values)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
