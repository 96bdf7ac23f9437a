"""Request bodies other than JSON: forms, multipart, text, XML, JSON lines, bytes and streams."""

from __future__ import annotations

import asyncio
import io
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from driftline.runtime import ABSENT, Content, Encoding, Endpoint, Fields, Model
from driftline.runtime.decode.fields import optional, required
from driftline.runtime.errors import ArgumentError, ServerError
from driftline.runtime.request_builder import build_request
from runtime.apis import build_api, build_async_client, build_client
from runtime.transports import Recorder

OK = httpx.Response(204)
BUSY = httpx.Response(503)


@attrs.frozen(kw_only=True, repr=False, eq=False)
class Upload(Model):
    """A model with a file and a read-only field."""

    title: str = attrs.field(metadata=required("title"))
    file: Any = attrs.field(metadata=required("file"))
    size: int | None = attrs.field(default=ABSENT, metadata=optional("size", read_only=True))


def build_operation(media_type: str, method: str = "PUT", **fields: Any) -> Endpoint:
    return Endpoint("x.send", method, "/x", media_type=media_type, **fields)


def send(media_type: str, body: Any, **fields: Any) -> httpx.Request:
    """Return the sent request with its body read."""
    recorder = Recorder(OK)
    with build_client(build_api(build_operation(media_type, **fields)), recorder) as client:
        client.request("x.send", body=body)
    return recorder.last


FORMS: list[tuple[dict[str, Any], dict[str, Encoding], bytes]] = [
    ({"a": "x y&z", "b": True, "c": 1.5}, {}, b"a=x+y%26z&b=true&c=1.5"),
    ({"a": ["x", "y"], "none": []}, {}, b"a=x&a=y"),
    ({"a": {"k": "v"}}, {}, b"a=%7B%22k%22%3A%22v%22%7D"),
    ({"a": ["x,y", "z"]}, {"a": Encoding(style="form", explode=False)}, b"a=x%2Cy,z"),
    ({"a": {"k": {"l": 1}}}, {"a": Encoding(style="deepObject")}, b"a%5Bk%5D%5Bl%5D=1"),
    ({"a": ["x", "y"]}, {"a": Encoding(style="deepObject")}, b"a%5B0%5D=x&a%5B1%5D=y"),
    ({"a": {"k": 1, "l": "é"}}, {"a": Encoding(style="form")}, b"k=1&l=%C3%A9"),
    ({"a": None}, {}, b"a="),
]


@pytest.mark.parametrize(("fields", "encodings", "expected"), FORMS)
def test_forms_are_encoded_as_documented(
    fields: dict[str, Any], encodings: dict[str, Encoding], expected: bytes
) -> None:
    """Arrays are repeated and objects sent as JSON, unless the document sets a style."""
    request = send("application/x-www-form-urlencoded", fields, encodings=encodings)
    assert request.content == expected
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_form_fields_are_validated_like_json_fields(kind: str) -> None:
    """Absent form fields are omitted, missing required
    ones are named, and `extra_body` is added.
    """
    operation = build_operation(kind, required_fields=("a",))
    with pytest.raises(ArgumentError, match="the body needs a"):
        build_request("https://h", operation, {}, Fields({"a": ABSENT}), {})
    fields = Fields({"a": 1, "b": ABSENT, "c": None})
    request = build_request("https://h", operation, {}, fields, {}, extra_body={"d": 2})
    body = b"".join(request.stream)  # type: ignore[arg-type]
    assert b"a" in body
    assert b"d" in body
    assert not {b"b=", b"c=", b'"b"', b'"c"'} & {body[i : i + n] for n in (2, 3) for i in range(99)}


def parse_parts(request: httpx.Request) -> tuple[Any, Any]:
    """Return the fields and files as an ordinary server parses them."""
    kind, options = parse_options_header(request.headers["Content-Type"])
    parser = FormDataParser(lambda *_, **__: io.BytesIO())
    _, form, files = parser.parse(io.BytesIO(request.content), kind, None, options)
    return form, files


def test_multipart_has_fields_json_parts_and_files(tmp_path: Path) -> None:
    """Multipart accepts bytes, paths, files and tuples,
    alone or in arrays, and sends objects as JSON.
    """
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")
    body = {
        "plain": "é",
        "flag": False,
        "tags": ["a", "b"],
        "meta": {"k": [1]},
        "raw": b"\x00\xff",
        "path": path,
        "named": ("n.csv", b"a,b", "text/csv"),
        "image": ("i.jpg", b"1"),
        "other": b"2",
        "many": [io.BytesIO(b"1"), ("two.txt", b"2")],
    }
    images = Encoding("image/png, image/jpeg")
    encodings = {"raw": Encoding("audio/mpeg"), "image": images, "other": images}
    request = send("multipart/form-data", body, encodings=encodings)
    form, files = parse_parts(request)
    assert form.to_dict(flat=False) == {
        "plain": ["é"],
        "flag": ["false"],
        "tags": ["a", "b"],
        "meta": ['{"k": [1]}'],
    }
    assert b'name="meta"\r\nContent-Type: application/json\r\n' in request.content
    contents_by_field = {
        name: [(f.filename, f.mimetype, f.stream.read()) for f in files.getlist(name)]
        for name in files
    }
    assert contents_by_field["raw"] == [("upload", "audio/mpeg", b"\x00\xff")]
    assert contents_by_field["path"][0][0] == "a.wav"
    assert contents_by_field["path"][0][2] == b"RIFF"
    assert contents_by_field["named"] == [("n.csv", "text/csv", b"a,b")]
    assert contents_by_field["image"] == [("i.jpg", "image/jpeg", b"1")]
    assert contents_by_field["other"] == [("upload", "image/png", b"2")]
    assert [content for _, _, content in contents_by_field["many"]] == [b"1", b"2"]
    assert int(request.headers["Content-Length"]) == len(request.content)


@pytest.mark.parametrize(
    ("documented_type", "file", "expected"),
    [
        ("image/png, image/jpeg", b"x", b"image/png"),
        ("image/png, image/jpeg", ("a.jpg", b"x"), b"image/jpeg"),
        ("image/png, image/jpeg", ("a.txt", b"x"), b"image/png"),
        ("image/png, image/jpeg", ("a.jpg", b"x", "image/webp"), b"image/webp"),
        ("image/*", ("a.jpg", b"x"), b"image/jpeg"),
        ("image/*, application/pdf", b"x", b"application/pdf"),
    ],
)
def test_a_file_has_a_documented_media_type(
    documented_type: str, file: Any, expected: bytes
) -> None:
    """With several documented types, the part has
    your type, that of its file name, or the first.
    """
    encodings = {"file": Encoding(documented_type)}
    request = send("multipart/form-data", {"file": file}, encodings=encodings)
    assert b"Content-Type: " + expected + b"\r\n" in request.content


def test_a_model_is_a_multipart_body_without_its_read_only_fields() -> None:
    """A model as a multipart body omits read-only fields and sends its file as a file."""
    form, files = parse_parts(send("multipart/form-data", Upload(title="t", file=b"1", size=9)))
    assert form.to_dict() == {"title": "t"}
    assert files["file"].stream.read() == b"1"


def test_a_file_of_unknown_length_is_sent_in_chunks() -> None:
    """A file without a known length is sent in chunks."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.left = [b"ab", b"cd"]

        def read(self, size: int = -1) -> bytes:
            return self.left.pop(0) if self.left else b""

    request = send("multipart/form-data", {"file": ("p", Pipe())})
    assert request.headers["Transfer-Encoding"] == "chunked"
    assert parse_parts(request)[1]["file"].stream.read() == b"abcd"
    assert send("application/octet-stream", Pipe()).content == b"abcd"


def test_an_empty_multipart_body_has_a_boundary() -> None:
    """An empty multipart body still has a boundary."""
    request = send("multipart/form-data", {})
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")


@pytest.mark.parametrize("body", [{"f": io.StringIO("text")}, {"f": object()}, [1], "text", b"x"])
def test_a_body_that_is_not_multipart_is_rejected(body: Any) -> None:
    """A text file, an object or a body without fields raises `ArgumentError`."""
    with pytest.raises(ArgumentError):
        send("multipart/form-data", body)


def generate() -> Iterator[bytes]:
    yield b"ab"
    yield b"cd"


async def generate_async() -> AsyncIterator[bytes]:
    for chunk in generate():
        yield chunk


def test_bytes_files_paths_and_iterators_are_sent_unchanged(tmp_path: Path) -> None:
    """Each source is sent unchanged, a file from its position, with `Content-Length` if known."""
    path = tmp_path / "body.bin"
    path.write_bytes(b"xxabcd")
    with path.open("rb") as file:
        file.seek(2)
        requests = [send("audio/wav", source) for source in (b"abcd", file, io.BytesIO(b"abcd"))]
    assert [request.content for request in requests] == [b"abcd"] * 3
    assert {request.headers["Content-Length"] for request in requests} == {"4"}
    assert send("audio/wav", path).content == b"xxabcd"
    chunked_request = send("audio/wav", generate())
    assert chunked_request.content == b"abcd"
    assert chunked_request.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in chunked_request.headers


def test_the_async_client_streams_sync_and_async_iterators() -> None:
    """The async client accepts sync and async iterators
    and files; the sync client rejects async iterators.
    """
    recorder = Recorder(OK)
    api = build_api(build_operation("audio/wav"))

    async def run() -> None:
        async with build_async_client(api, recorder) as client:
            for body in (generate(), generate_async(), io.BytesIO(b"abcd")):
                await client.request("x.send", body=body)

    asyncio.run(run())
    assert [request.content for request in recorder.requests] == [b"abcd"] * 3
    with pytest.raises(ArgumentError):
        send("audio/wav", generate_async())


TEXT_BODIES: list[tuple[str, Any, bytes]] = [
    ("text/plain", "é", "é".encode()),
    ("text/plain; charset=iso-8859-1", "é", b"\xe9"),
    ("application/xml", b"<a/>", b"<a/>"),
    ("application/xml", "<a>é</a>", "<a>é</a>".encode()),
    ("application/jsonl", [{"a": 1}, {"b": "é"}], '{"a": 1}\n{"b": "é"}\n'.encode()),
    ("application/jsonl", iter([1, 2]), b"1\n2\n"),
    ("application/jsonl", b"as it is", b"as it is"),
]


@pytest.mark.parametrize(("media_type", "body", "expected"), TEXT_BODIES)
def test_text_is_encoded_in_the_charset_of_its_type(
    media_type: str, body: Any, expected: bytes
) -> None:
    """Text is encoded in the charset of its type, XML
    is sent as given, and JSON lines one per value.
    """
    request = send(media_type, body)
    assert request.content == expected
    assert request.headers["Content-Type"] == media_type


@pytest.mark.parametrize(
    ("media_type", "body"),
    [("text/plain", {"a": 1}), ("audio/wav", 1), ("audio/wav", Path("no/such")), ("x/*", {"a": 1})],
)
def test_a_body_of_an_invalid_type_is_rejected(media_type: str, body: Any) -> None:
    """A mapping as text, a number as bytes, or a missing file raises `ArgumentError`."""
    with pytest.raises(ArgumentError):
        send(media_type, body)


def test_content_overrides_the_documented_media_type() -> None:
    """`Content` overrides the documented media type, and a JSON string is not encoded twice."""
    for media_type in ("application/json", "application/x-www-form-urlencoded"):
        request = send(media_type, Content(b"id\n1\n", "text/csv"))
        assert (request.headers["Content-Type"], request.content) == ("text/csv", b"id\n1\n")
    request = send("text/csv", Content({"a": 1}, "application/vnd.x+json"))
    assert (request.headers["Content-Type"], request.content) == (
        "application/vnd.x+json",
        b'{"a": 1}',
    )
    assert send("text/csv", Content('{"a":1}', "application/json")).content == b'{"a":1}'


def test_a_wildcard_media_type_becomes_a_concrete_type(tmp_path: Path) -> None:
    """A wildcard type becomes the type of the file name, or JSON for an object under `*/*`."""
    path = tmp_path / "a.mp3"
    path.write_bytes(b"x")
    assert send("audio/*", path).headers["Content-Type"] == "audio/mpeg"
    assert send("image/*", path).headers["Content-Type"] == "application/octet-stream"
    assert send("*/*", b"x").headers["Content-Type"] == "application/octet-stream"
    assert send("*/*", {"a": 1}).headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("make", "times"),
    [
        (lambda: b"abcd", 3),
        (lambda: io.BytesIO(b"abcd"), 3),
        (generate, 1),
    ],
    ids=["bytes", "file", "iterator"],
)
def test_a_consumed_stream_is_never_sent_again(make: Any, times: int) -> None:
    """The client retries with a file from its start position, but not with an iterator."""
    recorder = Recorder(BUSY)
    api = build_api(build_operation("audio/wav"))
    with build_client(api, recorder) as client, pytest.raises(ServerError):
        client.request("x.send", body=make())
    assert [request.content for request in recorder.requests] == [b"abcd"] * times


def test_a_stream_that_was_not_read_is_retried() -> None:
    """If the connection failed before the body was read, the client retries."""

    class Unreachable(Recorder):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if not self.requests:
                self.requests.append(request)
                raise httpx.ConnectError("refused")
            return super().handle_request(request)

    recorder = Unreachable(OK)
    with build_client(build_api(build_operation("audio/wav", "POST")), recorder) as client:
        client.request("x.send", body=generate())
    assert recorder.last.content == b"abcd"


def test_a_stream_goes_through_a_client_of_your_own() -> None:
    """A streamed body is sent through your own client with its headers."""
    recorder = Recorder(OK)
    api = build_api(build_operation("audio/wav"))
    with httpx.Client(transport=recorder, headers={"X-Team": "a"}) as http:
        build_client(api, recorder, http_client=http).request("x.send", body=generate())
    assert recorder.last.content == b"abcd"
    assert recorder.last.headers["X-Team"] == "a"


@pytest.mark.parametrize("media_type", ["audio/wav", "multipart/form-data"])
def test_a_large_file_is_never_held_in_memory(media_type: str, tmp_path: Path) -> None:
    """A file of 64 MB is sent in small chunks, alone and in a multipart body."""
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    sizes: list[int] = []

    class Sink(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            sizes.extend(len(chunk) for chunk in request.stream)  # type: ignore[union-attr]
            return OK

    body = path if media_type == "audio/wav" else {"file": path}
    with build_client(build_api(build_operation(media_type)), Sink()) as client:
        tracemalloc.start()
        try:
            client.request("x.send", body=body)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert sum(sizes) >= 64 * 1024 * 1024
    assert max(sizes) <= 256 * 1024
    assert peak < 4_000_000


def test_a_streamed_request_has_a_host_header(tmp_path: Path) -> None:
    """A streamed request has a `Host` header, which httpx adds only to bodies it encodes itself."""
    path = tmp_path / "a"
    path.write_bytes(b"a")
    for body in (path, iter([b"a"])):
        assert send("application/octet-stream", body).headers["Host"] == "api.example.com"
    assert send("multipart/form-data", {"file": path}).headers["Host"] == "api.example.com"
