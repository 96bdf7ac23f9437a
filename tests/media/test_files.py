"""Files between the generated client and the mock: uploads, downloads and errors."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from generate.minimal import import_generated

from driftline.file_formats import has_signature
from driftline.mock import HttpRequest, HttpResponse, Mock, MockTransport, Site
from driftline.mock.fake import sample_file
from driftline.runtime import Content
from driftline.runtime.errors import ClientError, IncompleteResponse
from media.document import build_spec

SPEC = build_spec()
WAV = sample_file("audio/wav")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Import the generated package of the document."""
    with import_generated(SPEC, tmp_path_factory.mktemp("client")) as (package, _):
        yield package


class ServedFiles:
    """A mock of the document with a sync and an async client."""

    def __init__(self, package: Any) -> None:
        self.mock = Mock(SPEC)
        self.site = Site({SPEC.name: self.mock})
        self.requests: list[HttpRequest] = []
        transport = MockTransport(self.handle, sleep=lambda _: None)
        self.client = getattr(package, SPEC.client_class)(transport=transport)
        self.asynchronous = getattr(package, "Async" + SPEC.client_class)(transport=transport)

    def handle(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        return self.site[SPEC.name](request)


@pytest.fixture
def service(package: Any) -> ServedFiles:
    return ServedFiles(package)


def generate_pieces() -> Iterator[bytes]:
    yield WAV[:100]
    yield WAV[100:]


async def generate_pieces_async() -> AsyncIterator[bytes]:
    for piece in generate_pieces():
        yield piece


@pytest.mark.parametrize("media_type", ["audio/ogg", "image/jpeg", "image/webp", "video/webm"])
def test_a_file_of_the_mock_has_the_signature_of_its_media_type(media_type: str) -> None:
    """Also where the mock can make no whole file."""
    assert has_signature(media_type, sample_file(media_type))


def test_an_uploaded_file_is_downloaded_unchanged(service: ServedFiles, tmp_path: Path) -> None:
    """An uploaded file is downloaded unchanged, from
    a form or a body and from any kind of source.
    """
    path = tmp_path / "a.wav"
    path.write_bytes(WAV + b"mine")
    sound = service.client.sound.create(title="a", file=path, tags=["x"], about={"word": "w"})
    assert service.client.sound.get(sound.id).read() == WAV + b"mine"
    sources = [WAV, path, io.BytesIO(WAV), generate_pieces(), [WAV[:9], WAV[9:]]]
    for number, source in enumerate(sources):
        service.client.sound.replace(f"s{number}", body=source)
        expected = path.read_bytes() if source is path else WAV
        assert service.client.sound.get(f"s{number}").read() == expected, source

    async def upload() -> bytes:
        await service.asynchronous.sound.replace("s", body=generate_pieces_async())
        content: bytes = await (await service.asynchronous.sound.get("s")).read()
        return content

    assert asyncio.run(upload()) == WAV


def test_a_reset_restores_the_sample_file(service: ServedFiles) -> None:
    """After a reset the mock sends its sample file again."""
    service.client.sound.replace("s1", body=b"RIFF mine WAVE")
    assert service.client.sound.get("s1").read() == b"RIFF mine WAVE"
    assert service.client.sound.get("s2").read() == WAV
    service.mock.reset()
    assert service.client.sound.get("s1").read() == WAV


def test_an_upload_of_another_media_type_is_not_downloaded(service: ServedFiles) -> None:
    """An upload of another media type is not returned by the download."""
    service.client.sound.replace("s1", body=Content(b"OggS", "audio/ogg"))
    assert service.client.sound.get("s1").read() == WAV


WRONG_FORMS: dict[str, dict[str, Any]] = {
    "a part is missing": {"title": "a"},
    "a part is wrong": {"title": "", "file": WAV},
    "a part is extra": {"title": "a", "file": WAV, "more": "x"},
    "there are too many parts": {"title": "a", "file": WAV, "others": [WAV, WAV, WAV]},
    "a part of one value comes twice": {"title": ["a", "b"], "file": WAV},
    "a typed part with a value of another type": {"title": "a", "file": WAV, "about": {"at": 1}},
}


@pytest.mark.parametrize("case", WRONG_FORMS)
def test_an_invalid_form_is_rejected(service: ServedFiles, case: str) -> None:
    """An invalid form is rejected with 400."""
    with pytest.raises(ClientError) as caught:
        service.client.request("sound.create", body=WRONG_FORMS[case])
    assert caught.value.status == 400


def test_each_of_several_media_types_can_be_chosen(service: ServedFiles) -> None:
    """`Accept` selects the media type of a response, and `Content` that of a request."""
    assert service.client.report.get().word
    assert service.client.report.get(extra_headers={"Accept": "text/csv"}) == "id,name\n1,a\n"
    service.client.report.send(word="a")
    service.client.report.send(body=Content("id,name\n", "text/csv"))
    kinds = [request.get_header("Content-Type") for request in service.requests[-2:]]
    assert kinds == ["application/json", "text/csv"]
    assert service.client.page.get().startswith("<?xml")
    assert service.client.lines.send(body=[{"word": "a"}, {"word": "b"}]) is None


def test_json_lines_are_sent_from_any_source(service: ServedFiles) -> None:
    """JSON lines are sent from sync and async sources, and an invalid line is rejected."""

    async def generate_words() -> AsyncIterator[dict[str, str]]:
        for string in ("a", "b"):
            yield {"word": string}

    asyncio.run(service.asynchronous.lines.send(body=generate_words()))
    assert service.requests[-1].body == b'{"word": "a"}\n{"word": "b"}\n'
    service.client.lines.send(body=({"word": string} for string in "ab"))
    with pytest.raises(ClientError):
        service.client.lines.send(body=[{"word": "a"}, {"word": 5}])


def test_a_broken_download_is_resumed_from_the_mock(service: ServedFiles, tmp_path: Path) -> None:
    """A broken download is resumed by `Range`; without retries it raises and leaves no file."""
    service.client.sound.replace("s1", body=WAV)
    service.site.faults.set(f"{SPEC.name}/sound.get: reset=body next=1")
    saved_path = service.client.sound.get("s1").save(tmp_path / "a.wav")
    assert saved_path.read_bytes() == WAV
    last = service.requests[-1]
    assert last.get_header("Range") == f"bytes={len(WAV) // 2}-"
    service.site.faults.set(f"{SPEC.name}/sound.get: reset=body next=1")
    with pytest.raises(IncompleteResponse):
        service.client.sound.get("s1", retries=0).save(tmp_path / "b.wav")
    assert not (tmp_path / "b.wav").exists()


def ask(path: str, **headers: str) -> HttpResponse:
    header_pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    site = Site({SPEC.name: Mock(SPEC)})
    return site[SPEC.name](HttpRequest("GET", path, "", header_pairs))


@pytest.mark.parametrize(
    ("requested_range", "status", "content"),
    [
        ("bytes=0-3", 206, b"RIFF"),
        ("bytes=8-11", 206, b"WAVE"),
        (f"bytes={len(WAV) - 2}-", 206, WAV[-2:]),
        ("bytes=-2", 206, WAV[-2:]),
        (f"bytes={len(WAV)}-", 416, b""),
        ("bytes=x", 200, WAV),
        ("items=1-2", 200, WAV),
    ],
)
def test_the_mock_serves_ranges(requested_range: str, status: int, content: bytes) -> None:
    """The mock serves ranges as RFC 9110 defines, and ignores invalid ones."""
    response = ask("/sound/s1", Range=requested_range)
    assert (response.status, response.body) == (status, content)


def test_if_range_of_another_version_gets_the_whole_file() -> None:
    """With `If-Range` of another version the mock sends the whole file."""
    tag = ask("/sound/s1").get_header("ETag") or ""
    assert tag.startswith('"')
    assert ask("/sound/s1", Range="bytes=0-3", If_Range=tag).body == b"RIFF"
    assert ask("/sound/s1", Range="bytes=0-3", If_Range='"other"').body == WAV
