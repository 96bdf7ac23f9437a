"""Parts of rows such as `/users/{id}/settings`: a GET returns what was sent to its path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property, reduce
from typing import Any

from driftline.mock.http.messages import HttpResponse, encode_json
from driftline.mock.response_builder import ResponseBuilder
from driftline.mock.rows.database import Database
from driftline.openapi import (
    MISSING,
    Operation,
    find_part_item,
    find_part_reader,
    find_schema_at,
    follow,
    is_documented,
    is_object,
    join,
    pointer as json_pointer,
)

_KIND = "part"
"""Beside the media types of uploaded files, which are stored in the same table."""


class Parts:
    """The parts of the rows of one API by their paths, stored with its rows."""

    def __init__(self, responses: ResponseBuilder, database: Database) -> None:
        self._spec, self._responses, self._database = responses.spec, responses, database

    @cached_property
    def _paths(self) -> frozenset[str]:
        """The paths of parts that have a GET of their own."""
        readers = ((o, find_part_reader(self._spec, o)) for o in self._spec.operations)
        return frozenset(o.path for o, reader in readers if reader and reader.path == o.path)

    def respond(
        self, operation: Operation, path: str, body: Any, response: HttpResponse
    ) -> HttpResponse:
        """Store the part that an accepted request sends, and return the response that shows it."""
        is_part = operation.effect is None and operation.path in self._paths
        if not is_part or not 200 <= response.status < 300:
            return response
        path = path.rstrip("/")
        if operation.method == "DELETE":
            self._write(path, None)
            return response
        part = self._read(path)
        if operation.method in {"PATCH", "PUT"} and is_object(body):
            part = {**part, **body} if operation.method == "PATCH" else body
            self._write(path, part)
        return self._show(operation, part, response) if part else response

    def _read(self, path: str) -> dict[str, Any]:
        query = "SELECT body FROM upload WHERE api = ? AND path = ? AND kind = ?"
        with self._database.open_read() as connection:
            row = connection.execute(query, (self._spec.name, path, _KIND)).fetchone()
        part: dict[str, Any] = json.loads(row[0]) if row else {}
        return part

    def _write(self, path: str, part: dict[str, Any] | None) -> None:
        """Store a part; delete it for None."""
        delete = "DELETE FROM upload WHERE api = ? AND path = ? AND kind = ?"
        insert = "INSERT OR REPLACE INTO upload (api, path, kind, body) VALUES (?, ?, ?, ?)"
        key = (self._spec.name, path, _KIND)
        with self._database.open_write() as connection:
            if part is None:
                connection.execute(delete, key)
            else:
                connection.execute(insert, (*key, encode_json(part).encode()))

    def _show(
        self, operation: Operation, part: dict[str, Any], response: HttpResponse
    ) -> HttpResponse:
        """Return the response with the fields of the part that it can have."""
        item = find_part_item(self._spec, operation, part)
        media = operation.success.json if operation.success else None
        if item is None or media is None or not response.body:
            return response
        value = response.parse_json()
        if not is_object(follow(value, item)):
            return response
        fields = dict(self._adopt_fields(media.schema_pointer, item, part))
        value = self._put_valid(media.schema_pointer, value, fields)
        return response.replace_headers(body=encode_json(value).encode())

    def _adopt_fields(
        self, schema: str, item: str, part: dict[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        """Yield the location and the value of each field that a response may show."""
        for name, sent in part.items():
            location = item + join(name)
            pointer = find_schema_at(self._spec, schema, location)
            adopted = self._responses.adopt(pointer, sent, 0) if pointer else MISSING
            if adopted is not MISSING:
                yield location, adopted

    def _put_valid(self, schema: str, value: Any, fields: dict[str, Any]) -> Any:
        """Return the value with all fields, or with each one that leaves it valid."""
        complete = reduce(
            lambda edited, field: json_pointer.put(edited, *field), fields.items(), value
        )
        if is_documented(self._spec, schema, complete):
            return complete
        for _ in range(len(fields)):  # one may need another, such as the name of an alternative
            for location, adopted in list(fields.items()):
                edited = json_pointer.put(value, location, adopted)
                if is_documented(self._spec, schema, edited):
                    value = edited
                    del fields[location]
        return value
