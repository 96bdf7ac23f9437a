"""The interface of a code host: issues, pull requests and comments.

Only entries of `author` are found and changed, since anybody may write a comment that looks like
one of driftline.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Protocol

import attrs


@attrs.frozen
class HostEntry:
    """An issue, a pull request or a comment: the number in its URL, and its text."""

    number: int
    text: str
    title: str = ""


@attrs.frozen
class Publication:
    """What was done to a pull request or an issue, and its path in the repository.

    `changed` is false if it was up to date.
    """

    message: str
    path: str = ""
    changed: bool = True


class CodeHost(Protocol):
    """A repository on a code host.

    `pull_name` is what the host calls a pull request; `pull_path` and `issue_path` are the parts
    of their addresses before the number.
    """

    pull_name: ClassVar[str]
    pull_path: ClassVar[str]
    issue_path: ClassVar[str]

    def list_issues(self, label: str) -> Iterator[HostEntry]:
        """Yield the open issues that the author opened and that have the label."""
        ...

    def open_issue(self, title: str, text: str, label: str) -> int:
        """Open an issue; a missing label is created."""
        ...

    def change_issue(self, number: int, title: str, text: str, *, closed: bool = False) -> None:
        """Replace what an issue says; `closed` closes it as done."""
        ...

    def add_issue_comment(self, number: int, text: str) -> None:
        """Add a comment to an issue."""
        ...

    def list_pulls(self, branch: str) -> Iterator[HostEntry]:
        """Yield the open pull requests that the author opened from a branch."""
        ...

    def open_pull(self, title: str, text: str, branch: str, base: str) -> int:
        """Open a pull request from a branch of this repository."""
        ...

    def change_pull(self, number: int, title: str, text: str) -> None:
        """Replace what a pull request says."""
        ...

    def close_pull(self, number: int) -> None:
        """Close a pull request without merging it."""
        ...

    def list_pull_comments(self, number: int) -> Iterator[HostEntry]:
        """Yield the comments that the author made on a pull request."""
        ...

    def add_pull_comment(self, number: int, text: str) -> None:
        """Add a comment to a pull request."""
        ...

    def change_pull_comment(self, number: int, comment: int, text: str) -> None:
        """Replace what a comment on a pull request says."""
        ...
