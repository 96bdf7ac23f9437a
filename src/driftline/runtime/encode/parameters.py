"""Parameters on the wire: OpenAPI's styles for path, query, header and cookie.

The separator of a style is written bare, and the same character within a value is percent-encoded,
so that `["a,b"]` and `["a", "b"]` differ. A space cannot be written bare: `spaceDelimited` uses
`%20`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from urllib.parse import quote

from driftline.media import find_body_kind
from driftline.runtime.encode.values import encode
from driftline.runtime.endpoint import WireParameter
from driftline.runtime.json_types import is_array, is_object

Escape: TypeAlias = Callable[[str], str]

_SEPARATORS = {"spaceDelimited": "%20", "pipeDelimited": "|"}
# Reserved characters that end or split a query are always encoded.
_RESERVED = "-._~:/?@!$'()*,;="


def percent_encode(string: str) -> str:
    """Return `string` with everything but unreserved characters percent-encoded."""
    # Most values are plain, and this check costs a tenth of encoding.
    return string if string.isascii() and string.isalnum() else quote(string, safe="")


def _keep_reserved(string: str) -> str:
    return quote(string, safe=_RESERVED)


def _keep_path(string: str) -> str:
    return quote(string, safe=_RESERVED.replace("?", ""))


def format_scalar(value: Any) -> str:
    """Return a JSON value as a string: JSON's spelling, but strings without quotes."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return "null" if value is None else str(value)


def encode_path_value(parameter: WireParameter, value: Any) -> str:
    """Return the percent-encoded value of a path parameter; "" if the value is empty."""
    escape = _keep_path if parameter.allow_reserved else percent_encode
    value = encode(value)
    if parameter.media_type is not None:
        return percent_encode(_format_content(parameter.media_type, value))
    items = _encode_items(value, parameter.explode, escape)
    if items is None:
        items = [escape(format_scalar(value))]
    if not any(items):
        return ""
    if parameter.style == "label":
        return "." + ("." if parameter.explode else ",").join(items)
    if parameter.style == "matrix":
        return _format_matrix(parameter, value, items)
    return ",".join(items)


def encode_query_pairs(parameter: WireParameter, value: Any) -> list[str]:
    """Return the `name=value` pairs of a query parameter, percent-encoded."""
    escape = _keep_reserved if parameter.allow_reserved else percent_encode
    value, name = encode(value), parameter.encoded_name
    if parameter.media_type is not None:
        return [f"{name}={escape(_format_content(parameter.media_type, value))}"]
    if not isinstance(value, (dict, list)):
        return [f"{name}={escape(format_scalar(value))}"]
    return encode_style_pairs(name, value, parameter.style, parameter.explode, escape)


def encode_style_pairs(
    name: str, value: Any, style: str, explode: bool, escape: Escape
) -> list[str]:
    """Return the pairs of an object or array; `name` is already encoded."""
    if style == "deepObject":
        return list(_encode_deep_pairs(name, value, escape))
    items = _encode_items(value, explode, escape) or []
    if not explode:
        return [f"{name}={_SEPARATORS.get(style, ',').join(items)}"]
    return items if is_object(value) else [f"{name}={item}" for item in items]


def format_header_value(parameter: WireParameter, value: Any) -> str:
    """Return the value of a header parameter. Headers have no escapes: a comma stays a comma."""
    value = encode(value)
    if parameter.media_type is not None:
        return _format_content(parameter.media_type, value, ascii_only=True)
    items = _encode_items(value, parameter.explode, str)
    return format_scalar(value) if items is None else ",".join(items)


def encode_cookie_pairs(parameter: WireParameter, value: Any) -> list[str]:
    """Return the `name=value` pairs of a cookie parameter, percent-encoded."""
    value, name = encode(value), parameter.name
    if parameter.media_type is not None:
        return [f"{name}={percent_encode(_format_content(parameter.media_type, value))}"]
    items = _encode_items(value, parameter.explode, percent_encode)
    if items is None:
        return [f"{name}={percent_encode(format_scalar(value))}"]
    if parameter.explode and is_object(value):
        return items
    # One cookie even if it explodes: of two with one name, servers read the first or the last.
    return [f"{name}={','.join(items)}"]


def _encode_items(value: Any, explode: bool, escape: Escape) -> list[str] | None:
    """Return the items of an array or object, or None for a scalar."""
    if is_array(value):
        return [escape(format_scalar(item)) for item in value]
    if is_object(value):
        pairs = [(escape(key), escape(format_scalar(item))) for key, item in value.items()]
        return [f"{k}={v}" for k, v in pairs] if explode else [part for p in pairs for part in p]
    return None


def _format_matrix(parameter: WireParameter, value: Any, items: list[str]) -> str:
    if parameter.explode and is_object(value):
        return "".join(f";{item}" for item in items)
    name = parameter.encoded_name
    if parameter.explode and is_array(value):
        return "".join(f";{name}={item}" for item in items)
    return f";{name}={','.join(items)}"


def _encode_deep_pairs(name: str, value: Any, escape: Escape) -> Iterator[str]:
    """Yield `name[key][0]=value` for every leaf, at any depth."""
    todo: list[tuple[str, Any]] = [(name, value)]
    while todo:
        at, entry = todo.pop()
        if is_object(entry):
            entries = [(percent_encode(key), item) for key, item in entry.items()]
        elif is_array(entry):
            entries = [(str(index), item) for index, item in enumerate(entry)]
        else:
            yield f"{at}={escape(format_scalar(entry))}"
            continue
        todo.extend((f"{at}%5B{key}%5D", item) for key, item in reversed(entries))


def _format_content(media_type: str, value: Any, *, ascii_only: bool = False) -> str:
    """Return the string of a parameter that is described by `content`."""
    if find_body_kind(media_type) == "json":
        return json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    return format_scalar(value)
