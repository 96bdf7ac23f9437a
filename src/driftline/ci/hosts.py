"""The supported code hosts, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from driftline.ci.github import open_github
from driftline.ci.host import CodeHost


def _open_gitlab(author: str) -> CodeHost:
    from driftline.ci.gitlab import open_gitlab  # noqa: PLC0415 (httpx; help does without it)

    return open_gitlab(author)


HOSTS: Final[Mapping[str, Callable[[str], CodeHost]]] = {
    "github": open_github,
    "gitlab": _open_gitlab,
}


def open_host(name: str, author: str = "") -> CodeHost:
    """Return the repository on a host; the default author is the token's user.

    Raises:
        UsageError: the host does not accept the token.
    """
    return HOSTS[name](author)
