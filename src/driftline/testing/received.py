"""A request that a test's mock received, and its text for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import attrs
import httpx

from driftline.mock import HIDDEN, HttpRequest, HttpResponse, LoggedRequest, is_secret
from driftline.openapi import is_array, is_object

_INVALID = {400, 406, 413, 415, 422}
_SHOWN = 160


class _Headers(httpx.Headers):
    """Headers whose `repr` masks all credentials; httpx masks some."""

    def __init__(self, logged_request: LoggedRequest) -> None:
        super().__init__(logged_request.request.headers)
        self._masked_pairs = logged_request.to_dict()["request"]["headers"]

    def __repr__(self) -> str:
        return f"Headers({[tuple(pair) for pair in self._masked_pairs]!r})"


@attrs.frozen(eq=False, repr=False)
class Received:
    """One complete request and its response.

    `api` and `operation` are empty if the request matched none; `path` does not contain the API's
    name. `str` and `repr` contain no credentials.
    """

    api: str
    operation: str
    request: HttpRequest
    response: HttpResponse
    logged_request: LoggedRequest

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def path(self) -> str:
        return self.request.path

    @property
    def query(self) -> dict[str, str | list[str]]:
        """The parameters by name: a string, or a list if sent more than once."""
        values_by_name: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.request.query, keep_blank_values=True):
            values_by_name.setdefault(name, []).append(value)
        return {
            name: values if len(values) > 1 else values[0]
            for name, values in values_by_name.items()
        }

    @property
    def headers(self) -> httpx.Headers:
        """The headers, case-insensitive; their `repr` masks credentials."""
        return _Headers(self.logged_request)

    @property
    def body(self) -> bytes:
        return self.request.body

    @property
    def json(self) -> Any:
        """The body as JSON.

        Raises:
            AssertionError: it is not JSON.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            media = self.request.get_header("Content-Type") or "no media type"
            message = f"the body is not JSON ({len(self.body)} bytes, {media})"
            raise AssertionError(f"{self}: {message}") from None

    @property
    def status(self) -> int | None:
        """The response status, or None if a fault prevented the response."""
        return None if self.response.delivery.is_silent else self.response.status

    @property
    def faults(self) -> tuple[str, ...]:
        """The fault rules that changed the response."""
        return self.response.delivery.rules

    @property
    def is_unmatched(self) -> bool:
        """Whether it matched no operation."""
        return not self.operation and self.response.status in {404, 405} and not self.faults

    @property
    def is_invalid(self) -> bool:
        """Whether it was rejected for violating the spec, and not because the test wanted that."""
        asked_for = self.faults or self.response.get_header("Preference-Applied") is not None
        return bool(self.operation) and self.response.status in _INVALID and not asked_for

    def __str__(self) -> str:
        query = self.logged_request.build_log_line()["query"]
        request_line = f"{self.method} {self.path}{'?' if query else ''}{query}"
        rules = "".join(f" [{rule}]" for rule in self.faults)
        return f"{request_line} -> {self.status or 'nothing'} ({self._describe_operation()}){rules}"

    def __repr__(self) -> str:
        return f"<{self}{self.format_body()}>"

    def _describe_operation(self) -> str:
        return f"{self.api}/{self.operation}" if self.operation else "no operation"

    def format_body(self) -> str:
        """Return the start of the body after a space, with values of secret names masked."""
        try:
            string = json.dumps(_redact_value(json.loads(self.body)), ensure_ascii=False)
        except ValueError:
            string = f"({len(self.body)} bytes)" if self.body else ""
        return f" {string[:_SHOWN]}{'…' if len(string) > _SHOWN else ''}" if string else ""


def _redact_value(value: Any) -> Any:
    if is_array(value):
        return [_redact_value(item) for item in value]
    if not is_object(value):
        return value
    fields: Mapping[str, Any] = value
    return {
        name: HIDDEN if is_secret(name) else _redact_value(member)
        for name, member in fields.items()
    }
