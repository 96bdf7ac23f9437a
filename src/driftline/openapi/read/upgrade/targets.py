"""What a `$ref` names: the tokens of its fragment, whoever wrote them."""

from __future__ import annotations

from urllib.parse import unquote

from driftline.openapi import pointer as json_pointer


def fragment_tokens(reference: str) -> list[str]:
    """Return the tokens of a reference within a document; each may hold percent-escapes."""
    return [unquote(token) for token in json_pointer.split(reference.removeprefix("#"))]


def token_pointer(tokens: list[str]) -> str:
    """Return the pointer of tokens that may hold percent-escapes."""
    return json_pointer.join(*map(unquote, tokens))
