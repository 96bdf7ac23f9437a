"""Finds the operation that a method and path mean; werkzeug does the matching."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from driftline.mock.memo import remember
from driftline.mock.refusal import Refusal
from driftline.spec import Operation

__all__ = ["Router"]

_REMEMBERED = 1024
_LONGEST = 200


class Router:
    """The operations of one API by path and method. Paths stay percent-encoded."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = {operation.id: operation for operation in operations}
        rules = [
            Rule(_rule(operation.path), methods=[operation.method], endpoint=operation.id)
            for operation in operations
        ]
        url_map = Map(rules, strict_slashes=False, merge_slashes=False, redirect_defaults=False)
        self._matcher = url_map.bind("mock")
        self._known: dict[tuple[str, str], tuple[Operation, Mapping[str, str]]] = {}

    def match(self, method: str, path: str) -> tuple[Operation | None, Mapping[str, str]]:
        """The operation and its path arguments; no operation for OPTIONS, with the path at "".

        Raises:
            Refusal: 404, or 405 with the methods that are there.
        """
        known = self._known.get((method, path))
        if known is not None:
            return known
        if method == "OPTIONS" and self.knows(path):
            return None, {"": path}
        operation, values = self._found(method, path)
        if len(path) <= _LONGEST:
            remember(self._known, (method, path), (operation, values), _REMEMBERED)
        return operation, values

    def _found(self, method: str, path: str) -> tuple[Operation, Mapping[str, str]]:
        try:
            operation_id, values = self._matcher.match(path, method)
        except MethodNotAllowed:
            allow = ", ".join(self.allowed(path))
            text = f"{method} is not among the methods of this path: {allow}"
            raise Refusal(405, text, (("Allow", allow),)) from None
        except (NotFound, RequestRedirect):
            raise Refusal(404, "there is nothing at this path") from None
        operation = self._operations[operation_id]
        names = re.findall(r"{([^{}]+)}", operation.path)
        return operation, {name: values[f"p{index}"] for index, name in enumerate(names)}

    def knows(self, path: str) -> bool:
        """Whether there is any operation at this path."""
        return bool(self.allowed(path))

    def allowed(self, path: str) -> Sequence[str]:
        """The methods that are answered at this path, HEAD with every GET."""
        methods = set(self._matcher.allowed_methods(path))
        return sorted(methods | {"OPTIONS"}) if methods else []


def _rule(path: str) -> str:
    """`/a/{b}` in werkzeug's way of writing it; names may be anything, so they are numbered."""
    parts = re.split(r"{[^{}]+}", path)
    rule = parts[0]
    for index, part in enumerate(parts[1:]):
        rule += f"<p{index}>{part}"
    return rule
