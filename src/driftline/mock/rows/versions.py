"""Versions of rows: the ETag of a row, and If-Match."""

from __future__ import annotations

from functools import lru_cache

from werkzeug.http import generate_etag, parse_etags

from driftline.mock.http.arguments import Arguments
from driftline.mock.http.messages import HttpResponse, Rejection, encode_json
from driftline.mock.rows.index import IndexedRow
from driftline.openapi import Operation, Spec, is_valid


def add_row_etag(
    spec: Spec, operation: Operation, response: HttpResponse, row: IndexedRow
) -> HttpResponse:
    """Return the response with the ETag of the row in it, if it is documented or needed."""
    documented_response = operation.find_response(response.status)
    headers = documented_response.headers if documented_response else ()
    header = next((candidate for candidate in headers if candidate.name.lower() == "etag"), None)
    of = operation.effect.of if operation.effect else None
    if header is None and not _has_versions(spec, of):
        return response
    tag = f'"{_compute_tag(row)}"'
    if header is not None and not is_valid(spec, header.schema_pointer, tag):
        return response
    return response.replace_headers(("ETag", tag))


def require_version(operation: Operation, arguments: Arguments, row: IndexedRow) -> None:
    """Reject the change of another version than If-Match names.

    Raises:
        Rejection: 412.
    """
    header = operation.version_header
    requested_version = arguments.get(header.name) if header else None
    if requested_version is not None and not parse_etags(str(requested_version)).contains(
        _compute_tag(row)
    ):
        raise Rejection(412, "header If-Match: the row has another version")


@lru_cache(maxsize=256)
def _has_versions(spec: Spec, listing: str | None) -> bool:
    """Return whether a row of a listing is changed by If-Match."""
    about = (
        operation
        for operation in spec.operations
        if operation.effect and operation.effect.of == listing
    )
    return any(operation.version_header for operation in about)


def _compute_tag(row: IndexedRow) -> str:
    return generate_etag(encode_json(row.data).encode())
