"""Where an API begins on its servers: the paths of their URLs, variables and all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from driftline.openapi import MISSING, Spec, is_array, is_object

_VARIABLE = re.compile(r"{[^{}]*}")


def compile_base_paths(spec: Spec) -> tuple[re.Pattern[str], ...]:
    """Return a pattern for the base path of each server, of the document, a path or an operation.

    The longest comes first. A client may send it along or leave it out.
    """
    paths = {urlsplit(_VARIABLE.sub(_mark, url)).path.rstrip("/") for url in _list_urls(spec)} - {
        ""
    }
    patterns = (re.escape(path).replace(_MARK, "[^/]+") for path in paths)
    ordered = sorted(patterns, key=lambda pattern: (-len(pattern), pattern))
    return tuple(re.compile(f"{pattern}(?=/)") for pattern in ordered)


_MARK = "driftlinevariable"


def _mark(_: re.Match[str]) -> str:
    return _MARK


def _list_urls(spec: Spec) -> Iterator[str]:
    yield from (server.url for server in spec.servers)
    for operation in spec.operations:
        for pointer in (operation.pointer, operation.pointer.rpartition("/")[0]):
            servers = spec.get_node(f"{pointer}/servers")
            if servers is not MISSING and is_array(servers):
                yield from (str(s["url"]) for s in servers if is_object(s) and "url" in s)
