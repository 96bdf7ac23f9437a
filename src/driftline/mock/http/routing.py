"""Finds the operation of a request; werkzeug matches the paths.

Several operations may have one path: `/orders?kind={kind}`, `/#Action=Send`, or two equivalent
templates. Then the operation whose required parameters the request has is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from urllib.parse import quote, unquote_plus, urlsplit

import attrs
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.http import parse_accept_header
from werkzeug.routing import BaseConverter, Map, RequestRedirect, Rule

from driftline.media import matches
from driftline.mock.http.messages import HttpRequest, Rejection
from driftline.mock.http.negotiation import rate_media_type
from driftline.mock.http.styles import coerce_text
from driftline.mock.memo import remember
from driftline.openapi import (
    MISSING,
    Operation,
    Parameter,
    Spec,
    is_array,
    is_object,
    list_choices,
    list_types as types_of,
)

_REMEMBERED = 1024
_MOST_GROUPS = 4
"""Up to this number of groups in a segment, a value may contain the text after it."""
_LONGEST = 200
_UNESCAPED = "-._~"
_LITERAL = "/%:@!$&'()*+,;=~-._"
"""Characters that stay as they are in a path; clients encode the others."""
_TEMPLATE = re.compile(r"{([^{}]+)}")
_TEMPLATES = re.compile(r"((?:{[^{}]+})+)")
"""Adjacent parameters, as in `/reports/{id}{format}`."""
_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d(?::|%3A)\d\d(?::|%3A)\d\d(?:\.\d+)?"
_PATTERNS = {
    "integer": r"(-?\d+)",
    "number": r"(-?\d+(?:\.\d+)?(?:[eE](?:[-+]|%2B)?\d+)?)",
    "date": f"({_DATE})",
    "date-time": f"({_DATE}[Tt]{_TIME}(?:[Zz]|(?:[-+]|%2B)\\d\\d(?::|%3A)\\d\\d))",
    "uuid": "([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})",
}
"""Patterns of the values of a type or format, percent-encoded or not."""


@attrs.frozen
class RouteMatch:
    """The operation of a request, and its path arguments, still encoded.

    `operation` is None for OPTIONS, which the mock handles itself.
    """

    operation: Operation | None
    arguments: Mapping[str, str]


@attrs.frozen
class _Segment:
    """A segment of a path with text between parameters, as in `/rates/{from}-{to}`.

    werkzeug separates values at the first possible position, but a date contains the separator.
    """

    names: tuple[str, ...]
    name_literals: tuple[tuple[str, str], ...]
    pattern: str

    @classmethod
    def build(
        cls, first: int, groups: Sequence[tuple[tuple[str, ...], str]], literals: Sequence[str]
    ) -> _Segment:
        """Build it from groups of adjacent parameters, and the text after each group."""
        names = tuple(name for group_names, _ in groups for name in group_names)
        parts = tuple((f"p{first + index}", literal) for index, literal in enumerate(literals))
        patterns = zip((pattern for _, pattern in groups), literals, strict=True)
        return cls(
            names, parts, "".join(pattern + re.escape(literal) for pattern, literal in patterns)
        )

    def separate(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return the arguments by the types of the parameters; none if these do not match."""
        segment = "".join(values[name] + literal for name, literal in self.name_literals)
        match = re.fullmatch(self.pattern, segment, re.DOTALL)
        return dict(zip(self.names, match.groups(), strict=True)) if match else {}


@attrs.frozen(eq=False)
class _Candidate:
    """One of the operations at a path: its path names, and the part after `?` or `#`.

    Each of `groups` has adjacent names, and a pattern of their values. Each of `segments` has
    several groups, with text between them.
    """

    operation: Operation
    groups: tuple[tuple[tuple[str, ...], str], ...]
    segments: tuple[_Segment, ...]
    fixed_pairs: tuple[tuple[str, str], ...]

    @property
    def sent_pairs(self) -> list[tuple[str, str]]:
        """The fixed pairs that requests have; a fragment is not sent, it only names parameters."""
        names = {parameter.name for parameter in self.operation.parameters}
        is_sent = "#" not in self.operation.path_key
        return [pair for pair in self.fixed_pairs if is_sent or pair[0] in names]

    @classmethod
    def build(cls, spec: Spec, operation: Operation) -> _Candidate:
        rest = _find_rest(operation.path_key)
        pairs = (part.partition("=") for part in re.split("[?&#]", rest) if part)
        fixed_pairs = tuple((name, value) for name, _, value in pairs)
        groups: list[tuple[tuple[str, ...], str]] = []
        segments: list[_Segment] = []
        for segment in operation.path.split("/"):
            parts = _TEMPLATES.split(segment)
            run: list[tuple[tuple[str, ...], str]] = []
            for template in parts[1::2]:
                names = tuple(_TEMPLATE.findall(template))
                run.append((names, "".join(_build_pattern(spec, operation, n) for n in names)))
            if 1 < len(run) <= _MOST_GROUPS:
                literals = [quote(literal, safe=_LITERAL) for literal in parts[2::2]]
                segments.append(_Segment.build(len(groups), run, [*literals[:-1], ""]))
            groups += run
        return cls(operation, tuple(groups), tuple(segments), fixed_pairs)

    def read_arguments(self, values: Mapping[str, str]) -> dict[str, str] | None:
        """Return the path arguments, still encoded; None if they cannot be separated."""
        arguments: dict[str, str] = {}
        for index, (names, pattern) in enumerate(self.groups):
            value = values[f"p{index}"]
            if len(names) == 1:
                arguments[names[0]] = value  # of another type, it is an invalid request
            elif match := re.fullmatch(pattern, value, re.DOTALL):
                arguments |= zip(names, match.groups(), strict=True)
            else:
                return None
        for segment in self.segments:
            arguments |= segment.separate(values)
        return arguments

    def fits(self, values: Mapping[str, str]) -> bool:
        """Return whether the path arguments look like values of their types."""
        patterns = enumerate(pattern for _, pattern in self.groups)
        return all(re.fullmatch(pattern, values[f"p{n}"], re.DOTALL) for n, pattern in patterns)


class _ShortPart(BaseConverter):
    """A value that ends at the character after it: others take exponential time to match."""

    def __init__(self, url_map: Map, end: int) -> None:
        super().__init__(url_map)
        self.regex = f"[^/{re.escape(chr(end))}]+"


class Router:
    """The operations of one API by path and method. Paths stay percent-encoded."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._candidates: dict[str, list[_Candidate]] = {}
        rules: dict[str, Rule] = {}
        for operation in spec.operations:
            path = _format_rule(operation)
            key = f"{operation.method} {path}"
            self._candidates.setdefault(key, []).append(_Candidate.build(spec, operation))
            rules.setdefault(key, Rule(path, methods=[operation.method], endpoint=key))
        for key, rule in rules.items():
            if f"HEAD {rule.rule}" in rules and rule.methods and key[:4] == "GET ":
                rule.methods.discard("HEAD")  # werkzeug adds it, but the path has its own
        url_map = Map(
            rules.values(),
            strict_slashes=False,
            merge_slashes=False,
            redirect_defaults=False,
            converters={"short": _ShortPart},
        )
        self._matcher = url_map.bind("mock")
        self._routes: dict[tuple[str, str], tuple[Sequence[_Candidate], Mapping[str, str]]] = {}

    def match(self, request: HttpRequest, path: str) -> RouteMatch:
        """Return the operation of a request whose path within the API is `path`.

        Raises:
            Rejection: 404, or 405 with the available methods.
        """
        method = request.method
        route = self._routes.get((method, path))
        if route is None:
            if (
                method == "OPTIONS"
                and "OPTIONS" not in self._list_documented_methods(path)
                and self.has_path(path)
            ):
                return RouteMatch(None, {})
            route = self._find(method, path)
            if len(path) <= _LONGEST:
                remember(self._routes, (method, path), route, _REMEMBERED)
        candidates, values = route
        possible = [
            candidate for candidate in candidates if candidate.read_arguments(values) is not None
        ]
        if not possible:
            raise Rejection(404, "no operation has this path")
        if len(possible) > 1:
            possible = [candidate for candidate in possible if candidate.fits(values)] or possible
        best = possible[0] if len(possible) == 1 else self._choose(possible, request)
        arguments = best.read_arguments(values) or {}
        if best.fixed_pairs:
            arguments |= _list_query_names(best, request)
        return RouteMatch(best.operation, arguments)

    def find_hiding(self, operation: Operation) -> Operation | None:
        """Return the operation that receives every request for this one, if nothing differs."""
        path = _format_rule(operation)
        description = self._describe_choice(operation)
        for candidate in self._candidates.get(f"{operation.method} {path}", ()):
            if candidate.operation.id == operation.id:
                return None
            if self._describe_choice(candidate.operation) == description:
                return candidate.operation
        return None

    def _describe_choice(self, operation: Operation) -> frozenset[object]:
        """Return the hint for a request that two operations at one path could match."""
        choices = [
            (
                parameter.location,
                parameter.name,
                repr(list_choices(self._spec, parameter.schema_pointer)),
            )
            for parameter in operation.parameters
            if parameter.required and parameter.location in {"query", "header"}
        ]
        candidate = _Candidate.build(self._spec, operation)
        media_types = [media.essence for media in operation.body.content] if operation.body else []
        patterns = [pattern for _, pattern in candidate.groups]
        return frozenset([*choices, *candidate.sent_pairs, *media_types, *patterns])

    def _find(self, method: str, path: str) -> tuple[Sequence[_Candidate], Mapping[str, str]]:
        try:
            key, values = self._matcher.match(path, method)
        except MethodNotAllowed:
            allow = ", ".join(self.list_allowed_methods(path))
            message = f"{method} is not among the methods of this path: {allow}"
            raise Rejection(405, message, (("Allow", allow),)) from None
        except (NotFound, RequestRedirect):
            raise Rejection(404, "no operation has this path") from None
        return self._candidates[key], values

    def _choose(self, candidates: Sequence[_Candidate], request: HttpRequest) -> _Candidate:
        """Return the candidate that matches most of the request; by default the first."""
        query = _split_pairs(request.query)
        accept = parse_accept_header(request.get_header("Accept"), MIMEAccept)

        def rank(candidate: _Candidate) -> tuple[bool, float]:
            quality = _rate_response(candidate.operation, accept)
            criteria = [
                _accepts_body(candidate.operation, request),
                *(
                    _has_fixed(pair, query, request)
                    for pair in candidate.fixed_pairs
                    if pair[1] or pair in candidate.sent_pairs
                ),
                *(
                    self._has(parameter, query, request)
                    for parameter in candidate.operation.parameters
                    if parameter.required and parameter.location in {"query", "header"}
                ),
            ]
            return quality > 0 and all(criteria), quality + sum(criteria)

        return max(candidates, key=rank)

    def _has(
        self, parameter: Parameter, query: Sequence[tuple[str, str]], request: HttpRequest
    ) -> bool:
        """Return whether a request has a parameter, with one of its listed values if any."""
        values = [value for name, value in query if name == parameter.name]
        if parameter.location == "header":
            value = request.get_header(parameter.name)
            values = [] if value is None else [value]
        schema = parameter.schema
        allowed_values = [schema["const"]] if "const" in schema else schema.get("enum")
        if not values or not is_array(allowed_values):
            return bool(values)
        types = types_of(self._spec, parameter.schema_pointer)
        return coerce_text(unquote_plus(values[0]), types) in allowed_values

    def has_path(self, path: str) -> bool:
        """Return whether there is any operation at this path."""
        return bool(self.list_allowed_methods(path))

    def list_allowed_methods(self, path: str) -> Sequence[str]:
        """Return the methods at this path, with HEAD for GET."""
        methods = self._list_documented_methods(path)
        return sorted(methods | {"OPTIONS"}) if methods else []

    def _list_documented_methods(self, path: str) -> set[str]:
        return set(self._matcher.allowed_methods(path))


def _find_rest(key: str) -> str:
    """Return the part of a path after the first `?` or `#`; `{?page}` only names parameters."""
    match = re.search(r"(?<!\{)[?#]", key)
    return "" if match is None else key[match.start() :]


def _format_rule(operation: Operation) -> str:
    """Return `/a/{b}` in werkzeug's syntax; names are numbered, since they may be arbitrary."""
    with_slashes = {
        parameter.name for parameter in operation.parameters if parameter.allow_reserved
    }
    rule, count = "", 0
    parts = _TEMPLATES.split(operation.path)
    long_segments = [
        s for s in operation.path.split("/") if len(_TEMPLATES.findall(s)) > _MOST_GROUPS
    ]
    for part, text in zip_longest(parts, parts[1:], fillvalue=""):
        if _TEMPLATES.fullmatch(part):
            kind = "path:" if with_slashes.intersection(_TEMPLATE.findall(part)) else ""
            if text and any(part in segment for segment in long_segments):
                kind = f"short({ord(quote(text[0], safe=_LITERAL)[0])}):"
            rule += f"<{kind}p{count}>"
            count += 1
        else:
            rule += quote(part, safe=_LITERAL)
    return "/" + rule.lstrip("/")  # werkzeug matches any number of slashes at the beginning


def _build_pattern(spec: Spec, operation: Operation, name: str) -> str:
    """Return a pattern for a path parameter beside another one."""
    parameter = operation.find_parameter(name, "path")
    choices = list_choices(spec, parameter.schema_pointer) if parameter else None
    if choices:
        values = sorted((quote(str(choice), safe=_UNESCAPED) for choice in choices), key=len)
        return f"({'|'.join(map(re.escape, reversed(values)))})"
    types = types_of(spec, parameter.schema_pointer) if parameter else set[str]()
    kind = next(iter(types)) if len(types) == 1 else ""
    if kind == "string" and parameter:
        kind = str(parameter.schema.get("format"))
    return _PATTERNS.get(kind, "(.+?)")


def _split_pairs(query: str) -> list[tuple[str, str]]:
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(unquote_plus(name), value) for name, _, value in parts]


def _accepts_body(operation: Operation, request: HttpRequest) -> bool:
    """Return whether the operation has a body of the request's media type."""
    name = request.get_header("Content-Type")
    content = operation.body.content if operation.body else ()
    return name is None or any(matches(name, media.essence) for media in content)


def _rate_response(operation: Operation, accept: MIMEAccept) -> float:
    """Return how much a request accepts the operation's response: 0 if not at all, at most 1."""
    content = operation.success.content if operation.success else ()
    return max(rate_media_type(accept, media) for media in content) if accept and content else 1


def _has_fixed(
    pair: tuple[str, str], query: Sequence[tuple[str, str]], request: HttpRequest
) -> bool:
    """Return whether a request has the part after `?` or `#` in its query or a header."""
    name, value = pair
    values = [unquote_plus(query_value) for key, query_value in query if key == name]
    header = request.get_header(name)
    values += [] if header is None else [header]
    return bool(values) if not value or _TEMPLATE.fullmatch(value) else value in values


def _list_query_names(candidate: _Candidate, request: HttpRequest) -> dict[str, str]:
    """Return the path parameters after the `?` of a path."""
    query = dict(_split_pairs(request.query))
    return {
        match[1]: query[name]
        for name, value in candidate.fixed_pairs
        if (match := _TEMPLATE.fullmatch(value)) and name in query
    }


_VARIABLE = re.compile(r"{[^{}]*}")


def compile_base_paths(spec: Spec) -> tuple[tuple[re.Pattern[str], bool], ...]:
    """Return a pattern for the base path of each server, and whether a path begins with it, too.

    The longest comes first. A client may send or omit the base path.
    """
    paths = {urlsplit(_VARIABLE.sub(_mark, url)).path.rstrip("/") for url in _list_urls(spec)} - {
        ""
    }
    patterns = (re.escape(path).replace(_MARK, "[^/]+") for path in paths)
    sorted_patterns = sorted(patterns, key=lambda pattern: (-len(pattern), pattern))
    compiled = (re.compile(f"{pattern}(?=/)") for pattern in sorted_patterns)
    documented_paths = [operation.path for operation in spec.operations]
    return tuple((pattern, any(map(pattern.match, documented_paths))) for pattern in compiled)


_MARK = "driftlinevariable"


def _mark(_: re.Match[str]) -> str:
    return _MARK


def _list_urls(spec: Spec) -> Iterator[str]:
    yield from (server.url for server in spec.servers)
    for operation in spec.operations:
        for pointer in (operation.pointer, operation.pointer.rpartition("/")[0]):
            servers = spec.get_node(f"{pointer}/servers")
            if servers is not MISSING and is_array(servers):
                yield from (str(s["url"]) for s in servers if is_object(s) and "url" in s)
