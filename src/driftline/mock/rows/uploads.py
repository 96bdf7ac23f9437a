"""Uploaded files: a download returns what was uploaded to its resource."""

from __future__ import annotations

from typing import Any

from driftline.media import FILE_FORM_KINDS, find_body_kind, get_essence, matches
from driftline.mock.http.messages import HttpRequest, HttpResponse
from driftline.mock.rows.database import Database
from driftline.openapi import (
    MISSING,
    MediaType,
    Operation,
    Spec,
    follow,
    is_array,
    is_file_field,
    is_object,
)


class Uploads:
    """The files of one API by the paths of their resources, stored with its rows."""

    def __init__(self, spec: Spec, database: Database) -> None:
        self._spec, self._database = spec, database

    def keep(
        self,
        operation: Operation,
        path: str,
        body: Any,
        request: HttpRequest,
        response: HttpResponse,
    ) -> None:
        """Store the file of an accepted request, at its path or at that of the created resource."""
        if operation.body is None or not 200 <= response.status < 300:
            return
        file = self._find_file(operation, body, request)
        if file is None:
            return
        created_id = _find_created_id(operation, response)
        upload_path = path.rstrip("/") if created_id is None else f"{path.rstrip('/')}/{created_id}"
        query = "INSERT OR REPLACE INTO upload (api, path, kind, body) VALUES (?, ?, ?, ?)"
        with self._database.open_write() as connection:
            connection.execute(query, (self._spec.name, upload_path, *file))

    def find(self, path: str, media: MediaType) -> bytes | None:
        """Return the file of a resource or its parent, if it can have this media type."""
        path = path.rstrip("/")
        parent = path.rpartition("/")[0]
        query = "SELECT kind, body FROM upload WHERE api = ? AND path IN (?, ?) ORDER BY path DESC"
        with self._database.open_read() as connection:
            rows = connection.execute(query, (self._spec.name, path, parent)).fetchall()
        files = (body for kind, body in rows if not kind or matches(kind, media.name))
        return next(files, None)

    def _find_file(
        self, operation: Operation, body: Any, request: HttpRequest
    ) -> tuple[str, bytes] | None:
        """Return media type and content of the first file of a request; "" if unknown."""
        content_type = request.get_header("Content-Type") or ""
        kind = find_body_kind(content_type) if content_type else "json"
        if kind == "binary":
            essence = get_essence(content_type)
            return "" if essence == "application/octet-stream" else essence, request.body
        if kind not in FILE_FORM_KINDS or not is_object(body):
            return None
        content = operation.body.content if operation.body else ()
        media = next((candidate for candidate in content if candidate.kind == kind), None)
        for name, value in body.items() if media else ():
            files: list[Any] = value if is_array(value) else [value]
            is_file = media and is_file_field(self._spec, media.schema_pointer, name)
            if is_file and files and isinstance(files[0], str):
                return "", files[0].encode("latin-1", "replace")
        return None


def _find_created_id(operation: Operation, response: HttpResponse) -> str | None:
    """Return the id in the response of a POST."""
    if operation.method != "POST" or response.get_header("Content-Type") is None:
        return None
    try:
        value = response.parse_json()
    except ValueError:
        return None
    pointer = (operation.effect.item or "") if operation.effect else ""
    created_id = follow(value, f"{pointer}/id")
    return (
        str(created_id)
        if created_id is not MISSING and isinstance(created_id, (str, int))
        else None
    )
