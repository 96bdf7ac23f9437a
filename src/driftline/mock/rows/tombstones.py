"""Paths that were deleted: where no effect says more, they are gone until they are put back."""

from __future__ import annotations

from driftline.mock.http.rejection import Rejection
from driftline.mock.rows.database import Database
from driftline.openapi import Operation


class Tombstones:
    """The deleted paths of one API; they are kept where its rows are."""

    def __init__(self, database: Database, api: str) -> None:
        self._database = database
        self._api = api

    def tell(self, operation: Operation, path: str) -> None:
        """What an operation of no effect does to a path, with its parameters filled in.

        Raises:
            Rejection: 404, if it is gone, or what it is below; where the spec has such a response.
        """
        path = path.rstrip("/")
        if operation.method == "DELETE":
            self._put("INSERT OR IGNORE INTO gone (api, path) VALUES (?, ?)", path)
        elif operation.find_response(404) is not None and (
            gone := self._find_deleted_ancestor(path)
        ):
            if operation.method not in {"PUT", "POST"} or gone != path:
                raise Rejection(404, f"{gone} was deleted")
            self._put("DELETE FROM gone WHERE api = ? AND path = ?", path)

    def _find_deleted_ancestor(self, path: str) -> str | None:
        """Return the path, or one that it is below, if it is gone."""
        parts = path.split("/")
        paths = ["/".join(parts[:count]) for count in range(len(parts), 1, -1)]
        marks = ", ".join("?" * len(paths))
        query = f"SELECT path FROM gone WHERE api = ? AND path IN ({marks})"  # noqa: S608
        with self._database.open_read() as connection:
            found = connection.execute(query, (self._api, *paths)).fetchone()
        return None if found is None else str(found[0])

    def _put(self, query: str, path: str) -> None:
        with self._database.open_write() as connection:
            connection.execute(query, (self._api, path))
