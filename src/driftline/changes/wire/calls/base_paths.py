"""Finds a base path that moved between the servers and the paths: `/v1` is in one or the other."""

from __future__ import annotations

from typing import Final

import attrs

from driftline.changes.wire.calls.access import list_base_urls
from driftline.changes.wire.sides import DocumentSides
from driftline.changes.wire.source.document import Document
from driftline.changes.wire.uses import Use


@attrs.frozen
class BasePaths:
    """The first part of the paths of each document that the other one has in its servers."""

    old: str = ""
    new: str = ""

    def __bool__(self) -> bool:
        return bool(self.old or self.new)


_NONE: Final = BasePaths()


def find_base_paths(sides: DocumentSides) -> BasePaths:
    """Return the base paths to strip, so that equal requests have equal paths."""
    base_path = _find_moved(sides.old, sides.new)
    if base_path:
        return BasePaths(new=base_path)
    return BasePaths(old=_find_moved(sides.new, sides.old))


def report_base_path(sides: DocumentSides, base_paths: BasePaths) -> None:
    """Report that a base path moved: requests are the same, but base URLs of clients are not."""
    servers = sides.old.root.get("servers"), sides.new.root.get("servers")
    anchors = servers[0] or sides.old.root, servers[1] or sides.new.root
    direction = "servers into the paths" if base_paths.new else "paths into the servers"
    message = f"the base path {base_paths.new or base_paths.old} moved from the {direction}"
    sides.add("server.path.moved", message, anchors, Use("", "servers"))


def _find_moved(longer: Document, shorter: Document) -> str:
    """Return the base path of all servers of one document that all paths of the other have."""
    long, short = list_base_urls(longer), list_base_urls(shorter)
    other_paths, paths = (
        [path for path, _ in document.root.get("paths").list_members() if path.startswith("/")]
        for document in (longer, shorter)
    )
    for base in {a.removeprefix(b) for a in long for b in short if a.startswith(b + "/")}:
        stripped_paths = [strip_base_path(path, base) for path in paths]
        if (
            all(url.endswith(base) for url in long)
            and short == {url.removesuffix(base) for url in long}
            and all(path.startswith(base + "/") for path in paths)
            and any(path in other_paths for path in stripped_paths)
        ):
            return base
    return ""


def strip_base_path(path: str, base: str) -> str:
    """Return a path without its first part `base`, if it has that."""
    return path.removeprefix(base) if path.startswith(base + "/") else path
