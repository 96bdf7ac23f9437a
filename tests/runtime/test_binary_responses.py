"""Binary responses: reading, iterating, atomic saving, and resuming after a broken connection."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, strategies as st

from driftline.runtime import AsyncBinaryResponse, BinaryResponse, Endpoint, TimedBackend
from driftline.runtime.errors import (
    ApiError,
    ArgumentError,
    IncompleteResponse,
    ResponseTooLarge,
)
from driftline.runtime.streaming.transfer import clean_filename, open_whole, parse_filename
from runtime.apis import build_api, build_async_client, build_client
from runtime.transports import Body, Recorder, Reply

SOUND = "audio/wav"
for_both_kinds = pytest.mark.parametrize("kind", ["sync", "async"])


def build_operation(*media_types: str, method: str = "GET") -> Endpoint:
    types = {"200": media_types or (SOUND,), "206": media_types or (SOUND,)}
    responses: dict[str, Any] = {"200": None, "206": None}
    return Endpoint("x.get", method, "/x", media_types=types, responses=responses)


def build_response(*pieces: bytes, status: int = 200, **headers: str) -> httpx.Response:
    all_headers = {"Content-Type": SOUND, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return httpx.Response(status, stream=Body(*pieces), headers=all_headers)


class BrokenBody(Body):
    """A body that breaks off after its pieces."""

    def __iter__(self) -> Iterator[bytes]:
        yield from super().__iter__()
        raise httpx.RemoteProtocolError("peer closed connection")


def break_off(*pieces: bytes, **headers: str) -> httpx.Response:
    response = build_response(**headers)
    response.stream = BrokenBody(*pieces)
    return response


def save(
    kind: str, endpoint: Endpoint, *replies: Reply, path: Path, **options: Any
) -> tuple[Path, Recorder]:
    """Save the body of an operation with a sync or async client."""
    recorder = Recorder(*replies)
    limits = {"max_size": options.pop("max_size")} if "max_size" in options else {}

    def run() -> Path:
        with build_client(build_api(endpoint), recorder, **options) as client:
            response: BinaryResponse = client.request("x.get")
            return response.save(path, **limits)

    async def run_async() -> Path:
        async with build_async_client(build_api(endpoint), recorder, **options) as client:
            response: AsyncBinaryResponse = await client.request("x.get")
            return await response.save(path, **limits)

    return (run() if kind == "sync" else asyncio.run(run_async())), recorder


@for_both_kinds
def test_save_writes_to_a_file_or_into_a_folder(kind: str, tmp_path: Path) -> None:
    """`save` writes to the given file, or into the
    given folder under the name the server suggests.
    """
    reply = build_response(b"ab", b"cd")
    assert save(kind, build_operation(), reply, path=tmp_path / "a.wav")[0].read_bytes() == b"abcd"
    named_response = build_response(
        b"x", Content_Disposition='attachment; filename="../../call 7.wav"'
    )
    assert (
        save(kind, build_operation(), named_response, path=tmp_path)[0] == tmp_path / "call 7.wav"
    )
    assert reply.is_closed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "call 7.wav"]


@for_both_kinds
@pytest.mark.parametrize("failure", ["break", "size", "folder"])
def test_a_failed_save_keeps_the_previous_file(kind: str, failure: str, tmp_path: Path) -> None:
    """A failed save keeps the previous file, leaves
    no temporary file and releases the connection.
    """
    target = tmp_path / ("none/a.wav" if failure == "folder" else "a.wav")
    if failure != "folder":
        target.write_bytes(b"before")
    reply = break_off(b"ab") if failure == "break" else build_response(b"ab", b"c" * 100)
    errors = {"break": IncompleteResponse, "size": ResponseTooLarge, "folder": FileNotFoundError}
    with pytest.raises(errors[failure]):
        save(kind, build_operation(), reply, path=target, max_size=50)
    remaining_files = {path.name: path.read_bytes() for path in tmp_path.rglob("*")}
    assert remaining_files == ({} if failure == "folder" else {"a.wav": b"before"})


@for_both_kinds
def test_a_symlink_is_replaced_and_not_followed(kind: str, tmp_path: Path) -> None:
    """Saving to a symlink replaces the link and leaves its target unchanged."""
    other_file, link = tmp_path / "other", tmp_path / "a.wav"
    other_file.write_bytes(b"mine")
    link.symlink_to(other_file)
    save(kind, build_operation(), build_response(b"ab"), path=link)
    assert (other_file.read_bytes(), link.read_bytes(), link.is_symlink()) == (
        b"mine",
        b"ab",
        False,
    )


@for_both_kinds
@pytest.mark.parametrize("version", [{"ETag": '"v1"'}, {"Last_Modified": "Sat, 28 Nov 2026"}])
def test_an_incomplete_body_is_resumed(kind: str, version: dict[str, str], tmp_path: Path) -> None:
    """The client requests the remaining bytes with
    `Range`, and with `If-Range` for the same version.
    """
    remainder = build_response(b"cd", status=206, Content_Range="bytes 2-3/4")
    path, recorder = save(
        kind,
        build_operation(),
        break_off(b"ab", **version),
        remainder,
        path=tmp_path / "a.wav",
        max_size=4,
    )
    assert path.read_bytes() == b"abcd"
    assert recorder.last.headers["Range"] == "bytes=2-"
    assert recorder.last.headers["If-Range"] == next(iter(version.values()))


UNSUITABLE: dict[str, tuple[str, httpx.Response, httpx.Response]] = {
    "a POST": ("POST", break_off(b"ab", ETag='"v1"'), build_response(b"cd")),
    "no version": ("GET", break_off(b"ab"), build_response(b"cd")),
    "a weak version": ("GET", break_off(b"ab", ETag='W/"v1"'), build_response(b"cd")),
    "another version": ("GET", break_off(b"ab", ETag='"v1"'), build_response(b"wxyz")),
    "another part": (
        "GET",
        break_off(b"ab", ETag='"v1"'),
        build_response(b"d", status=206, Content_Range="bytes 3-3/4"),
    ),
    "a part of another version": (
        "GET",
        break_off(b"ab", ETag='"v1"'),
        build_response(b"cd", status=206, Content_Range="bytes 2-3/4", ETag='"v2"'),
    ),
    "a part of a longer body": (
        "GET",
        break_off(b"ab", ETag='"v1"', Content_Length="4"),
        build_response(b"cd", status=206, Content_Range="bytes 2-3/9"),
    ),
    "no part at all": (
        "GET",
        break_off(b"ab", ETag='"v1"'),
        build_response(b"cd", status=206, Content_Range="bytes 2-x/4"),
    ),
}


@for_both_kinds
@pytest.mark.parametrize("case", UNSUITABLE)
def test_parts_of_two_bodies_are_never_put_together(kind: str, case: str, tmp_path: Path) -> None:
    """If the body cannot be resumed or the rest belongs
    to another version, `IncompleteResponse` is raised.
    """
    method, first, second = UNSUITABLE[case]
    replies = [httpx.Response(r.status_code, headers=r.headers, stream=r.stream)
               for r in (first, second)]  # fmt: skip
    with pytest.raises(IncompleteResponse):
        save(kind, build_operation(method=method), *replies, path=tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == []


def test_a_body_is_read_once_and_kept() -> None:
    """`read` returns the same bytes every time; after iterating, the body cannot be read again."""
    recorder = Recorder(lambda _: build_response(b"ab", b"cd", Content_Length="4"))
    with build_client(build_api(build_operation()), recorder) as client:
        response = client.request("x.get")
        assert (response.size, response.content_type, response.filename) == (
            4,
            SOUND,
            "download.wav",
        )
        assert response.read() == response.read() == b"abcd"
        assert list(response.iter_bytes()) == [b"abcd"]
        with client.request("x.get") as pieces:
            assert b"".join(pieces.iter_bytes()) == b"abcd"
            with pytest.raises(ArgumentError, match="already been read"):
                pieces.read()


def test_read_enforces_max_response_size() -> None:
    """`read` enforces `max_response_size` on the decompressed body."""
    for reply in (
        build_response(b"x" * 2000),
        build_response(gzip.compress(b"x" * 100_000), Content_Encoding="gzip"),
    ):
        with build_client(
            build_api(build_operation()), Recorder(reply), max_response_size=1000
        ) as client:
            with pytest.raises(ResponseTooLarge):
                client.request("x.get").read()
            assert reply.is_closed


class Long(Body):
    """A body of 64 MB, sent in pieces."""

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(1024):
            yield bytes(64 * 1024)


@for_both_kinds
def test_save_uses_constant_memory(kind: str, tmp_path: Path) -> None:
    """The memory that `save` uses does not grow with the size of the body."""
    reply = build_response()
    reply.stream = Long()
    tracemalloc.start()
    try:
        path, _ = save(kind, build_operation(), reply, path=tmp_path / "a.wav")
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
    assert path.stat().st_size == 64 * 1024 * 1024


def test_raw_returns_bytes_that_can_be_saved() -> None:
    """`client.raw` returns the bytes together with the response that can be saved."""
    with build_client(build_api(build_operation()), Recorder(build_response(b"ab"))) as client:
        raw = client.raw(client.request, "x.get")
        assert (raw.content, raw.value.read(), raw.value.size) == (b"ab", b"ab", 2)


def test_the_media_type_decides_between_json_and_bytes() -> None:
    """The media type of the response decides whether it is decoded as JSON or returned as bytes."""
    replies = (httpx.Response(200, json={"a": 1}), build_response(b"ab"))
    operation = build_operation("application/json", SOUND)
    with build_client(build_api(operation), Recorder(*replies)) as client:
        assert client.request("x.get") == {"a": 1}
        assert client.request("x.get").read() == b"ab"


NAMES = {
    'attachment; filename="a.wav"': "a.wav",
    "attachment; filename=a.wav": "a.wav",
    "attachment; filename=\"a.wav\"; filename*=UTF-8''%e2%82%ac.wav": "€.wav",
    'attachment; filename="/etc/passwd"': "passwd",
    'attachment; filename="..\\\\..\\\\a.exe"': "a.exe",
    'attachment; filename=".."': "download.wav",
    'attachment; filename="CON.txt"': "_CON.txt",
    'attachment; filename="CON .txt"': "_CON .txt",
    'attachment; filename="com².txt"': "_com².txt",
    'attachment; filename="conin$"': "_conin$",
    "attachment; filename*=idna'en'%ff": "download.wav",
    "attachment; filename*=undefined''x; filename=a": "a",
    "attachment; filename*=\x00''x": "download.wav",
    f"attachment; filename*{'9' * 5_000}=x": "download.wav",
    "attachment; " + "; " * 30_000: "download.wav",
    "inline": "download.wav",
    "": "download.wav",
}


@pytest.mark.parametrize("disposition", NAMES)
def test_the_suggested_file_name_loses_its_folder(disposition: str) -> None:
    """The suggested file name loses its folder; an
    unusable name is replaced by one of the media type.
    """
    assert parse_filename(disposition, "audio/wav") == NAMES[disposition]


@given(st.text(max_size=300))
def test_no_suggested_name_leaves_the_folder(string: str) -> None:
    """Any suggested name becomes a short, visible file name without path separators."""
    for name in (clean_filename(string), parse_filename(f'attachment; filename="{string}"', "a/b")):
        assert not set(name) & set('/\\\0\n\r\u202e<>:"|?*')
        assert name not in {".", ".."}
        assert not name.startswith(".")
        assert len(name.encode()) <= 150


def test_a_failure_while_writing_leaves_nothing(tmp_path: Path) -> None:
    """An exception while writing removes the temporary file."""
    with pytest.raises(ApiError), open_whole(tmp_path / "a"):
        raise ApiError
    assert list(tmp_path.iterdir()) == []


class ScriptedNetwork:
    """A connection whose reads return these numbers
    of bytes, and that records the requested sizes.
    """

    def __init__(self, *sizes: int) -> None:
        self.sizes, self.requested = list(sizes), list[int]()

    def connect_tcp(self, *arguments: Any) -> ScriptedNetwork:
        return self

    def read(self, size: int, timeout: float | None) -> bytes:
        self.requested.append(size)
        return bytes(self.sizes.pop(0))


def test_large_bodies_are_read_in_larger_pieces() -> None:
    """After a read that fills its buffer, the next reads use a larger one until a read is short."""
    network = ScriptedNetwork(64, 256 * 1024, 100, 64, 64)
    connection = TimedBackend(network, lambda: None).connect_tcp("host", 80)
    for _ in range(5):
        connection.read(64)
    assert network.requested == [64, 256 * 1024, 256 * 1024, 64, 256 * 1024]
