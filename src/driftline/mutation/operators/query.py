"""Reads and replaces one parameter of a request."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

import attrs

from driftline.cookies import format_cookies, parse_cookies
from driftline.mock import HttpRequest
from driftline.openapi import Operation, Parameter, PathTemplate, is_array


def encode_texts(value: Any) -> list[str]:
    """Return a value as it is written in a URL."""
    values = value if is_array(value) else [value]
    return [item if isinstance(item, str) else json.dumps(item) for item in values]


def read_path_texts(operation: Operation, path: str) -> dict[str, str]:
    """Return the path's parameters, still encoded."""
    template = PathTemplate(operation.path)
    return template.match(path) or template.match(path.removesuffix("/")) or {}


def remove_parameter(
    operation: Operation, parameter: Parameter, request: HttpRequest
) -> tuple[HttpRequest, list[str]]:
    """Return the request without the parameter, and its value; path parameters stay."""
    name = parameter.name
    if parameter.location == "query":
        pairs = parse_qsl(request.query, keep_blank_values=True)
        other_pairs = [pair for pair in pairs if pair[0] != name]
        raw_values = [value for key, value in pairs if key == name]
        if not raw_values:
            return request, []
        is_joined = not (parameter.explode and parameter.style == "form")
        split = (part for value in raw_values for part in value.split(parameter.separator))
        values = list(split) if is_joined else raw_values
        return attrs.evolve(request, query=urlencode(other_pairs)), values
    if parameter.location == "header":
        value = request.get_header(name)
        headers = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
        return attrs.evolve(request, headers=headers), [] if value is None else [value]
    if parameter.location == "cookie":
        cookies = parse_cookies(request.get_header("Cookie"))
        cookie_values = [unquote(value) for key, value in cookies if key == name]
        other_cookies = [pair for pair in cookies if pair[0] != name]
        return _replace_cookies(request, other_cookies), cookie_values
    encoded = read_path_texts(operation, request.path).get(name)
    return request, [] if encoded is None else [unquote(encoded)]


def replace_parameter(
    operation: Operation, parameter: Parameter, request: HttpRequest, values: list[str]
) -> HttpRequest:
    """Return the request with `values` as the parameter, or without it if they are empty."""
    rest, _ = remove_parameter(operation, parameter, request)
    name = parameter.name
    if not values:
        return rest
    if parameter.location == "query":
        is_repeated = parameter.explode and parameter.style == "form"
        query_values = values if is_repeated else [parameter.separator.join(values)]
        new = [(name, value) for value in query_values]
        return attrs.evolve(rest, query="&".join(filter(None, (rest.query, urlencode(new)))))
    if parameter.location == "header":
        return attrs.evolve(rest, headers=(*rest.headers, (name, ",".join(values))))
    if parameter.location == "cookie":
        cookies = parse_cookies(rest.get_header("Cookie"))
        return _replace_cookies(rest, [*cookies, (name, quote(values[0]))])
    path_values = {
        **read_path_texts(operation, request.path),
        name: quote(",".join(values), safe=""),
    }
    path = re.sub(r"{([^{}]+)}", lambda match: path_values.get(match[1], match[0]), operation.path)
    return attrs.evolve(rest, path=path)


def _replace_cookies(request: HttpRequest, cookies: Sequence[tuple[str, str]]) -> HttpRequest:
    headers = tuple(pair for pair in request.headers if pair[0].lower() != "cookie")
    cookie_headers = (("Cookie", format_cookies(cookies)),) if cookies else ()
    return attrs.evolve(request, headers=(*headers, *cookie_headers))
