"""Content negotiation: the documented response that Accept and Prefer select.

`Prefer` has the syntax of Prism: `code=429`, `example=NAME`, `dynamic=true`; `seed=7` is our own.
`Preference-Applied` reports what was applied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import attrs
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_dict_header

from driftline.file_formats import find_format_problem
from driftline.media import STREAM_KINDS, VALUE_KINDS, find_body_kind, matches
from driftline.mock.fake.data import Data
from driftline.mock.http.messages import HttpRequest, HttpResponse, Rejection
from driftline.mock.http.rendering import choose_concrete_name, render
from driftline.mock.http.streams import StreamItem, build_stream, list_items, mark_items
from driftline.mock.memo import remember
from driftline.mock.outcome import BODILESS, find_outcome
from driftline.mock.response_builder import format_header
from driftline.openapi import (
    MISSING,
    MediaType,
    Operation,
    Response as Documented,
    Spec,
    is_valid,
    rank_json,
)

_REMEMBERED = 256
_LONGEST = 200
_KNOWN = ("code", "example", "dynamic", "seed")


@attrs.frozen
class _StreamValue:
    """The items of a stream, in place of a value."""

    items: Sequence[StreamItem]


@attrs.define(eq=False)
class Negotiator:
    """Chooses among the documented responses of one API."""

    spec: Spec
    seed: int
    _response_count: int = 0
    _accepted_media: dict[tuple[str, str], Any] = attrs.field(factory=dict[tuple[str, str], Any])

    def choose_accepted(
        self, documented_response: Documented | None, request: HttpRequest
    ) -> MediaType | None:
        """Return the media type that the client accepts, preferring JSON.

        None if the response has no body.

        Raises:
            Rejection: 406 with the documented ones.
        """
        if documented_response is None:
            return None
        accept_header = request.get_header("Accept") or ""
        if not accept_header or len(accept_header) > _LONGEST:
            return _match_accept(documented_response, accept_header)
        about = documented_response.pointer, accept_header
        media: MediaType | None = self._accepted_media.get(about, MISSING)
        if media is MISSING:
            media = _match_accept(documented_response, accept_header)
            remember(self._accepted_media, about, media, _REMEMBERED)
        return media

    def choose_preferred(self, operation: Operation, request: HttpRequest) -> HttpResponse | None:
        """Return the response that `Prefer` selects, or None without one.

        Raises:
            Rejection: 400 for something undocumented, or 406.
        """
        preferences = _parse_preferences(request)
        if not preferences:
            return None
        documented_response, status = _find_documented(operation, preferences.get("code"))
        media = self.choose_accepted(documented_response, request)
        headers = [
            (
                header.name,
                _format_header(header.name, self._make_value(header.schema_pointer, "0", 0)),
            )
            for header in documented_response.headers
            if (header.required or header.name.lower() == "retry-after")
            and self.spec.get_node(header.schema_pointer) is not MISSING
        ]
        applied_preferences = ", ".join(f"{name}={value}" for name, value in preferences.items())
        headers += [("Preference-Applied", applied_preferences), ("Vary", "Prefer")]
        if media is None or status in BODILESS:
            return HttpResponse(status, tuple(headers)).replace_headers(body=b"")
        response = HttpResponse(status, tuple(headers))
        return self._render_value(response, media, self._make_body(media, preferences), request)

    def build_other_form(
        self, response: HttpResponse, media: MediaType, request: HttpRequest
    ) -> HttpResponse:
        """Return a success in another media type than JSON: an example, or generated."""
        return self._render_value(response, media, self._make_body(media, {}), request)

    def build_file(
        self, response: HttpResponse, media: MediaType, content: bytes, request: HttpRequest
    ) -> HttpResponse:
        """Return a success with an uploaded file in this media type."""
        name = choose_concrete_name(media, request.get_header("Accept") or "")
        return response.replace_headers(("Content-Type", name), body=content)

    def _render_value(
        self, response: HttpResponse, media: MediaType, value: Any, request: HttpRequest
    ) -> HttpResponse:
        """Return the response with this value as its body in this media type."""
        name = choose_concrete_name(media, request.get_header("Accept") or "")
        if isinstance(value, _StreamValue):
            return build_stream(response, name, value.items, request)
        kind, body = render(self.spec, media, name, value)
        rendered = response.replace_headers(("Content-Type", kind), body=body)
        return mark_items(rendered) if media.kind in STREAM_KINDS else rendered

    def _make_body(self, media: MediaType, preferences: Mapping[str, str]) -> Any:
        name = preferences.get("example")
        if name is not None:
            if name not in media.examples:
                names = ", ".join(media.examples) or "none"
                message = f"Prefer: example={name}: the examples of this response are {names}"
                raise Rejection(400, message)
            return media.examples[name]
        seed = preferences.get("seed")
        dynamic = preferences.get("dynamic") == "true" or seed is not None
        right = (
            candidate for candidate in media.examples.values() if self._is_right(media, candidate)
        )
        if not dynamic and (example := next(right, MISSING)) is not MISSING:
            return example
        if dynamic and seed is None:
            self._response_count += 1  # a new one each time, in a fixed sequence
        index = self._response_count if dynamic and seed is None else 0
        if media.kind in STREAM_KINDS:
            data = _build_data(self.spec, seed or f"{self.seed}")
            return _StreamValue(list_items(self.spec, media, data.make_value, index))
        if not media.schema_pointer or media.kind == "binary" or media.essence == "text/csv":
            return None  # a small file of the media type is sent
        return self._make_value(media.schema_pointer, seed, index)

    def _is_right(self, media: MediaType, example: Any) -> bool:
        """Return whether an example matches its schema, or is a body of its media type."""
        if media.kind not in VALUE_KINDS and isinstance(example, str):
            return _is_sendable_text(media, example)
        if not media.schema_pointer:
            return True
        return is_valid(self.spec, media.schema_pointer, example, "response")

    def _make_value(self, schema_pointer: str, seed: str | None, index: int) -> Any:
        return _build_data(self.spec, seed or f"{self.seed}").make_value(schema_pointer, index)


def _is_sendable_text(media: MediaType, example: str) -> bool:
    """Return whether an example can be sent as it is; for XML, other strings are converted."""
    if media.kind == "xml" and not example.lstrip().startswith("<"):
        return bool(example.strip())
    content = example.encode("utf-8", "replace")
    return find_format_problem(media.kind, choose_concrete_name(media), content) is None


def _match_accept(documented_response: Documented, accept_header: str) -> MediaType | None:
    content = [media for media in documented_response.content if "/" in media.name]
    if not content:
        return None
    # JSON before others, plain JSON before other JSON, and exact types before ranges.
    content.sort(key=lambda media: (media.kind != "json", *rank_json(media)))
    if accept_header.strip() in {"", "*/*", content[0].name}:
        return content[0]
    try:
        accept = parse_accept_header(accept_header, MIMEAccept)
        best = max(content, key=lambda media: rate_media_type(accept, media))
        quality = rate_media_type(accept, best)
    except ValueError:
        return content[0]
    if quality > 0:
        return best
    message = f"Accept excludes every documented media type: {', '.join(m.name for m in content)}"
    raise Rejection(406, message)


def rate_media_type(accept: MIMEAccept, media: MediaType) -> float:
    """Return the client's preference for a documented media type.

    A range has the preference of its best member. A client that reads any JSON reads all of it:
    `application/json` and `application/vnd.shop+json` stand for each other.
    """
    quality: float = max(accept.quality(media.essence), accept.quality(media.name))
    if "*" in media.name:
        qualities = [q for name, q in accept if matches(name, media.name) or name == media.name]
        quality = max([quality, *qualities])
    if not quality and media.kind in VALUE_KINDS:
        same = (q for name, q in accept if find_body_kind(name) == media.kind)
        quality = max(same, default=0) / 2
    return quality


@lru_cache(maxsize=16)
def _build_data(spec: Spec, seed: str) -> Data:
    return Data(spec, int(seed))


def _parse_preferences(request: HttpRequest) -> dict[str, str]:
    """Return the values of the known preferences.

    Raises:
        Rejection: 400 for an invalid value.
    """
    prefer_header = ", ".join(value for name, value in request.headers if name.lower() == "prefer")
    if not prefer_header:
        return {}
    preferences: dict[str, str] = {}
    for name, value in parse_dict_header(prefer_header).items():
        if name.lower() in _KNOWN:
            preferences.setdefault(name.lower(), (value or "").partition(";")[0].strip())
    if preferences.get("dynamic") not in {None, "true", "false"}:
        raise Rejection(400, f"Prefer: dynamic={preferences['dynamic']}: expected true or false")
    for name in ("code", "seed"):
        if name in preferences and not re.fullmatch(r"[0-9]{1,18}", preferences[name], re.ASCII):
            raise Rejection(400, f"Prefer: {name}={preferences[name]}: expected a number")
    return {} if preferences == {"dynamic": "false"} else preferences


def _find_documented(operation: Operation, code: str | None) -> tuple[Documented, int]:
    """Return the documented response of a status, or the success."""
    if code is None:
        documented_response, status = find_outcome(operation)
        code = str(status)
    else:
        documented_response = (
            operation.find_response(int(code)) if 200 <= int(code) <= 599 else None
        )
    if documented_response is None:
        statuses = ", ".join(response.status for response in operation.responses)
        raise Rejection(400, f"Prefer: code={code}: the documented statuses are {statuses}")
    return documented_response, int(code)


def _format_header(name: str, value: Any) -> str:
    """Return a header's value; a delay is short enough for a program to wait."""
    return "1" if name.lower() == "retry-after" else format_header(value)
