"""The interface of a code host: issues, pull requests and comments.

Only entries of `author` are found and changed, since anybody may write a comment that looks like
one of driftline.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final, Protocol, TypeVar

import attrs

from driftline.errors import UsageError
from driftline.markup import COMMENT_LIMIT
from driftline.openapi import is_array, is_object
from driftline.printable import make_printable
from driftline.redaction import MASK, Redactor

MOST_PAGES: Final = 100
"""The maximum number of pages of a list, since a host may never end one."""
_MOST_OF_FAILURE: Final = 10_000
T = TypeVar("T")


@attrs.frozen
class HostEntry:
    """An issue, a pull request or a comment: the number in its URL, and its text."""

    number: int
    body: str
    title: str = ""


def read_member(reply: Any, name: str, kind: type[T]) -> T:
    """Return a member of a host's reply.

    A text that is null is empty. The number of an entry becomes a part of a path, so that nothing
    but a number may be one.

    Raises:
        UsageError: it is missing, or of another kind.
    """
    value = reply.get(name) if is_object(reply) else None
    value = "" if value is None and kind is str and is_object(reply) and name in reply else value
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise build_reply_error(f"no {name}")
    return value


def list_rows(reply: Any, role: str, login: str, author: str) -> list[Any]:
    """Return the rows of a list that the author wrote; the account of a row may be gone.

    Raises:
        UsageError: it is not a list of objects.
    """
    if not is_array(reply) or not all(map(is_object, reply)):
        raise build_reply_error("not a list")
    accounts = [(row, row.get(role)) for row in reply]
    return [row for row, user in accounts if is_object(user) and user.get(login) == author]


CORRECT_HINT: Final = "Correct the reported problem, and run it again."
"""The hint for a request that the host rejects as invalid."""


def format_failure(string: str, *tokens: str) -> str:
    """Return a host's message about a failure, on one line; some hosts repeat the request."""
    secrets = dict.fromkeys(filter(None, tokens), MASK)
    return make_printable(Redactor(secrets)(string[:_MOST_OF_FAILURE]))[:300]


def build_reply_error(detail: str) -> UsageError:
    """Return the error for a reply that is not what the API of the host documents."""
    return UsageError(
        f"unexpected response from the code host: {detail}", "Check the URL of its API."
    )


@attrs.frozen
class Publication:
    """The change of a pull request or an issue, and its path in the repository.

    `is_changed` is false if it was up to date.
    """

    message: str
    path: str = ""
    is_changed: bool = True


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

    def open_issue(self, title: str, body: str, label: str) -> int:
        """Open an issue; a missing label is created."""
        ...

    def change_issue(self, number: int, title: str, body: str, *, closed: bool = False) -> None:
        """Replace title and text of an issue; `closed` closes it as completed."""
        ...

    def add_issue_comment(self, number: int, body: str) -> None:
        """Add a comment to an issue."""
        ...

    def list_pulls(self, branch: str, *, closed: bool = False) -> Iterator[HostEntry]:
        """Yield the pull requests that the author opened from a branch of this repository.

        They are open, or `closed` without a merge.
        """
        ...

    def open_pull(self, title: str, body: str, branch: str, base: str) -> int:
        """Open a pull request from a branch of this repository."""
        ...

    def change_pull(self, number: int, title: str, body: str, *, closed: bool = False) -> None:
        """Replace title and text of a pull request; `closed` closes it without a merge."""
        ...

    def list_pull_comments(self, number: int) -> Iterator[HostEntry]:
        """Yield the comments that the author made on a pull request."""
        ...

    def add_pull_comment(self, number: int, body: str) -> None:
        """Add a comment to a pull request."""
        ...

    def change_pull_comment(self, number: int, comment: int, body: str) -> None:
        """Replace the text of a comment on a pull request."""
        ...


ROOM: Final = COMMENT_LIMIT - 200
"""Maximum bytes below the mark."""


def format_mark(name: str) -> str:
    """Return the hidden first line by which driftline recognizes its texts."""
    return f"<!-- driftline: {name} -->\n"


def put_comment(host: CodeHost, number: int, body: str, name: str) -> str:
    """Create or update the comment `name` on a pull request; return what was done."""
    full_body = format_mark(name) + body
    our_comments = (
        comment
        for comment in host.list_pull_comments(number)
        if comment.body.startswith(format_mark(name))
    )
    our_comment = next(our_comments, None)
    if our_comment is None:
        host.add_pull_comment(number, full_body)
        return f"Commented on {number}."
    if our_comment.body.rstrip() == full_body.rstrip():
        return f"The comment on {number} is up to date."
    host.change_pull_comment(number, our_comment.number, full_body)
    return f"Updated the comment on {number}."
