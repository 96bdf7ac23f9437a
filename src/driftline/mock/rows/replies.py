"""Responses by idempotency key, and deleted paths, stored with the rows of an API."""

from __future__ import annotations

import json

from driftline.mock.http.messages import HttpResponse, Rejection
from driftline.mock.rows.database import Database
from driftline.openapi import Operation


class Replies:
    """The responses of one API by idempotency key, stored with its rows."""

    def __init__(self, database: Database, api: str) -> None:
        self._database = database
        self._api = api

    def find_reply(self, request: str) -> HttpResponse | None:
        """Return the earlier response to this request, or None."""
        query = "SELECT status, headers, body FROM reply WHERE api = ? AND request = ?"
        with self._database.open_read() as connection:
            record = connection.execute(query, (self._api, request)).fetchone()
        if record is None:
            return None
        headers = tuple((name, value) for name, value in json.loads(record[1]))
        return HttpResponse(record[0], headers, record[2])

    def keep(self, request: str, response: HttpResponse) -> None:
        """Store a response."""
        query = "INSERT INTO reply (api, request, status, headers, body) VALUES (?, ?, ?, ?, ?)"
        parameters = (
            self._api,
            request,
            response.status,
            json.dumps(response.headers),
            response.body,
        )
        with self._database.open_write() as connection:
            connection.execute(query, parameters)


class Tombstones:
    """The deleted paths of one API, stored with its rows."""

    def __init__(self, database: Database, api: str) -> None:
        self._database = database
        self._api = api

    def record(self, operation: Operation, path: str) -> None:
        """Record what an operation without an effect does to a path.

        Raises:
            Rejection: 404, if the path or an ancestor was deleted and a 404 is documented.
        """
        path = path.rstrip("/")
        if operation.method == "DELETE":
            self._put("INSERT OR IGNORE INTO gone (api, path) VALUES (?, ?)", path)
        elif operation.find_response(404) is not None and (
            deleted_path := self._find_deleted_ancestor(path)
        ):
            if operation.method not in {"PUT", "POST"} or deleted_path != path:
                raise Rejection(404, f"{deleted_path} was deleted")
            self._put("DELETE FROM gone WHERE api = ? AND path = ?", path)

    def _find_deleted_ancestor(self, path: str) -> str | None:
        """Return the path, or its ancestor, that was deleted."""
        parts = path.split("/")
        paths = ["/".join(parts[:count]) for count in range(len(parts), 1, -1)]
        marks = ", ".join("?" * len(paths))
        query = f"SELECT path FROM gone WHERE api = ? AND path IN ({marks})"  # noqa: S608
        with self._database.open_read() as connection:
            record = connection.execute(query, (self._api, *paths)).fetchone()
        return None if record is None else str(record[0])

    def _put(self, query: str, path: str) -> None:
        with self._database.open_write() as connection:
            connection.execute(query, (self._api, path))
