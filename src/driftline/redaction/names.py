"""Recognizes secrets by their names and by their shape."""

from __future__ import annotations

import re
from typing import Final

NAME: Final = re.compile(
    r"auth(?!or(?!iz))|token|secret|passw|passphrase|pwd|api[-_ ]?key|access[-_]?key"
    r"|private[-_]?key|secret[-_]?key|signature|session|cookie|credential|jwt|bearer|csrf|xsrf",
    re.IGNORECASE,
)
"""A value with such a name is a secret, wherever it occurs."""

# Headers and parameters with these endings are secrets, too; fields of a body need not be.
_KEY: Final = re.compile(r"(?<!idempotency)(?<!idempotency[-_])key$", re.IGNORECASE)
# Names of secrets in a query that are ordinary words elsewhere.
_PARAMETERS: Final = frozenset({"code", "key", "sig", "sid", "pin", "otp", "state"})
# Each alternative is anchored at a boundary, so that matching stays linear.
_SHAPES: Final = (
    re.compile(r"(?:(?<![\w-])|(?<=%20)|(?<=%3D)|(?<=%22))eyJ[\w-]{5,}+(?:\.[\w-]*+){1,2}"),
    re.compile(r"(?<=\bBearer )[^\s\"'$*]{4,}", re.IGNORECASE),
    re.compile(r"(?<=\bBasic )[^\s\"'$*]{4,}", re.IGNORECASE),
    re.compile(r"(?<=://)[^\s/?#@\"'$*]{1,200}(?=@)"),
    re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*+(?:-----END [A-Z ]{0,30}-----)?"),
)


def is_secret_name(name: str) -> bool:
    """Return whether the value of a field with this name is likely to be a secret."""
    return NAME.search(name) is not None


def is_secret_header(name: str) -> bool:
    """Return the same for a header or cookie."""
    lower = name.lower()
    if lower.startswith("access-control-") or lower == "www-authenticate":
        return False
    return is_secret_name(name) or _KEY.search(name) is not None


def is_secret_parameter(name: str) -> bool:
    """Return the same for a parameter of a query or a form."""
    return is_secret_name(name) or name.lower() in _PARAMETERS


def redact_tokens(string: str, mask: str) -> str:
    """`string` without what looks like a token, a user and password in a URL, or a private key."""
    for shape in _SHAPES:
        string = shape.sub(mask, string)
    return string
