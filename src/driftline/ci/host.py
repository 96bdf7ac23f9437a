"""A repository on GitHub: issues and comments, through `gh`, which has the token and the network.

Only what `author` wrote is ever found, and so changed: anybody may write a comment that looks like
one of ours.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import attrs

from driftline.errors import UsageError
from driftline.markup import make_printable
from driftline.openapi import is_array, is_object

AUTHOR: Final = "github-actions[bot]"
"""As whom the token of a workflow writes."""
_PAGE: Final = 100
_REMEDY: Final = "Set GH_TOKEN to the token of the job, with write permission for {}."


@attrs.frozen
class HostEntry:
    """An issue or a comment: the number that its address has, and its text."""

    number: int
    text: str
    title: str = ""


@attrs.frozen
class Publication:
    """What was done to a pull request or an issue, and its path in the repository.

    `changed` is false if it said so already.
    """

    message: str
    path: str = ""
    changed: bool = True


@attrs.frozen(kw_only=True)
class Host:
    """The repository that `gh` is about: GH_REPO, or else that of the current folder."""

    author: str = AUTHOR

    def list_issues(self, label: str) -> Iterator[HostEntry]:
        """Yield the open issues that `author` opened and that have the label."""
        for found in self._fetch_pages(f"issues?state=open&labels={quote(label, safe='')}"):
            if "pull_request" not in found:
                yield HostEntry(found["number"], found["body"] or "", found["title"])

    def open_issue(self, title: str, text: str, label: str) -> int:
        """Open an issue; a missing label is created."""
        made = self._send("POST", "labels", {"name": label}, allowed=422)
        assert made is None or is_object(made)  # noqa: S101 (422: there is one)
        issue = {"title": title, "body": text, "labels": [label]}
        return int(self._send("POST", "issues", issue)["number"])

    def change_issue(self, number: int, title: str, text: str, *, closed: bool = False) -> None:
        """Replace what an issue says; `closed` closes it as done."""
        change = {"title": title, "body": text}
        if closed:
            change |= {"state": "closed", "state_reason": "completed"}
        self._send("PATCH", f"issues/{number}", change)

    def list_comments(self, number: int) -> Iterator[HostEntry]:
        """Yield the comments that `author` made on an issue or a pull request."""
        for found in self._fetch_pages(f"issues/{number}/comments?"):
            yield HostEntry(found["id"], found["body"] or "")

    def add_comment(self, number: int, text: str) -> None:
        """Add a comment to an issue or a pull request."""
        self._send("POST", f"issues/{number}/comments", {"body": text})

    def change_comment(self, comment: int, text: str) -> None:
        """Replace what a comment says."""
        self._send("PATCH", f"issues/comments/{comment}", {"body": text})

    def list_pulls(self, branch: str) -> Iterator[HostEntry]:
        """Yield the open pull requests that `author` opened from a branch of this repository."""
        head = f"{{owner}}:{quote(branch, safe='/')}"
        for found in self._fetch_pages(f"pulls?state=open&head={head}"):
            yield HostEntry(found["number"], found["body"] or "", found["title"])

    def open_pull(self, title: str, text: str, branch: str, base: str) -> int:
        """Open a pull request from a branch of this repository."""
        pull = {"title": title, "body": text, "head": branch, "base": base}
        return int(self._send("POST", "pulls", pull)["number"])

    def change_pull(self, number: int, changes: dict[str, str]) -> None:
        """Replace what a pull request says, or its state."""
        self._send("PATCH", f"pulls/{number}", changes)

    def _fetch_pages(self, path: str) -> Iterator[dict[str, Any]]:
        number, found = 1, [None] * _PAGE
        while len(found) == _PAGE:
            found = self._send("GET", f"{path}&per_page={_PAGE}&page={number}".replace("?&", "?"))
            if not is_array(found):
                raise UsageError("unexpected response of gh: not a list", "Run: gh api --verbose.")
            yield from (each for each in found if each["user"]["login"] == self.author)
            number += 1

    def _send(self, method: str, path: str, data: Any = None, *, allowed: int = 0) -> Any:
        """Return the response of `gh api`; None if it is the status that is allowed, too."""
        endpoint = f"repos/{{owner}}/{{repo}}/{path}"
        words = ["gh", "api", "--method", method, endpoint]
        words += [] if data is None else ["--input", "-"]
        text = None if data is None else json.dumps(data)
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and no text of anybody's in the words
                words, input=text, capture_output=True, text=True, encoding="utf-8", check=False
            )
        except OSError as error:
            what = f"could not run gh: {error.strerror}"
            raise UsageError(what, "Install the GitHub CLI.") from None
        if done.returncode:
            said = make_printable(done.stderr.strip().partition("\n")[0])[:300]
            if allowed and said.endswith(f"(HTTP {allowed})"):
                return None
            part = "issues" if path.startswith(("labels", "issues?")) else "issues or pull-requests"
            raise UsageError(f"{method} {endpoint}: {said}", _REMEDY.format(part))
        return json.loads(done.stdout)
