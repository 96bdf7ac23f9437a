"""Notices a URL of something else than the API: a website, a log-in, or a gateway without it."""

from __future__ import annotations

from typing import Final

from driftline.checks import Exchange, format_response
from driftline.errors import TargetError
from driftline.media import matches
from driftline.openapi import Operation
from driftline.suite.http.target import Target

_MOST_OPERATIONS: Final = 3
"""With this many operations without a response of the API, the server as a whole is at fault."""
_MOST_RESPONSES: Final = 4
"""The number of responses that show the same where fewer operations can be called."""
_REDIRECTS: Final = range(300, 400)
_GATEWAY: Final = frozenset({502, 503, 504})
_PAGE: Final = "text/html"


class SiteWatch:
    """The first responses of a live server, until one of them is of the API."""

    def __init__(self, target: Target) -> None:
        self._base_url = target.base_url
        self._scrub = target.scrub
        self._is_over = target.is_mock
        self._foreign_responses: dict[str, Exchange] = {}
        self._response_count = 0
        self.error: TargetError | None = None

    def note(self, operation: Operation, exchange: Exchange) -> None:
        """Take a response into account; `error` is set once all are of something else."""
        if self._is_over:
            return
        if not _is_foreign(operation, exchange):
            self._is_over = True
            return
        self._foreign_responses.setdefault(operation.id, exchange)
        self._response_count += 1
        has_many_operations = len(self._foreign_responses) >= _MOST_OPERATIONS
        if has_many_operations or self._response_count >= _MOST_RESPONSES:
            self.error = self._build_error(next(iter(self._foreign_responses.values())))

    def _build_error(self, first: Exchange) -> TargetError:
        location = first.get_header("Location")
        summary = (
            f"{first.status}, a redirect to {location}" if location else format_response(first)
        )
        message = f"the server does not respond like the API: {summary} to {first.request.method} "
        message += first.request.path
        hint = "Check the URL: it may be that of a website, a log-in page or a gateway."
        return TargetError(self._base_url, self._scrub(message), hint)


def _is_foreign(operation: Operation, exchange: Exchange) -> bool:
    """Return whether a response is a page, a redirect or of a gateway, and not documented."""
    responses = [response for response in operation.responses if response.matches(exchange.status)]
    if exchange.status in _REDIRECTS or exchange.status in _GATEWAY:
        return not any(response.status == str(exchange.status) for response in responses)
    content_type = exchange.get_header("Content-Type") or ""
    has_page = any(
        matches(_PAGE, media.name) for response in responses for media in response.content
    )
    return matches(content_type, _PAGE) and not has_page
