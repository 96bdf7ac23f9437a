"""A repository on GitHub, through the command line `gh`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import quote

import attrs

from driftline.ci.host import (
    CORRECT_HINT,
    MOST_PAGES,
    HostEntry,
    build_reply_error,
    format_failure,
    list_rows,
    read_member,
)
from driftline.errors import UsageError
from driftline.log_commands import is_actions
from driftline.openapi import is_array, is_object

_WORKFLOW: Final = "github-actions[bot]"
"""The author that a workflow's token writes as."""
_PAGE: Final = 100
_INVALID: Final = "(HTTP 422)"
_HINT: Final = "Set GH_TOKEN to a token with write permission for {}."


@attrs.frozen(kw_only=True)
class GitHub:
    """The repository of `gh`: GH_REPO, or else that of the current folder."""

    pull_name: ClassVar[str] = "pull request"
    pull_path: ClassVar[str] = "pull"
    issue_path: ClassVar[str] = "issues"
    author: str

    def list_issues(self, label: str) -> Iterator[HostEntry]:
        """Yield the open issues that the author opened and that have the label."""
        for row in self._fetch_pages(f"issues?state=open&labels={quote(label, safe='')}"):
            if "pull_request" not in row:
                yield _read_entry(row)

    def open_issue(self, title: str, body: str, label: str) -> int:
        """Open an issue; a missing label is created."""
        self._send("POST", "labels", {"name": label}, allowed_status=422)  # 422: there is one
        issue = {"title": title, "body": body, "labels": [label]}
        return read_member(self._send("POST", "issues", issue), "number", int)

    def change_issue(self, number: int, title: str, body: str, *, closed: bool = False) -> None:
        """Replace title and text of an issue; `closed` closes it as completed."""
        change = {"title": title, "body": body}
        if closed:
            change |= {"state": "closed", "state_reason": "completed"}
        self._send("PATCH", f"issues/{number}", change)

    def add_issue_comment(self, number: int, body: str) -> None:
        """Add a comment to an issue."""
        self._send("POST", f"issues/{number}/comments", {"body": body})

    def list_pull_comments(self, number: int) -> Iterator[HostEntry]:
        """Yield the comments that the author made on a pull request."""
        for row in self._fetch_pages(f"issues/{number}/comments?"):
            yield HostEntry(read_member(row, "id", int), read_member(row, "body", str))

    def add_pull_comment(self, number: int, body: str) -> None:
        """Add a comment to a pull request."""
        self.add_issue_comment(number, body)  # a pull request is an issue here

    def change_pull_comment(self, number: int, comment: int, body: str) -> None:
        """Replace the text of a comment on a pull request."""
        del number
        self._send("PATCH", f"issues/comments/{comment}", {"body": body})

    def list_pulls(self, branch: str, *, closed: bool = False) -> Iterator[HostEntry]:
        """Yield the pull requests that the author opened from a branch of this repository."""
        head = f"{{owner}}:{quote(branch, safe='/')}"
        state = "closed" if closed else "open"
        for row in self._fetch_pages(f"pulls?state={state}&head={head}"):
            if not row.get("merged_at"):  # a merged one is closed, too
                yield _read_entry(row)

    def open_pull(self, title: str, body: str, branch: str, base: str) -> int:
        """Open a pull request from a branch of this repository."""
        pull = {"title": title, "body": body, "head": branch, "base": base}
        return read_member(self._send("POST", "pulls", pull), "number", int)

    def change_pull(self, number: int, title: str, body: str, *, closed: bool = False) -> None:
        """Replace title and text of a pull request; `closed` closes it without a merge."""
        change = {"title": title, "body": body} | ({"state": "closed"} if closed else {})
        self._send("PATCH", f"pulls/{number}", change)

    def _fetch_pages(self, path: str) -> Iterator[dict[str, Any]]:
        for number in range(1, MOST_PAGES + 1):
            rows = self._send("GET", f"{path}&per_page={_PAGE}&page={number}".replace("?&", "?"))
            yield from list_rows(rows, "user", "login", self.author)
            if len(rows) < _PAGE:
                return

    def _send(self, method: str, path: str, data: Any = None, *, allowed_status: int = 0) -> Any:
        return send(method, f"repos/{{owner}}/{{repo}}/{path}", data, allowed_status=allowed_status)


def _read_entry(row: Any) -> HostEntry:
    strings = (read_member(row, name, str) for name in ("body", "title"))
    return HostEntry(read_member(row, "number", int), *strings)


def send(method: str, endpoint: str, data: Any = None, *, allowed_status: int = 0) -> Any:
    """Return the response of `gh api`; None for the additional allowed status.

    Raises:
        UsageError: gh is not installed, or GitHub rejected the request.
    """
    command = ["gh", "api", "--method", method, endpoint]
    command += [] if data is None else ["--input", "-"]
    payload = None if data is None else json.dumps(data)
    try:
        process = subprocess.run(  # noqa: S603 - no shell, and no untrusted string in the command
            command,
            input=payload,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        message = f"could not run gh: {error.strerror}"
        raise UsageError(message, "Install the GitHub CLI.") from None
    if process.returncode:
        tokens = (os.environ.get(name, "") for name in ("GH_TOKEN", "GITHUB_TOKEN"))
        reason = format_failure(process.stderr.strip().partition("\n")[0], *tokens)
        if allowed_status and reason.endswith(f"(HTTP {allowed_status})"):
            return None
        if reason.endswith(_INVALID):
            details = format_failure(", ".join(_list_invalid_fields(process.stdout)), *tokens)
            reason, hint = f"{reason} {details}".rstrip(), CORRECT_HINT
        else:
            is_issue = endpoint.rpartition("}/")[2].startswith(("labels", "issues?"))
            hint = _HINT.format("issues" if is_issue else "issues or pull-requests")
        raise UsageError(f"{method} {endpoint}: {reason}", hint)
    try:
        return json.loads(process.stdout)
    except (ValueError, RecursionError):
        raise build_reply_error("not JSON") from None


def _list_invalid_fields(reply: str) -> Iterator[str]:
    """Yield field and problem of each error in the reply to an invalid request."""
    try:
        data = json.loads(reply)
    except (ValueError, RecursionError):
        return
    errors = data.get("errors") if is_object(data) else None
    for error in errors if is_array(errors) else ():
        if is_object(error):
            yield " ".join(str(error[name]) for name in ("field", "code") if name in error)


def open_github(author: str, environ: Mapping[str, str] = os.environ) -> GitHub:
    """Return the repository; the default author is the token's user.

    Raises:
        UsageError: GitHub does not return the token's user, as for the token of an app.
    """
    if author or is_actions(environ):
        return GitHub(author=author or _WORKFLOW)
    user = send("GET", "user", allowed_status=403)
    if not is_object(user):
        raise UsageError("the token belongs to no user", "Pass --author LOGIN.")
    return GitHub(author=read_member(user, "login", str))
