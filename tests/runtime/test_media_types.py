"""Media types of responses: the `Accept` header and how the body is decoded."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from roark_client import models

from driftline.runtime import BinaryResponse, Endpoint
from driftline.runtime.decode import choose_kind
from driftline.runtime.errors import DecodingError, ServerError
from runtime.apis import build_api, build_client
from runtime.transports import Recorder

ERROR = {"message": "no"}


def build_operation(*success: str, **fields: Any) -> Endpoint:
    media_types = {"200": success, **fields.pop("errors", {})}
    responses: Any = {"200": lambda: models.Error, "5XX": None}
    fields = {"media_types": media_types, "responses": responses, **fields}
    return Endpoint("x.get", fields.pop("method", "GET"), "/x", **fields)


def call(operation: Endpoint, reply: httpx.Response) -> tuple[Any, httpx.Request]:
    recorder = Recorder(reply)
    with build_client(build_api(operation), recorder, retries=0) as client:
        return client.request("x.get"), recorder.last


def build_reply(content: bytes | str, media_type: str | None, status: int = 200) -> httpx.Response:
    headers = {"Content-Type": media_type} if media_type else {}
    body = content.encode() if isinstance(content, str) else content
    return httpx.Response(status, content=body, headers=headers)


ACCEPTS: list[tuple[dict[str, tuple[str, ...]], str]] = [
    ({}, "application/json"),
    ({"200": ("application/json",)}, "application/json"),
    ({"200": ("application/vnd.api+json",)}, "application/vnd.api+json"),
    ({"200": ("text/csv", "application/json")}, "application/json, text/csv;q=0.9"),
    (
        {"200": ("audio/mpeg", "application/xml", "application/jsonl", "text/plain")},
        "text/plain, application/xml;q=0.9, audio/mpeg;q=0.8",
    ),
    (
        {"200": ("application/x+json;version=2; charset=utf-8", "application/json; charset=utf-8")},
        "application/json, application/x+json;version=2;q=0.9",
    ),
    (
        {"200": ("text/csv",), "4XX": ("application/problem+json",)},
        "text/csv, application/problem+json;q=0.9",
    ),
    ({"default": ("text/csv",)}, "text/csv"),
    ({"200": ("audio/wav",)}, "audio/wav, */*;q=0.05"),
    (
        {"200": ("image/png", "image/gif"), "404": ("text/plain",)},
        "image/png, image/gif;q=0.9, text/plain;q=0.8",
    ),
    ({"200": ("*/*", "text/csv")}, "text/csv, */*;q=0.9"),
    ({"200": ("json", "a/b\r\nX-Y: z", "text/csv")}, "text/csv"),
]


@pytest.mark.parametrize(("media_types", "expected"), ACCEPTS)
def test_accept_lists_the_documented_success_types(
    media_types: dict[str, tuple[str, ...]], expected: str
) -> None:
    """`Accept` lists success types first, most readable first, and omits invalid media types."""
    operation = Endpoint("x.get", "GET", "/x", media_types=media_types)
    assert operation.accept == expected
    request = call(operation, httpx.Response(204))[1]
    assert request.headers["Accept"] == operation.accept


def test_accept_qualities_decrease_and_are_capped() -> None:
    """Qualities decrease, the list is capped at twenty types, and no quality is 0."""
    many_types = tuple(f"text/x{number}" for number in range(50))
    accept = Endpoint("x.get", "GET", "/x", media_types={"200": many_types}).accept
    qualities = [float(media_range.rpartition("q=")[2]) for media_range in accept.split(", ")[1:]]
    assert len(qualities) == 19
    assert qualities == sorted(qualities, reverse=True)
    assert qualities[-1] > 0


def test_an_accept_header_of_your_own_replaces_the_generated() -> None:
    """An `accept` header in any case replaces the generated one."""
    recorder = Recorder(build_reply("a", "text/csv"))
    with build_client(
        build_api(build_operation("text/csv", "application/json")), recorder
    ) as client:
        assert client.request("x.get", extra_headers={"accept": "text/csv"}) == "a"
    assert recorder.last.headers.get_list("accept") == ["text/csv"]


BODIES: list[tuple[tuple[str, ...], str | None, bytes, Any]] = [
    (("text/csv",), "text/csv; charset=utf-8", "é".encode(), "é"),
    (("text/csv",), "text/csv; charset=iso-8859-1", b"\xe9", "é"),
    (("text/csv",), "text/csv; charset=nonsense", b"e", "e"),
    (("text/plain",), "text/plain", b"", ""),
    (("text/csv",), "text/plain", b"a", "a"),
    (("text/csv",), None, b"a", "a"),
    (("text/csv",), "application/octet-stream", b"a", "a"),
    (("application/xml",), "text/xml", b"<a/>", "<a/>"),
    (("audio/mpeg",), "audio/mpeg", b"\xff\x00", b"\xff\x00"),
    (("audio/mpeg",), "audio/wav", b"\xff", b"\xff"),
    (("*/*",), "image/png", b"\x89", b"\x89"),
    (("*/*",), "text/plain", b"a", "a"),
]


@pytest.mark.parametrize(("documented_types", "media_type", "content", "expected"), BODIES)
def test_text_types_are_str_and_others_bytes(
    documented_types: tuple[str, ...], media_type: str | None, content: bytes, expected: Any
) -> None:
    """Text types are decoded to `str`, all others to
    bytes; a generic type counts as the documented one.
    """
    value = call(build_operation(*documented_types), build_reply(content, media_type))[0]
    assert (value.read() if isinstance(value, BinaryResponse) else value) == expected


@pytest.mark.parametrize(
    ("documented_types", "media_type"),
    [
        (("application/vnd.api+json",), "application/vnd.api+json; profile=x"),
        (("text/csv", "application/json"), "application/json"),
        (("application/*",), "application/json"),
        (("text/csv", "application/json"), "application/problem+json"),
        (("application/json",), "text/html"),
    ],
)
def test_vendor_json_types_are_decoded_as_the_model(
    documented_types: tuple[str, ...], media_type: str
) -> None:
    """Vendor JSON types are decoded as the model, and so is any JSON where JSON is documented."""
    error_body, _ = call(
        build_operation(*documented_types), build_reply('{"message": "m"}', media_type)
    )
    assert error_body == models.Error(message="m")


@pytest.mark.parametrize(
    ("documented_types", "media_type", "content"),
    [
        (("text/csv",), "application/json", b"{}"),
        (("audio/mpeg",), "text/html", b"<h1>"),
        (("application/json", "text/csv"), "application/xml", b"<a/>"),
        (("text/csv",), "text/csv", b"\xff"),
    ],
)
def test_an_undocumented_media_type_raises_decoding_error(
    documented_types: tuple[str, ...], media_type: str, content: bytes
) -> None:
    """A response of an undocumented media type raises a `DecodingError` that names the type."""
    with pytest.raises(DecodingError, match=media_type):
        call(build_operation(*documented_types), build_reply(content, media_type))


def test_a_response_without_content_is_none() -> None:
    """A 204 response, an empty response without documented
    content, and a response to HEAD return `None`.
    """
    assert call(build_operation("text/csv"), build_reply(b"", None, 204))[0] is None
    json_for_all = Endpoint("x.get", "GET", "/x", responses={"2XX": lambda: models.Error})
    assert call(json_for_all, build_reply(b"", None, 204))[0] is None
    head = Endpoint("x.get", "HEAD", "/x", responses={"200": lambda: models.Error})
    assert call(head, build_reply(b"", "application/json"))[0] is None
    empty = Endpoint("x.get", "GET", "/x", media_types={"4XX": ("text/plain",)})
    assert call(empty, build_reply(b"", None))[0] is None


def test_a_documented_text_error_has_a_text_body() -> None:
    """A documented text error has a text body; a JSON error is decoded as JSON."""
    operation = build_operation("text/csv", errors={"5XX": ("text/plain",)})
    for content, media_type, body in (
        ("down", "text/plain", "down"),
        ('{"message": "no"}', "application/json", ERROR),
    ):
        with pytest.raises(ServerError) as caught:
            call(operation, build_reply(content, media_type, 500))
        assert caught.value.body == body


@pytest.mark.parametrize(
    ("documented", "content_type", "kind"),
    [
        (("application/json",), "application/problem+json", "json"),
        (("application/json",), "text/html", "json"),
        (("text/csv",), "text/plain; charset=utf-8", "text"),
        (("text/csv",), "text/html", None),
        (("application/json", "text/csv"), "text/html; charset=utf-8", "json"),
        (("text/html",), "text/html", "text"),
        (("text/*",), "text/html", "text"),
        (("image/png",), "text/html", None),
        (("image/png",), "", "binary"),
        (("text/csv",), "application/octet-stream", "text"),
    ],
)
def test_a_web_page_is_read_only_where_it_is_documented(
    documented: tuple[str, ...], content_type: str, kind: str | None
) -> None:
    """Other undocumented texts are read as the documented text, and the rest as JSON or not."""
    assert choose_kind(documented, content_type) == kind
