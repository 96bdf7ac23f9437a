"""The secrets of a recorded request or response, recognized by name in headers, query and body."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlencode

from driftline.redaction.names import NAME, is_secret_header, is_secret_name, is_secret_parameter
from driftline.redaction.redactor import MASK, is_array, is_object

LONGEST_FORM: Final = 100_000
# Shorter cookies and fields are flags, not secrets.
SHORTEST: Final = 4
_NAME_BYTES: Final = re.compile(NAME.pattern.encode(), re.IGNORECASE)
_PART: Final = re.compile(
    rb"content-disposition:[^\r\n]{0,500}?\bname=\"?([^\";\r\n]{1,200})[^\r\n]{0,500}\r?\n"
    rb"(?:[^\r\n]{1,500}\r?\n){0,10}\r?\n([^\r\n]*)",
    re.IGNORECASE,
)
# The value after a name in XML, YAML, GraphQL or an event stream; plain words are not secrets.
_IN_TEXT: Final = re.compile(
    rf"(?:{NAME.pattern})[\w.-]{{0,40}}+(?:"
    r"[\\\"']{0,3}+\s{0,3}+[:=]\s{0,3}+(?:\\{0,3}+(?:\"([^\"\\]{4,4000}+)|'([^'\\]{4,4000}+))"
    r"|([^\s\"'<>&,;\\]{8,4000}+))"
    r"|(?:\s[^<>]{0,200}+)?+>\s{0,9}+(?:<!\[CDATA\[)?+([^<>\s][^<>\]]{3,4000}+))",
    re.IGNORECASE,
)
_PLAIN: Final = 3
"""The group of a value without quotes."""
# JSON in a string of JSON, which may itself have such strings.
_DEPTH: Final = 4


def find_header_secrets(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the secrets of headers: values with and without their scheme, cookies, passwords."""
    for name, value in headers:
        if "cookie" in name.lower():
            cookies = (part.partition("=")[2].strip(' "') for part in value.split(";"))
            for cookie in cookies:
                if len(cookie) >= SHORTEST * 2:
                    yield cookie
                    yield unquote(cookie)
        elif is_secret_header(name):
            yield value
            scheme, _, rest = value.partition(" ")
            yield from filter(None, (rest.strip(),))
            if scheme.lower() == "basic":
                yield from _decode_basic(rest.strip())


def _decode_basic(packed: str) -> Iterator[str]:
    try:
        credentials = base64.b64decode(packed).decode()
    except (binascii.Error, ValueError):
        return
    yield credentials
    yield from credentials.split(":", 1)


def find_query_secrets(query: str) -> Iterator[str]:
    """Yield the values of parameters that are named like a secret."""
    yield from (value for name, value in _parse_pairs(query) if is_secret_parameter(name))


def find_body_secrets(body: bytes) -> Iterator[str]:
    """Yield the strings below fields that are named like a secret, in JSON, a form or its parts.

    In any other text, yield the value after such a name.
    """
    if not _NAME_BYTES.search(body) and b"=" not in body:
        return
    value = _parse_json(body)
    if value is not None:
        yield from _list_secret_fields(value)
        return
    yield from _find_text_secrets(body.decode("utf-8", "replace"))
    yield from find_query_secrets(body[:LONGEST_FORM].decode("utf-8", "replace"))
    for name, part in _PART.findall(body[:LONGEST_FORM]):
        if is_secret_name(name.decode("utf-8", "replace")):
            yield part.decode("utf-8", "replace")


def _find_text_secrets(string: str) -> Iterator[str]:
    for start, end in _find_spans(string):
        yield string[start:end].rstrip()


def _find_spans(string: str) -> Iterator[tuple[int, int]]:
    """Yield where the secrets of a text begin and end."""
    for match in _IN_TEXT.finditer(string):
        group = match.lastindex or 0
        if group != _PLAIN or any(char.isdigit() for char in match[group]):
            yield match.span(group)


def _list_secret_fields(value: Any) -> Iterator[str]:
    pending: list[tuple[Any, bool, int]] = [(value, False, 0)]
    while pending:  # not by recursion: it may lie deep
        node, is_secret, depth = pending.pop()
        if is_object(node):
            pending += [
                (member, is_secret or is_secret_name(name), depth) for name, member in node.items()
            ]
        elif is_array(node):
            pending += [(item, is_secret, depth) for item in node]
        elif isinstance(node, str):
            if is_secret:
                yield node
            inner = _parse_nested(node) if depth < _DEPTH else None
            if inner is not None:
                pending.append((inner, is_secret, depth + 1))
            else:
                yield from _find_text_secrets(node)


def redact_body(body: bytes) -> bytes:
    """Return a JSON or form body with secrets masked by `***`; other bodies are dropped."""
    value = _parse_json(body)
    if value is None:
        string = _mask_spans(body.decode("utf-8", "replace"))
        pairs = _parse_pairs(string) if "=" in string else []
        return urlencode([(n, MASK if is_secret_parameter(n) else v) for n, v in pairs]).encode()
    try:
        redacted = json.dumps(_redact_node(value, is_secret=False, depth=0), ensure_ascii=False)
    except RecursionError:
        return json.dumps(MASK).encode()
    return redacted.encode("utf-8", "replace")


def _redact_node(node: Any, *, is_secret: bool, depth: int) -> Any:
    if is_object(node):
        return {
            name: _redact_node(member, is_secret=is_secret or is_secret_name(name), depth=depth)
            for name, member in node.items()
        }
    if is_array(node):
        return [_redact_node(item, is_secret=is_secret, depth=depth) for item in node]
    if not isinstance(node, str):
        return node
    if is_secret:
        return MASK
    inner = _parse_nested(node) if depth < _DEPTH else None
    if inner is None:
        return _mask_spans(node)
    return json.dumps(_redact_node(inner, is_secret=False, depth=depth + 1), ensure_ascii=False)


def _mask_spans(string: str) -> str:
    parts, last = list[str](), 0
    for start, end in _find_spans(string):
        parts += [string[last:start], MASK]
        last = end
    return "".join([*parts, string[last:]])


def _parse_nested(string: str) -> Any:
    """Return the JSON object or array in a string, or None if it contains no secret."""
    if string[:1] not in {"{", "["} or NAME.search(string) is None:
        return None
    return _parse_json(string.encode("utf-8", "replace"))


def _parse_json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _parse_pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return []
