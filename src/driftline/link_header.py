"""Links in a response's Link header (RFC 8288)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# No target has a `<`: else each `<` of a header full of them would be tried up to its end.
_LINK = re.compile(r'<([^<>]*)>((?:"(?:[^"\\]|\\.)*"|[^",<])*)')
_PARAMETER = re.compile(r';\s*([^\s;,"=]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+)))?')


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
        relations = (
            quoted or plain
            for name, quoted, plain in _PARAMETER.findall(link[2])
            if name.lower() == "rel"
        )
        yield link[1].strip(), next(relations, "").lower().split()  # a second `rel` does not count


def write_link(target: str, relation: str) -> str:
    """Return one link in the syntax of the header."""
    return f'<{target}>; rel="{relation}"'
