"""Streams of the mock, read by the generated client: items, pace, faults and resuming."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from generate.minimal import import_generated

from driftline.mock import HttpRequest, Mock, MockTransport, Site
from driftline.mock.http.messages import split_body
from driftline.openapi.schema.validation import list_violations
from driftline.openapi.streams import describe_stream, find_stream
from driftline.runtime import StreamEvent
from driftline.runtime.errors import DecodingError, IncompleteResponse
from media.document import LINES, SSE, build_spec

SPEC = build_spec()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Import the generated package of the document."""
    with import_generated(SPEC, tmp_path_factory.mktemp("client")) as (package, _):
        yield package


class ServedStreams:
    """A mock of the document with a client, and the pauses of its streams."""

    def __init__(self, package: Any) -> None:
        self.site = Site({SPEC.name: Mock(SPEC)})
        self.pauses: list[float] = []
        self.requests: list[HttpRequest] = []
        transport = MockTransport(self.handle, sleep=self.pauses.append)
        self.client = getattr(package, SPEC.client_class)(transport=transport)

    def handle(self, request: HttpRequest) -> Any:
        self.requests.append(request)
        return self.site[SPEC.name](request)


@pytest.fixture
def service(package: Any) -> ServedStreams:
    return ServedStreams(package)


def get(path: str, **headers: str) -> Any:
    header_pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Site({SPEC.name: Mock(SPEC)})[SPEC.name](HttpRequest("GET", path, "", header_pairs))


def keep(stream: Iterator[Any], items: list[Any]) -> Iterator[Any]:
    """Read a stream into `items`, so that the items before an error are kept."""
    for item in stream:
        items.append(item)
    yield from ()


def test_each_named_event_matches_its_schema(service: ServedStreams) -> None:
    """Each named event has an ID and data that the client decodes without drift."""
    events: list[Any] = []
    copy = service.client.with_options(on_drift=events.append)
    events_read = list(copy.words.watch())
    assert [(event.event, event.id) for event in events_read] == [("word", "1"), ("done", "2")]
    assert events == []


@pytest.mark.parametrize("operation", ["data.watch", "text.watch", "lines.export"])
def test_the_items_of_a_stream_match_their_schema(operation: str) -> None:
    """A stream has three items that match their schema, in every convention."""
    described_operation = SPEC.find_operation(operation)
    assert described_operation is not None
    media = find_stream(described_operation.success)
    assert media is not None
    item = describe_stream(SPEC, media).data
    response = get(described_operation.path)
    assert response.get_header("Content-Length") is None
    assert response.get_header("Content-Type") == media.name
    pieces = [line for line in response.body.decode().splitlines() if line]
    data = [line.removeprefix("data: ") for line in pieces if not line.startswith("id: ")]
    assert len(data) == len(response.item_ends) == 3
    for item_text in data:
        value = item_text if item.is_text else json.loads(item_text)
        assert list_violations(SPEC, item.pointer, value, "response") == []


def test_events_without_a_schema_are_empty_objects_with_ids(service: ServedStreams) -> None:
    """Events without a schema are empty objects with consecutive IDs."""
    assert list(service.client.anything.watch()) == [
        StreamEvent(dict[str, Any](), id=str(number)) for number in (1, 2, 3)
    ]


def test_accept_or_the_flag_requests_a_stream(service: ServedStreams) -> None:
    """`Accept` or the flag requests a stream; otherwise the mock responds with JSON."""
    word = service.client.chat.create(text="a").to_dict()
    assert isinstance(word["word"], str)
    assert len(list(service.client.chat.create_stream(text="a"))) == 3
    handle = service.site[SPEC.name]
    kinds = {"Content-Type": "application/json"}
    for body, accept, expected in (
        ({"text": "a", "stream": True}, "*/*", SSE),
        ({"text": "a", "stream": False}, "*/*", "application/json"),
        ({"text": "a"}, SSE, SSE),
    ):
        headers = tuple({**kinds, "Accept": accept}.items())
        request = HttpRequest("POST", "/chat", "", headers, json.dumps(body).encode())
        assert handle(request).get_header("Content-Type") == expected


def test_a_pace_is_a_pause_between_items(service: ServedStreams) -> None:
    """`pace` pauses between items, not within, before or after them."""
    service.site.faults.set("pace=1.5s")
    assert len(list(service.client.lines.export())) == 3
    assert service.pauses == [1.5, 1.5]
    response = service.handle(HttpRequest("GET", "/lines"))
    assert all(json.loads(piece) for piece in split_body(response))


@pytest.mark.parametrize("path", ["data", "lines"])
def test_faults_in_the_middle_of_a_stream(service: ServedStreams, path: str) -> None:
    """Items before a fault arrive; the fault raises a typed error or is reported as drift."""
    events: list[Any] = []
    client = service.client.with_options(on_drift=events.append)
    open_stream = client.data.watch if path == "data" else client.lines.export
    for fault, error, count in (
        ("item=garbage", DecodingError, 1),
        ("item=cut", IncompleteResponse, 1),
        ("reset=body", IncompleteResponse, 1),
    ):
        service.site.faults.set(f"{SPEC.name}/{path}.*: {fault} next=1")
        items: list[Any] = []
        stream = open_stream(retries=0)
        with pytest.raises(error):
            items.extend(keep(stream, items))
        assert len(items) == count, fault
    service.site.faults.set("item=wrong")
    assert len(list(open_stream())) == 3
    assert {event.kind for event in events} == {"field.missing", "field.undocumented"}


def test_a_fault_of_items_leaves_other_responses_alone(service: ServedStreams) -> None:
    """Item faults do not affect responses that are not streams."""
    service.site.faults.set("item=garbage pace=1s")
    assert service.client.chat.create(text="a")
    assert service.pauses == []


def test_a_lost_stream_is_resumed_after_its_last_event(service: ServedStreams) -> None:
    """The client resumes with `Last-Event-ID`, and the mock sends the following events."""
    service.site.faults.set(f"{SPEC.name}/data.watch: reset=body next=1")
    with service.client.data.watch() as stream:
        assert [event.id for event in stream] == ["1", "2", "3"]
    assert [request.get_header("Last-Event-ID") for request in service.requests] == [None, "1"]


def test_an_example_is_sent_as_a_stream() -> None:
    """An example is sent as a stream, given as text or as a list of items."""
    document = dict(SPEC.document)
    for media_type, example, expected in (
        (SSE, "event: a\ndata: 1\n\ndata: 2\n\n", b"event: a\ndata: 1\n\ndata: 2\n\n"),
        (LINES, [{"word": "a"}, {"word": "b"}], b'{"word": "a"}\n{"word": "b"}\n'),
    ):
        content = {"200": {"description": "ok", "content": {media_type: {"example": example}}}}
        document["paths"] = {"/x": {"get": {"operationId": "x.get", "responses": content}}}
        spec = build_spec(paths=document["paths"])
        response = Site({spec.name: Mock(spec)})[spec.name](HttpRequest("GET", "/x"))
        assert (response.body, len(response.item_ends)) == (expected, 2)


def test_a_stream_is_not_compressed_and_has_no_etag() -> None:
    """A stream has no ETag and is not compressed, so that items arrive as they are sent."""
    response = get("/data", Accept_Encoding="gzip")
    assert response.get_header("ETag") is None
    assert response.get_header("Content-Encoding") is None


def test_a_client_that_leaves_a_stream_releases_its_connection(service: ServedStreams) -> None:
    """A client that leaves a paced stream releases its connection."""
    service.site.faults.set("pace=3600s")
    with service.client.data.watch() as stream:
        assert next(stream).id == "1"
    assert service.pauses == []
    with httpx.Client(transport=MockTransport(service.handle)) as http:
        assert http.get("http://mock/chat").status_code == 405
