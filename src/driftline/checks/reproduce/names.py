"""What the generated clients call an operation and its arguments, as far as that is certain."""

from __future__ import annotations

import builtins
import re
from keyword import iskeyword, issoftkeyword

from driftline.openapi import to_snake_case
from driftline.runtime import CallOptions, Client

# Names that the generator changes, so as not to hide something else that is called so.
_TAKEN = frozenset({"body", "client", "datetime", "models", "options", "self", "true", "false"})
_CHANGED = (_TAKEN | CallOptions.__annotations__.keys() | set(dir(builtins))) - {"id"}
# Letters in small or camel case: how digits, signs and runs of capitals are split is another's.
_PLAIN = re.compile(r"[a-z]+(_[a-z]+|[A-Z][a-z]+)*")


def guess_argument_name(wire: str) -> str | None:
    """Return the keyword for a parameter or field.

    None if it cannot be told from the name alone.
    """
    name = to_snake_case(wire)
    plain = _PLAIN.fullmatch(wire) and not iskeyword(name) and not issoftkeyword(name)
    return name if plain and name not in _CHANGED else None


def guess_attribute_name(name: str) -> str | None:
    """Return the attribute for a resource or method.

    None if the client has another of that name.
    """
    plain = name.isidentifier() and not iskeyword(name) and not hasattr(Client, name)
    return name if plain else None
