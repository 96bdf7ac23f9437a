"""Every way in which a server, a proxy or a log may write a secret, for tests that look for it."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

SHOWN = 5
"""So many characters of a secret may remain."""


def _percent(text: str, digits: str = "02X") -> str:
    return "".join(f"%{byte:{digits}}" for byte in text.encode())


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _url_base64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "percent-encoded": lambda s: quote(s, safe=""),
    "percent-encoded but for slashes": quote,
    "percent-encoded whole, upper case": _percent,
    "percent-encoded whole, lower case": lambda s: _percent(s, "02x"),
    "percent-encoded in part": lambda s: s[: len(s) // 2] + _percent(s[len(s) // 2 :], "02x"),
    "percent-encoded twice": lambda s: quote(quote(s, safe=""), safe=""),
    "form": quote_plus,
    "JSON": _in_json,
    "JSON, slashes too": lambda s: _in_json(s).replace("/", "\\/"),
    "JSON, not ASCII": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda s: _in_json(_in_json(s)),
    "JSON escapes": lambda s: "".join(f"\\u{n:04x}" for n in _units(s)),
    "JSON escapes in JSON": lambda s: "".join(f"\\\\u{n:04X}" for n in _units(s)),
    "JSON in a URL": lambda s: quote(_in_json(s), safe=""),
    "HTML": html.escape,
    "HTML, decimal": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "HTML, hexadecimal": lambda s: "".join(f"&#x{ord(c):X};" for c in s),
    "HTML in HTML": lambda s: html.escape(html.escape(s)),
    "base64": _base64,
    "base64 without padding": lambda s: _base64(s).rstrip("="),
    "base64 for URLs": _url_base64,
    "base64 for URLs without padding": lambda s: _url_base64(s).rstrip("="),
    "base64 in a URL": lambda s: quote(_base64(s), safe=""),
    "base64 in JSON": lambda s: _in_json(_base64(s)).replace("/", "\\/"),
    "Basic user": lambda s: "Basic " + _base64(f"{s}:x"),
    "Basic password": lambda s: "Basic " + _base64(f"user:{s}"),
    "Basic password, one letter more": lambda s: "Basic " + _base64(f"users:{s}"),
    "hexadecimal": lambda s: s.encode().hex(),
    "HEXADECIMAL": lambda s: s.encode().hex().upper(),
    "repr": lambda s: repr(s)[1:-1],
    "repr of bytes": lambda s: repr(s.encode())[2:-1],
    "UTF-16": "\0".join,
    "UTF-16 in JSON": lambda s: json.dumps("\0".join(s))[1:-1],
    "cut": lambda s: s[: len(s) * 2 // 3] + "…",
    "cut for ASCII": lambda s: s[: len(s) * 2 // 3] + "?",
    "masked": lambda s: f"{s[: len(s) // 2]}****{s[len(s) // 2 + 1 :]}",
    "the rest of it": lambda s: "..." + s[len(s) // 3 :],
    "the rest of it in JSON": lambda s: "..." + _in_json(s[len(s) // 3 :]),
    "the rest of it in a URL": lambda s: "..." + quote(s[len(s) // 3 :], safe=""),
}


def _units(text: str) -> list[int]:
    packed = text.encode("utf-16-be")
    return [int.from_bytes(packed[at : at + 2]) for at in range(0, len(packed), 2)]


def list_spellings(secret: str) -> dict[str, str]:
    """The secret in every spelling."""
    return {name: spell(secret) for name, spell in SPELLINGS.items()}


def find_remains(text: str, secret: str) -> list[str]:
    """Return the parts of the secret in a text that are too long, in any plain spelling."""
    pieces = [secret[at : at + SHOWN + 1] for at in range(len(secret) - SHOWN)]
    forms = (str, lambda s: quote(s, safe=""), _in_json, html.escape, lambda s: s.encode().hex())
    return [piece for piece in pieces if any(form(piece) in text for form in forms)]


# Characters that some encoding has a word for, and of each plane of Unicode; letters that stand in
# no other text of the tests, so that what is found is of the secret.
SECRETS = st.text(
    st.sampled_from("QXZJqxzj079 \"'\\/%&<>+=~-_.:;?#{}$@é€ß日😀"), min_size=9, max_size=40
).map(lambda text: f"Qx{text}Zj")
