"""Links in a response's Link header (RFC 8288)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_LINK = re.compile(r'<([^>]*)>((?:"(?:[^"\\]|\\.)*"|[^",<])*)')
_RELATION = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)


def find_link(headers: Iterable[tuple[str, str]], relation: str) -> str | None:
    """Return the target of the first link with this relation, such as `next`; None without one."""
    for name, value in headers:
        if name.lower() == "link":
            for target, relations in _iterate_links(value):
                if relation in relations:
                    return target
    return None


def _iterate_links(value: str) -> Iterator[tuple[str, list[str]]]:
    for link in _LINK.finditer(value):
        found = _RELATION.search(link[2])
        yield link[1].strip(), (found[1] or found[2] or "").lower().split() if found else []


def write_link(target: str, relation: str) -> str:
    """Return one link as it stands in the header."""
    return f'<{target}>; rel="{relation}"'
