"""What got a response to requests with an idempotency key, so that it can get a response again."""

from __future__ import annotations

import json

from driftline.mock.http.messages import HttpResponse
from driftline.mock.rows.database import Database


class Replies:
    """The responses of one API, by what names their requests; they are kept where its rows are."""

    def __init__(self, database: Database, api: str) -> None:
        self._database = database
        self._api = api

    def find_reply(self, request: str) -> HttpResponse | None:
        """Return what got a response to this request, or None if it was never sent."""
        query = "SELECT status, headers, body FROM reply WHERE api = ? AND request = ?"
        with self._database.open_read() as connection:
            found = connection.execute(query, (self._api, request)).fetchone()
        if found is None:
            return None
        headers = tuple((name, value) for name, value in json.loads(found[1]))
        return HttpResponse(found[0], headers, found[2])

    def keep(self, request: str, response: HttpResponse) -> None:
        """Remember a response."""
        query = "INSERT INTO reply (api, request, status, headers, body) VALUES (?, ?, ?, ?, ?)"
        own = (self._api, request, response.status, json.dumps(response.headers), response.body)
        with self._database.open_write() as connection:
            connection.execute(query, own)
