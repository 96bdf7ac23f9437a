"""A fake of GitLab's REST API for one project in memory.

It is as strict as the documented one about tokens, scopes, `iid` in paths, Link headers, statuses,
labels, sizes and quick actions. The total of a list is omitted, as on GitLab.com for long lists.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import attrs

TOKEN: Final = "glpat-secret"
JOB_TOKEN: Final = "glcbt-secret"
READ_TOKEN: Final = "glpat-read-api"
PROJECT: Final = 42
ME: Final = {"id": 7, "username": "project_42_bot_0123"}
LONGEST: Final = 1_048_576
_ACTION: Final = re.compile(r"^\s*/[a-z_]+", re.MULTILINE)


class Rejection(Exception):
    """A response whose status is not 2xx."""

    def __init__(self, status: int, message: Any, member: str = "message") -> None:
        self.status, self.body = status, {member: message}


@attrs.define
class GitLabProject:
    """The project acme/shop and the requests that it received."""

    url: str = ""
    issues: list[dict[str, Any]] = attrs.Factory(list[dict[str, Any]])
    merge_requests: list[dict[str, Any]] = attrs.Factory(list[dict[str, Any]])
    notes: list[dict[str, Any]] = attrs.Factory(list[dict[str, Any]])
    calls: list[str] = attrs.Factory(list[str])
    actions: list[str] = attrs.Factory(list[str])
    ids: Iterator[int] = attrs.Factory(lambda: itertools.count(9_000))

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("GET")]

    def add(self, kind: str, **row: Any) -> dict[str, Any]:
        """Add an issue or merge request with the next number of its kind."""
        rows = getattr(self, kind)
        new_row = {
            "id": next(self.ids),
            "iid": len(rows) + 1,
            "state": "opened",
            "author": ME,
            **row,
        }
        rows.append(new_row)
        return new_row

    def handle(self, method: str, target: str, headers: Mapping[str, str], data: Any) -> Any:
        """Return the status and the body; a list is paginated later."""
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        parts = url.path.removeprefix("/api/v4/").split("/")
        is_read = method == "GET"
        self._authenticate(headers, parts, is_read=is_read)
        self.calls.append(f"{method} {'/'.join(parts[2:]) or parts[0]}")
        if parts == ["user"] and is_read:
            return 200, ME
        if parts[0] != "projects" or unquote(parts[1]) not in {str(PROJECT), "acme/shop"}:
            raise Rejection(404, "404 Project Not Found")
        self._check_texts(data)
        return self._route(method, parts[2:], query, data)

    def _authenticate(self, headers: Mapping[str, str], parts: list[str], *, is_read: bool) -> None:
        token = headers.get("PRIVATE-TOKEN")
        if headers.get("JOB-TOKEN") == JOB_TOKEN and is_read and "merge_requests" in parts:
            return
        if token not in {TOKEN, READ_TOKEN}:
            raise Rejection(401, "401 Unauthorized")
        if token == READ_TOKEN and not is_read:
            raise Rejection(403, "insufficient_scope", "error")

    def _check_texts(self, data: Mapping[str, Any]) -> None:
        for string in (data.get("description", ""), data.get("body", "")):
            if len(string) > LONGEST:
                raise Rejection(400, {"description": ["is too long (maximum is 1048576)"]})
            self.actions += _ACTION.findall(string)

    def _route(
        self, method: str, parts: list[str], query: Mapping[str, str], data: Any
    ) -> tuple[int, Any]:
        match (method, *parts):
            case ("GET", "issues" | "merge_requests" as kind):
                return 200, [row for row in getattr(self, kind) if _fits(row, query)]
            case ("POST", "issues"):
                _require(data, "title")
                labels = list(filter(None, data.pop("labels", "").split(",")))
                return 201, self.add("issues", labels=labels, **data)
            case ("POST", "merge_requests"):
                return 201, self._open(data)
            case ("PUT", "issues" | "merge_requests" as kind, number):
                return 200, self._change(_find(getattr(self, kind), "iid", number), kind, data)
            case ("GET", "merge_requests" as kind, number, "notes"):
                iid = _find(self.merge_requests, "iid", number)["id"]
                return 200, [note for note in self.notes if note["noteable_id"] == iid]
            case ("POST", "issues" | "merge_requests" as kind, number, "notes"):
                _require(data, "body")
                row = _find(getattr(self, kind), "iid", number)
                return 201, self.add_note(row, data["body"])
            case ("PUT", "merge_requests", number, "notes", note):
                _find(self.merge_requests, "iid", number)
                _require(data, "body")
                row = _find(self.notes, "id", note)
                row["body"] = data["body"]
                return 200, row
        raise Rejection(404, "404 Not Found", "error")

    def _open(self, data: dict[str, Any]) -> dict[str, Any]:
        _require(data, "source_branch", "target_branch", "title")
        conflicting = {"state": "opened", "source_branch": data["source_branch"]}
        for row in self.merge_requests:
            if _fits(row, conflicting) and row["source_project_id"] == PROJECT:
                message = "Another open merge request already exists for this source branch"
                raise Rejection(409, [f"{message}: !{row['iid']}"])
        ends = {"source_project_id": PROJECT, "target_project_id": PROJECT}
        return self.add("merge_requests", **data, **ends)

    def _change(self, row: dict[str, Any], kind: str, data: dict[str, Any]) -> dict[str, Any]:
        if not data:
            raise Rejection(400, "at least one parameter must be provided", "error")
        event = data.pop("state_event", None)
        if event is not None:
            if event not in {"close", "reopen"}:
                raise Rejection(400, "state_event does not have a valid value", "error")
            row["state"] = "closed" if event == "close" else "opened"
        if "title" in data and data["title"] != row["title"]:
            self.add_note(row, "changed title", system=True)
        row.update(data)
        return row

    def add_note(self, row: dict[str, Any], body: str, *, system: bool = False) -> dict[str, Any]:
        note = {"id": next(self.ids), "body": body, "author": ME, "system": system}
        self.notes.append({**note, "noteable_id": row["id"], "noteable_iid": row["iid"]})
        return self.notes[-1]


def _fits(row: dict[str, Any], query: Mapping[str, str]) -> bool:
    labels = set(filter(None, query.get("labels", "").split(",")))
    return labels <= set(row.get("labels", ())) and all(
        query.get(name, row[name]) == row[name]
        for name in ("state", "source_branch")
        if name in row
    )


def _find(rows: list[dict[str, Any]], key: str, value: str) -> dict[str, Any]:
    for row in rows:
        if str(row[key]) == value:
            return row
    raise Rejection(404, "404 Not found")


def _require(data: Mapping[str, Any], *names: str) -> None:
    missing = [f"{name} is missing" for name in names if not data.get(name)]
    if missing:
        raise Rejection(400, ", ".join(missing), "error")


class _Handler(BaseHTTPRequestHandler):
    project: GitLabProject

    def respond(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        request_body = self.rfile.read(length)
        try:
            data = json.loads(request_body) if request_body else {}
            status, body = self.project.handle(self.command, self.path, self.headers, data)
        except Rejection as rejection:
            status, body = rejection.status, rejection.body
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if isinstance(body, list):
            body = self.select_page(body)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def select_page(self, rows: list[Any]) -> list[Any]:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        size, page = min(int(query.get("per_page", "20")), 100), int(query.get("page", "1"))
        is_last = len(rows) <= size * page
        if not is_last:
            following = urlencode({**query, "page": page + 1, "per_page": size})
            address = f"{self.project.url.removesuffix('/api/v4')}{url.path}?{following}"
            self.send_header("Link", f'<{address}>; rel="next"')
        self.send_header("X-Next-Page", "" if is_last else str(page + 1))
        return rows[size * (page - 1) : size * page]

    do_GET = do_POST = do_PUT = respond  # noqa: N815 - their names there

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        pass


@contextmanager
def serve_gitlab() -> Generator[GitLabProject]:
    """Serve one project on a free port."""
    project = GitLabProject()
    handler = type("Handler", (_Handler,), {"project": project})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        project.url = f"http://127.0.0.1:{server.server_address[1]}/api/v4"
        try:
            yield project
        finally:
            server.shutdown()
            thread.join()
