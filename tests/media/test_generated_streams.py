"""Streams of generated clients: item types from OpenAPI 3.2 or older conventions."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from generate.minimal import import_generated

from driftline.openapi.streams import ItemSchema, describe_stream, find_stream
from driftline.runtime import StreamEvent
from media.document import SSE, build_spec


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Import the generated package; return it with its spec and directory."""
    folder, spec = tmp_path_factory.mktemp("streams"), build_spec()
    with import_generated(spec, folder) as (package, _):
        yield package, spec, folder


def build_transport(body: str, media_type: str = SSE) -> httpx.MockTransport:
    headers = {"Content-Type": media_type}
    return httpx.MockTransport(lambda _: httpx.Response(200, text=body, headers=headers))


def open_client(client: Any, transport: httpx.MockTransport, prefix: str = "") -> Any:
    package, spec, _ = client
    return getattr(package, prefix + spec.client_class)(transport=transport)


@pytest.mark.parametrize(
    ("operation", "data", "events"),
    [
        ("words.watch", "", ["done", "word"]),
        ("data.watch", "Word", []),
        ("lines.export", "Word", []),
        ("text.watch", None, []),
        ("anything.watch", "", []),
        ("chat.create", "Word", []),
    ],
)
def test_the_schema_of_items_is_found(operation: str, data: str | None, events: list[str]) -> None:
    """The item schema is found in `itemSchema`, array items, event fields, or the schema itself."""
    spec = build_spec()
    described_operation = spec.find_operation(operation)
    media = find_stream(described_operation.success if described_operation else None)
    assert media is not None
    stream = describe_stream(spec, media)
    assert sorted(stream.events) == events
    assert stream.data.is_text is (data is None)
    if data is not None:
        schema_pointer, _ = spec.resolve(stream.data.pointer) if stream.data.pointer else ("", None)
        assert schema_pointer.rpartition("/")[2] == data
    for name, model in (("word", "Word"), ("done", "Done")) if events else ():
        assert spec.resolve(stream.choose(name).pointer)[0].endswith(model)
    assert stream.choose("other") == stream.data
    assert ItemSchema() == ItemSchema("", is_text=False)


def test_events_have_the_models_of_their_names(client: Any) -> None:
    """Each event is decoded as the model of its name."""
    body = 'event: word\ndata: {"word": "a"}\n\nevent: done\ndata: {"words": 1}\n\n'
    models = client[0].models
    with open_client(client, build_transport(body)) as api, api.words.watch() as stream:
        assert [event.data for event in stream] == [models.Word(word="a"), models.Done(words=1)]


def test_the_async_client_yields_lines_as_models(client: Any) -> None:
    """The async client yields lines as models."""

    async def read_lines() -> list[Any]:
        transport = build_transport('{"word": "a"}\n{"word": "b"}\n', "application/jsonl")
        async with open_client(client, transport, "Async") as api:
            return [line async for line in await api.lines.export()]

    assert [line.word for line in asyncio.run(read_lines())] == ["a", "b"]


def test_an_operation_with_json_and_a_stream_has_two_methods(client: Any) -> None:
    """One method returns JSON, and the other requests a stream by the flag and `Accept`."""
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if json.loads(request.content).get("stream"):
            body = 'data: {"word": "a"}\n\ndata: [DONE]\n\n'
            return httpx.Response(200, text=body, headers={"Content-Type": SSE})
        return httpx.Response(200, json={"word": "a"})

    word = client[0].models.Word(word="a")
    with open_client(client, httpx.MockTransport(respond)) as api:
        assert api.chat.create(text="a") == word
        assert list(api.chat.create_stream(text="a")) == [StreamEvent(word)]
    assert [request.headers["Accept"] for request in requests] == ["application/json", SSE]
    assert json.loads(requests[1].content) == {"text": "a", "stream": True}


def test_the_types_of_events_pass_a_type_checker(client: Any, tmp_path: Path) -> None:
    """mypy in strict mode infers the data of each event for both clients."""
    package, spec, folder = client
    name, api = package.__name__, spec.client_class
    source = f"""
        from typing import Any, assert_type
        from driftline.runtime import AsyncStream, Stream, StreamEvent
        from {name} import {api}, Async{api}, models

        def check(client: {api}) -> None:
            assert_type(client.words.watch(), Stream[StreamEvent[models.Word | models.Done]])
            assert_type(client.lines.export(), Stream[models.Word])
            client.lines.send(body=[{{"word": "a"}}])
            client.lines.send(body=(models.Word(word=word) for word in "ab"))
            assert_type(client.text.watch(), Stream[StreamEvent[str]])
            assert_type(client.anything.watch(), Stream[StreamEvent[Any]])
            assert_type(client.chat.create(text=""), models.Word)
            for event in client.chat.create_stream(text=""):
                assert_type(event.data.word, str)

        async def check_async(client: Async{api}) -> None:
            assert_type(await client.lines.export(), AsyncStream[models.Word])
            async with await client.data.watch() as events:
                async for event in events:
                    assert_type(event.data, models.Word)
    """
    (tmp_path / "use.py").write_text(textwrap.dedent(source))
    command = [sys.executable, "-m", "mypy", "--strict"]
    process = subprocess.run(
        [*command, str(tmp_path / "use.py"), str(folder / name)],
        capture_output=True, text=True, check=False, env={**os.environ, "MYPYPATH": str(folder)},
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
