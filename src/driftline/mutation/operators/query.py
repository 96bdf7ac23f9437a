"""Reads and replaces one parameter of a request."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

import attrs

from driftline.mock import HttpRequest
from driftline.openapi import Operation, Parameter, is_array


def encode_texts(value: Any) -> list[str]:
    """Return a value as it is written in a URL."""
    values = value if is_array(value) else [value]
    return [each if isinstance(each, str) else json.dumps(each) for each in values]


def read_path_texts(operation: Operation, path: str) -> dict[str, str]:
    """Return the path's parameters, still encoded."""
    names = re.findall(r"{([^{}]+)}", operation.path)
    pattern = "([^/]+)".join(map(re.escape, re.split(r"{[^{}]+}", operation.path)))
    found = re.fullmatch(pattern + "/?", path)
    return dict(zip(names, found.groups(), strict=True)) if found else {}


def remove_parameter(
    operation: Operation, parameter: Parameter, request: HttpRequest
) -> tuple[HttpRequest, list[str]]:
    """Return the request without the parameter, and its value; path parameters stay."""
    name = parameter.name
    if parameter.place == "query":
        pairs = parse_qsl(request.query, keep_blank_values=True)
        kept = [pair for pair in pairs if pair[0] != name]
        found = [value for key, value in pairs if key == name]
        if not found:
            return request, []
        joined = not (parameter.explode and parameter.style == "form")
        split = (part for value in found for part in value.split(parameter.separator))
        texts = list(split) if joined else found
        return attrs.evolve(request, query=urlencode(kept)), texts
    if parameter.place == "header":
        value = request.get_header(name)
        headers = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
        return attrs.evolve(request, headers=headers), [] if value is None else [value]
    if parameter.place == "cookie":
        parts = [part.strip() for part in (request.get_header("Cookie") or "").split(";")]
        own = [part.partition("=")[2] for part in parts if part.partition("=")[0] == name]
        rest = "; ".join(part for part in parts if part.partition("=")[0] != name)
        others = tuple(pair for pair in request.headers if pair[0].lower() != "cookie")
        headers = (*others, ("Cookie", rest)) if rest else others
        return attrs.evolve(request, headers=headers), [unquote(value) for value in own]
    text = read_path_texts(operation, request.path).get(name)
    return request, [] if text is None else [unquote(text)]


def replace_parameter(
    operation: Operation, parameter: Parameter, request: HttpRequest, texts: list[str]
) -> HttpRequest:
    """Return the request with `texts` as the parameter, or without it if they are empty."""
    rest, _ = remove_parameter(operation, parameter, request)
    name = parameter.name
    if not texts:
        return rest
    if parameter.place == "query":
        repeated = parameter.explode and parameter.style == "form"
        sent = texts if repeated else [parameter.separator.join(texts)]
        new = [(name, text) for text in sent]
        return attrs.evolve(rest, query="&".join(filter(None, (rest.query, urlencode(new)))))
    if parameter.place == "header":
        return attrs.evolve(rest, headers=(*rest.headers, (name, ",".join(texts))))
    if parameter.place == "cookie":
        before = rest.get_header("Cookie")
        cookie = "; ".join(filter(None, (before, f"{name}={quote(texts[0])}")))
        others = tuple(pair for pair in rest.headers if pair[0].lower() != "cookie")
        return attrs.evolve(rest, headers=(*others, ("Cookie", cookie)))
    own = {**read_path_texts(operation, request.path), name: quote(",".join(texts), safe="")}
    path = re.sub(r"{([^{}]+)}", lambda found: own.get(found[1], found[0]), operation.path)
    return attrs.evolve(rest, path=path)
