"""What must never come out of a recording: credentials, cookies, tokens in queries and bodies.

A request is shown by what the spec names of it, and nothing else. Values under telling names are
besides replaced wherever they stand, whole or cut short.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from driftline.contract.target import spellings
from driftline.spec.pointer import is_array, is_object

__all__ = [
    "REMOVED",
    "hidden",
    "is_telling",
    "is_telling_in_query",
    "of_body",
    "of_headers",
    "of_query",
    "veiled_body",
]

REMOVED: Final = "***"
SHORTEST: Final = 4
LONGEST_FORM: Final = 100_000
# What a cut text may still show of a secret.
SHOWN: Final = 8

_TELLING: Final = re.compile(
    r"auth(?!or(?!iz))|token|secret|passw|pwd|api[-_]?key|access[-_]?key|private[-_]?key"
    r"|signature|session|cookie|credential|jwt|bearer|csrf|xsrf",
    re.IGNORECASE,
)
_TELLING_BYTES: Final = re.compile(_TELLING.pattern.encode(), re.IGNORECASE)
# What is a secret in a query, and an ordinary word in a body.
_IN_QUERIES: Final = frozenset({"code", "key", "sig", "sid", "pin", "otp", "state"})
_ORDINARY: Final = frozenset({"true", "false", "null", "none"})
_PLAIN: Final = (
    re.compile(r"eyJ[\w-]{5,}(\.[\w-]*){1,2}"),
    re.compile(r"(?<=Bearer )[^\s\"'$*]{4,}"),
    re.compile(r"(?<=Basic )[^\s\"'$*]{4,}"),
)


def is_telling(name: str) -> bool:
    """Whether what has this name is likely to be a secret."""
    return _TELLING.search(name) is not None


def is_telling_in_query(name: str) -> bool:
    """The same for a parameter of a query."""
    return is_telling(name) or name.lower() in _IN_QUERIES


def of_headers(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The secrets in headers: whole values, what follows the scheme, cookies, user and password."""
    for name, value in headers:
        if "cookie" in name.lower():
            cookies = (part.partition("=")[2].strip() for part in value.split(";"))
            yield from (cookie for cookie in cookies if len(cookie) >= SHOWN)
        elif is_telling(name) and not name.lower().startswith("access-control-"):
            yield value
            scheme, _, rest = value.partition(" ")
            yield from filter(None, (rest.strip(),))
            if scheme.lower() == "basic":
                yield from _basic(rest.strip())


def _basic(packed: str) -> Iterator[str]:
    try:
        text = base64.b64decode(packed).decode()
    except (binascii.Error, ValueError):
        return
    yield text
    yield from text.split(":", 1)


def of_query(query: str) -> Iterator[str]:
    """The values of the query's telling names."""
    yield from (value for name, value in _pairs(query) if is_telling_in_query(name))


def of_body(body: bytes) -> Iterator[str]:
    """The texts below telling names in JSON or in a form."""
    if not _TELLING_BYTES.search(body) and b"=" not in body:
        return
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        yield from of_query(body[:LONGEST_FORM].decode("utf-8", "replace"))
        return
    waiting: list[tuple[Any, bool]] = [(value, False)]
    while waiting:
        node, below = waiting.pop()
        if is_object(node):
            waiting += [(each, below or is_telling(name)) for name, each in node.items()]
        elif is_array(node):
            waiting += [(each, below) for each in node]
        elif below and isinstance(node, str):
            yield node


def veiled_body(body: bytes) -> bytes:
    """The body with `***` below telling names; nothing of what is neither JSON nor a form."""
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        pairs = _pairs(body.decode("utf-8", "replace"))
        return urlencode([(n, REMOVED if is_telling_in_query(n) else v) for n, v in pairs]).encode()
    return json.dumps(_veiled(value, below=False), ensure_ascii=False).encode("utf-8", "replace")


def _veiled(node: Any, *, below: bool) -> Any:
    if is_object(node):
        return {k: _veiled(each, below=below or is_telling(k)) for k, each in node.items()}
    if is_array(node):
        return [_veiled(each, below=below) for each in node]
    return REMOVED if below and isinstance(node, str) else node


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return []


def hidden(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of the secrets, however they are written, and if they are cut short."""
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = _without(text, form)
    for pattern in _PLAIN:
        text = pattern.sub(REMOVED, text)
    return text


def _forms(secret: str) -> set[str]:
    """As in a URL, in JSON, and in JSON that is quoted as JSON."""
    try:
        found = set(spellings(secret))
    except UnicodeEncodeError:
        found = {secret}
    escaped = {json.dumps(secret, ensure_ascii=False)[1:-1], json.dumps(secret)[1:-1]}
    twice = {json.dumps(each, ensure_ascii=False)[1:-1] for each in escaped}
    return found | escaped | twice | {quote(secret, safe="", errors="replace")}


def _without(text: str, form: str) -> str:
    # The address at the beginning of a URL is in many texts, and is no secret.
    least = min(len(form), SHOWN if "://" not in form[:12] else 30)
    start, parts, at = form[:least], list[str](), 0
    while (found := text.find(start, at)) >= 0:
        end = found + least
        while end < len(text) and end - found < len(form) and text[end] == form[end - found]:
            end += 1
        parts += [text[at:found], REMOVED]
        at = end
    return "".join([*parts, text[at:]])
