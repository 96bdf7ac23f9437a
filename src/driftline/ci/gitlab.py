"""A project on GitLab, through its REST API.

https://docs.gitlab.com/api/rest/, with the pages about issues, merge requests and notes. The token
of a job (JOB-TOKEN) may not write issues and merge requests, so another one is needed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import quote

import attrs
import httpx

from driftline.ci.exchange import send_request
from driftline.ci.host import (
    CORRECT_HINT,
    MOST_PAGES,
    HostEntry,
    format_failure,
    list_rows,
    read_member,
)
from driftline.errors import UsageError
from driftline.link_header import find_link
from driftline.mock import is_loopback
from driftline.openapi import is_object

_VARIABLE: Final = "GITLAB_TOKEN"
_TIMEOUT: Final = 30.0
_PAGE: Final = 100
_ACTION: Final = re.compile(r"^(\s*)/(?=[A-Za-z])", re.MULTILINE)
"""A line that GitLab would run as a quick action, such as `/close`."""
_ESCAPED: Final = re.compile(r"^(\s*)&#47;", re.MULTILINE)
_HINT: Final = (
    f"Set {_VARIABLE} to a token of the project with the scope api, and the role Developer."
)


@attrs.frozen
class GitLabApi:
    """The address of the API, and the token."""

    url: str
    token: str = attrs.field(repr=False)

    def request(
        self, method: str, path: str, data: Mapping[str, Any] | None = None
    ) -> tuple[Any, str | None]:
        """Send one request; return the JSON of its response, and the URL of the next page.

        Raises:
            UsageError: no response arrived, or it is an error.
        """
        headers = {"PRIVATE-TOKEN": self.token}
        try:
            url = f"{self.url}/{path}"
            with send_request(method, url, headers, data, seconds=_TIMEOUT) as reply:
                response, content = reply.response, _parse(reply.read())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            message = f"{method} {path}: no response: {type(error).__name__}"
            raise UsageError(message, "Check CI_API_V4_URL and the network.") from None
        if not response.is_success:
            is_about_token = response.status_code in {401, 403, 404}
            hint = _HINT if is_about_token else CORRECT_HINT
            raise UsageError(f"{method} {path}: {self._describe_failure(response, content)}", hint)
        return content, find_link(response.headers.multi_items(), "next")

    def _describe_failure(self, response: httpx.Response, data: Any) -> str:
        """Return the status and the reason, which one of two members has."""
        reason = (data.get("message") or data.get("error")) if is_object(data) else None
        return format_failure(
            f"{response.status_code} {reason or response.reason_phrase}", self.token
        )


@attrs.frozen(kw_only=True)
class GitLab:
    """A project, by its id or path; numbers are the `iid` of the project."""

    pull_name: ClassVar[str] = "merge request"
    pull_path: ClassVar[str] = "-/merge_requests"
    issue_path: ClassVar[str] = "-/issues"
    project: str
    author: str
    api: GitLabApi

    def list_issues(self, label: str) -> Iterator[HostEntry]:
        """Yield the open issues that the author opened and that have the label."""
        query = {"state": "opened", "labels": label, "scope": "all"}
        for row in self._fetch_pages("issues", query):
            yield _read_entry(row)

    def open_issue(self, title: str, body: str, label: str) -> int:
        """Open an issue; GitLab creates a missing label."""
        issue = {"title": title, "description": _escape_actions(body), "labels": label}
        return read_member(self._send("POST", "issues", issue), "iid", int)

    def change_issue(self, number: int, title: str, body: str, *, closed: bool = False) -> None:
        """Replace title and text of an issue; `closed` closes it."""
        change = {"title": title, "description": _escape_actions(body)}
        self._send("PUT", f"issues/{number}", change | _build_event(closed=closed))

    def add_issue_comment(self, number: int, body: str) -> None:
        """Add a note to an issue."""
        self._send("POST", f"issues/{number}/notes", {"body": _escape_actions(body)})

    def list_pulls(self, branch: str, *, closed: bool = False) -> Iterator[HostEntry]:
        """Yield the merge requests that the author opened from a branch of this project."""
        state = "closed" if closed else "opened"  # a merged one is neither
        query = {"state": state, "source_branch": branch, "scope": "all"}
        for row in self._fetch_pages("merge_requests", query):
            project_ids = [
                read_member(row, f"{side}_project_id", int) for side in ("source", "target")
            ]
            if project_ids[0] == project_ids[1]:  # not of a fork
                yield _read_entry(row)

    def open_pull(self, title: str, body: str, branch: str, base: str) -> int:
        """Open a merge request from a branch of this project."""
        pull = {
            "source_branch": branch,
            "target_branch": base,
            "title": title,
            "description": _escape_actions(body),
            "remove_source_branch": True,
        }
        return read_member(self._send("POST", "merge_requests", pull), "iid", int)

    def change_pull(self, number: int, title: str, body: str, *, closed: bool = False) -> None:
        """Replace title and text of a merge request; `closed` closes it without a merge."""
        change = {"title": title, "description": _escape_actions(body)}
        self._send("PUT", f"merge_requests/{number}", change | _build_event(closed=closed))

    def list_pull_comments(self, number: int) -> Iterator[HostEntry]:
        """Yield the notes that the author wrote on a merge request."""
        for row in self._fetch_pages(f"merge_requests/{number}/notes", {}):
            if not read_member(row, "system", bool):
                yield HostEntry(read_member(row, "id", int), _read_text(row, "body"))

    def add_pull_comment(self, number: int, body: str) -> None:
        """Add a note to a merge request."""
        self._send("POST", f"merge_requests/{number}/notes", {"body": _escape_actions(body)})

    def change_pull_comment(self, number: int, comment: int, body: str) -> None:
        """Replace the text of a note on a merge request."""
        path = f"merge_requests/{number}/notes/{comment}"
        self._send("PUT", path, {"body": _escape_actions(body)})

    def _fetch_pages(self, path: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Yield the author's entries of all pages.

        The Link header names the next one; the counts beside it are not always sent.
        """
        url = f"{self._build_path(path)}?{httpx.QueryParams({**query, 'per_page': _PAGE})}"
        for _ in range(MOST_PAGES):
            rows, next_url = self.api.request("GET", url)
            yield from list_rows(rows, "author", "username", self.author)
            if next_url is None:
                return
            # Only the query: no response chooses whose data the token reads.
            url = f"{self._build_path(path)}?{next_url.partition('?')[2]}"

    def _send(self, method: str, path: str, data: Mapping[str, Any]) -> Any:
        return self.api.request(method, self._build_path(path), data)[0]

    def _build_path(self, path: str) -> str:
        return f"projects/{quote(self.project, safe='')}/{path}"


def _build_event(*, closed: bool) -> dict[str, str]:
    return {"state_event": "close"} if closed else {}


def _escape_actions(string: str) -> str:
    return _ACTION.sub(r"\1&#47;", string)


def _read_entry(row: Any) -> HostEntry:
    number, title = read_member(row, "iid", int), read_member(row, "title", str)
    return HostEntry(number, _read_text(row, "description"), title)


def _read_text(row: Any, name: str) -> str:
    """Undo `_escape_actions`, to compare texts."""
    return _ESCAPED.sub(r"\1/", read_member(row, name, str))


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def open_gitlab(author: str, environ: Mapping[str, str] = os.environ) -> GitLab:
    """Return the project of the job; the default author is the token's user.

    Raises:
        UsageError: a variable is not set, or GitLab does not accept the token.
    """
    values = {name: environ.get(name, "") for name in ("CI_API_V4_URL", "CI_PROJECT_ID", _VARIABLE)}
    missing = [name for name, value in values.items() if not value]
    if missing:
        hint = f"{_HINT} A job has the other variables." if _VARIABLE in missing else "Set it."
        raise UsageError(f"{', '.join(missing)} not set", hint)
    url, project, token = values.values()
    if not url.startswith("https://") and not is_loopback(url):
        raise UsageError("CI_API_V4_URL does not begin with https://", "Set it to an https URL.")
    api = GitLabApi(url.rstrip("/"), token)
    name = author or read_member(api.request("GET", "user")[0], "username", str)
    return GitLab(project=project, author=name, api=api)
