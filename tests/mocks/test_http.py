"""HTTP features beyond the spec: forms, negotiation, preferences, conditional requests, sizes."""

from __future__ import annotations

import gzip
import json
import zlib
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import attrs
import httpx
import pytest
from examples import count_examples
from generate.minimal import make_spec
from hypothesis import given, settings, strategies as st

from driftline.mock import HttpRequest, HttpResponse, Mock, MockTransport, Site
from driftline.mock.http.messages import MAX_BODY, build_json_response
from driftline.openapi import Spec, load
from driftline.openapi.schema.validation import list_violations
from mocks.calling import call

MEDIA = load(Path(__file__).parent / "specs" / "media.yaml")
WAV = ("a.wav", b"RIFF\x00\xff", "audio/wav")


@pytest.fixture
def site() -> Site:
    return Site({"media": Mock(MEDIA)})


@pytest.fixture
def client(site: Site) -> httpx.Client:
    return httpx.Client(transport=MockTransport(site["media"]), base_url="http://mock")


def ask(path: str = "/reports/x", method: str = "GET", **headers: str) -> HttpResponse:
    header_pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Site({"media": Mock(MEDIA)})["media"](HttpRequest(method, path, "", header_pairs))


# Forms and files

FORMS: list[tuple[dict[str, Any], list[tuple[str, Any]], int, str]] = [
    ({"title": "a"}, [("content", WAV)], 201, ""),
    ({"title": "a", "seconds": "3", "loud": "true"}, [("content", WAV)], 201, ""),
    ({"title": "a", "tags": ["x", "y"], "numbers": "1"}, [("content", WAV)], 201, ""),
    ({"title": "a", "about": '{"by": "me"}'}, [("content", WAV)], 201, ""),
    ({"title": "ä, 日本"}, [("content", ("日本.png", b"", "image/png"))], 201, ""),
    ({}, [("content", WAV)], 400, "title"),
    ({"title": ""}, [("content", WAV)], 400, "/title"),
    ({"title": "a", "seconds": "0"}, [("content", WAV)], 400, "/seconds"),
    ({"title": "a", "seconds": "x"}, [("content", WAV)], 400, "/seconds"),
    ({"title": ["a", "b"]}, [("content", WAV)], 400, "/title"),
    ({"title": "a", "numbers": "x"}, [("content", WAV)], 400, "/numbers/0"),
    ({"title": "a", "about": "{}"}, [("content", WAV)], 400, "/about"),
    ({"title": "a", "about": "{"}, [("content", WAV)], 400, "/about"),
    ({"title": "a", "other": "b"}, [("content", WAV)], 400, "other"),
    ({"title": "a"}, [("content", ("a", b"x" * 1001, "audio/wav"))], 400, "/content"),
    (
        {"title": "a"},
        [("content", ("a", b"x", "text/html"))],
        400,
        "expected audio/*",
    ),
    ({"title": "a"}, [("other", WAV)], 400, "content"),
]


@pytest.mark.parametrize(("data", "files", "status", "expected_message"), FORMS)
def test_multipart_fields_are_validated_by_type(
    client: httpx.Client, data: Any, files: Any, status: int, expected_message: str
) -> None:
    """Multipart fields are validated by type, files
    by size and media type; errors name the field.
    """
    response = client.post("/files", data=data, files=files)
    assert (response.status_code, response.status_code == 201) == (status, not response.content)
    assert expected_message in response.text


@pytest.mark.parametrize(("name", "status"), [("title", 201), ("other", 400)])
def test_named_parts_of_multipart_mixed_are_validated(name: str, status: int) -> None:
    """`multipart/mixed` is validated as a form if its parts have names, and accepted otherwise."""
    document = deepcopy(dict(MEDIA.document))
    content = document["paths"]["/files"]["post"]["requestBody"]["content"]
    content["multipart/mixed"] = content.pop("application/x-www-form-urlencoded")
    mock = Mock(make_spec(document))
    headers = (("Content-Type", "multipart/mixed; boundary=b"),)
    for disposition, expected in (("form-data", status), ("attachment", 201)):
        part = f'--b\r\nContent-Disposition: {disposition}; name="{name}"\r\n\r\na\r\n--b--\r\n'
        request = HttpRequest("POST", "/files", "", headers, part.encode())
        assert mock.handle(request).status == expected


URLENCODED_FORMS: list[tuple[str, int]] = [
    ("title=a", 201),
    ("title=a&seconds=3&tags=x,y&about[by]=me", 201),
    ("title=a+b%20c", 201),
    ("title=a&about[of]=me", 400),
    ("title=a&title=b", 400),
    ("title=a&seconds=3.5", 400),
    ("seconds=3", 400),
    ("title=a&about=x&about[by]=me", 400),
    ("%ff=1", 400),
]


@pytest.mark.parametrize(("body", "status"), URLENCODED_FORMS)
def test_forms_support_lists_and_objects_in_their_style(
    client: httpx.Client, body: str, status: int
) -> None:
    """URL-encoded forms support lists and objects in the style of their encoding."""
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert client.post("/files", content=body, headers=headers).status_code == status


OTHER_BODIES: list[tuple[str, bytes, int]] = [
    ("application/xml", b"<a/>", 201),
    ("application/octet-stream", b"\x00\xff", 201),
    ("application/octet-stream", b"", 201),
    ("text/plain", b"", 201),
    ("application/x-www-form-urlencoded", b"", 400),
    ("text/plain", b"12345", 201),
    ("text/markdown; charset=utf-8", b"12345", 201),
    ("text/plain", b"123456", 400),
    ("application/json", b"{}", 415),
    ("multipart/form-data", b"x", 400),
    ("multipart/form-data; boundary=x", b"--x\r\n", 400),
    ("multipart/form-data; boundary=", b"--x--", 400),
    ("multipart/form-data; boundary=x", b"--x--\r\n", 400),
    ("multipart/mixed; boundary=x", b"--x--\r\n", 415),
]


@pytest.mark.parametrize(("media_type", "body", "status"), OTHER_BODIES)
def test_bodies_match_media_type_patterns(
    client: httpx.Client, media_type: str, body: bytes, status: int
) -> None:
    """Bodies match media type patterns; an unsupported
    type is a 415 that lists the supported ones.
    """
    response = client.post("/files", content=body, headers={"Content-Type": media_type})
    assert response.status_code == status
    assert ("application/xml" in response.headers.get("Accept", "")) == (status == 415)


PARTS = st.lists(
    st.sampled_from(
        [
            b"--x\r\n",
            b"--x--\r\n",
            b"\r\n",
            b'Content-Disposition: form-data; name="title"\r\n\r\n',
            b'Content-Disposition: form-data; name="content"; filename="a"\r\n',
            b"Content-Type: audio/wav\r\n\r\n",
            b"Content-Type: text/plain; charset=utf-16\r\n\r\n",
            b"Content-Transfer-Encoding: base64\r\n",
            b"abc",
        ]
    )
    | st.binary(max_size=8)
)


@given(
    PARTS.map(b"".join),
    st.sampled_from(["x", '"x"', "", "\xff", "a" * 300, "x; charset=nope"]),
    st.sampled_from(["", "gzip", "deflate", "gzip, gzip", "br"]),
)
@settings(max_examples=count_examples(300), deadline=None)
def test_any_multipart_body_gets_a_response(body: bytes, boundary: str, coding: str) -> None:
    """Any multipart body gets a response, and raises no exception."""
    headers = [("Content-Type", f"multipart/form-data; boundary={boundary}")]
    headers += [("Content-Encoding", coding)] if coding else []
    mock = MOCKS.setdefault("media", Mock(MEDIA))
    assert mock.handle(HttpRequest("POST", "/files", "", tuple(headers), body)).status in {
        201,
        400,
        413,
        415,
    }


MOCKS: dict[str, Mock] = {}


# Sizes and codings

COMPRESSORS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}


@pytest.mark.parametrize("coding", [*COMPRESSORS, "GZIP", "identity"])
def test_compressed_bodies_are_read(client: httpx.Client, coding: str) -> None:
    """Request bodies are decompressed from every supported encoding."""
    headers = {"Content-Encoding": coding, "Content-Type": "text/plain"}
    for content, status in ((b"12345", 201), (b"123456", 400)):
        compressed_content = COMPRESSORS.get(coding.lower(), bytes)(content)
        assert (
            client.post("/files", content=compressed_content, headers=headers).status_code == status
        )


def test_a_body_that_cannot_be_decompressed_is_rejected(client: httpx.Client) -> None:
    """An unsupported encoding is a 415 that lists the supported ones; invalid data is a 400."""
    headers = {"Content-Encoding": "br", "Content-Type": "text/plain"}
    response = client.post("/files", content=b"x", headers=headers)
    assert (response.status_code, response.headers["Accept-Encoding"]) == (415, "gzip, deflate")
    headers["Content-Encoding"] = "gzip"
    for body in (b"x", gzip.compress(b"1234")[:-9]):
        response = client.post("/files", content=body, headers=headers)
        assert response.status_code == 400
        assert "gzip" in response.json()["detail"]


def test_a_body_that_is_too_long_is_a_413(client: httpx.Client) -> None:
    """A body that is too long is a 413, whether sent, announced or decompressed."""
    headers = {"Content-Type": "text/plain"}
    for content, more_headers in (
        (bytes(MAX_BODY + 1), {}),
        (b"", {"Content-Length": str(MAX_BODY + 1)}),
        (gzip.compress(bytes(MAX_BODY + 1)), {"Content-Encoding": "gzip"}),
    ):
        response = client.post("/files", content=content, headers=headers | more_headers)
        assert response.status_code == 413
        assert str(MAX_BODY) in response.json()["detail"]


# Which answer

ACCEPTED_TYPES = [
    ("*/*", "application/json"),
    ("application/json", "application/json"),
    ("application/*;q=0.2, text/csv", "text/csv"),
    ("text/*", "text/csv"),
    ("audio/wav, */*;q=0.1", "audio/wav"),
    ("TEXT/CSV", "text/csv"),
    ("", "application/json"),
    ("application/json;q=0, */*", "text/csv"),
    ("image/png", None),
    ("text/html, application/xml;q=0.9", None),
    ("*/*;q=0", None),
]


@pytest.mark.parametrize(("accept", "media_type"), ACCEPTED_TYPES)
def test_accept_selects_the_media_type(accept: str, media_type: str | None) -> None:
    """`Accept` selects the media type, JSON by default; 406 lists the available types."""
    response = ask(Accept=accept)
    if media_type is None:
        assert response.status == 406
        assert "application/json, text/csv, audio/wav" in response.parse_json()["detail"]
        # Of a problem of RFC 9457 only what the document knows, and what it takes.
        assert response.parse_json().keys() - {"own"} == {"detail", "status"}
        assert response.parse_json()["status"] == 7
    else:
        assert (response.status, response.get_header("Content-Type")) == (200, media_type)
        assert response.get_header("Content-Length") == str(len(response.body))
        assert response.body


PREFERRED_RESPONSES = [
    ("example=many", {"rows": 2000}),
    ('example="few"', {"rows": 2}),
    ("code=404", {"error": "gone"}),
    ("code=404, example=gone", {"error": "gone"}),
    ("code=200;foo=bar, wait=10", {"rows": 2}),
    ("Code=200, respond-async", {"rows": 2}),
]


@pytest.mark.parametrize(("prefer", "body"), PREFERRED_RESPONSES)
def test_prefer_selects_a_response(prefer: str, body: Any) -> None:
    """`Prefer` selects a response by status or example name, and the response confirms it."""
    response = ask(Prefer=prefer)
    assert response.parse_json() == body
    assert response.status == (404 if "404" in prefer else 200)
    assert response.get_header("Preference-Applied")
    assert "Prefer" in (response.get_header("Vary") or "")
    assert response.get_header("X-Cost") == (None if response.status == 404 else "3")


def test_prefer_429_adds_retry_after() -> None:
    """`Prefer: code=429` adds `Retry-After`, and an
    undocumented status uses the `default` response.
    """
    slow = ask(Prefer="code=429")
    assert (slow.status, slow.body, slow.get_header("Retry-After")) == (429, b"", "1")
    unavailable_response = ask(Prefer="code=503")
    assert (unavailable_response.status, unavailable_response.get_header("Content-Type")) == (
        503,
        "application/problem+json",
    )


def test_prefer_selects_examples_of_the_accepted_type() -> None:
    """`Prefer: example` selects among the examples of the accepted media type."""
    assert ask(Prefer="example=short", Accept="text/csv").body == b"a,b\n1,2\n"
    assert (
        "the examples of this response are short"
        in (ask(Prefer="example=few", Accept="text/csv").parse_json()["detail"])
    )


def test_dynamic_responses_are_valid_and_vary_by_seed(site: Site) -> None:
    """`dynamic=true` varies the response deterministically per seed; `seed` selects one of them."""

    def list_row_counts(prefer: str, times: int, seed: int = 0) -> list[Any]:
        mock = Mock(MEDIA, seed=seed)
        request = HttpRequest("GET", "/reports/x", "", (("Prefer", prefer),))
        responses = [mock.handle(request).parse_json() for _ in range(times)]
        media = MEDIA.operations[1].responses[0].json
        assert media is not None
        assert all(
            list_violations(MEDIA, media.schema_pointer, response) == [] for response in responses
        )
        return [response["rows"] for response in responses]

    row_counts = list_row_counts("dynamic=true", 20)
    assert len(set(row_counts)) > 10
    assert list_row_counts("dynamic=true", 20) == row_counts
    assert list_row_counts("dynamic=true", 20, seed=1) != row_counts
    assert len(set(list_row_counts("seed=7", 5))) == 1
    assert list_row_counts("seed=7", 1) != list_row_counts("seed=8", 1)
    assert list_row_counts("dynamic=false", 2) == [2, 2]


@pytest.mark.parametrize(
    ("prefer", "expected_detail"),
    [
        ("example=none", "the examples of this response are few, many"),
        ("code=99", "the documented statuses are 200, 404, 406, 429, default"),
        ("code=x", "code=x: expected a number"),
        ("seed=-1", "seed=-1: expected a number"),
        ("dynamic=maybe", "true or false"),
    ],
)
def test_a_preference_that_cannot_be_applied_is_a_400(prefer: str, expected_detail: str) -> None:
    """A preference that cannot be applied is a 400 with the valid choices."""
    response = ask(Prefer=prefer)
    assert response.status == 400
    assert expected_detail in response.parse_json()["detail"]


def test_prefer_creates_no_row_and_needs_a_valid_request(roark: Spec) -> None:
    """With `Prefer`, no row is created, and invalid requests and credentials are still rejected."""
    mock = Mock(roark, rows=2)
    site = Site({"roark": mock})
    key = ("Authorization", f"Bearer {mock.credentials['bearerToken']}")
    kind, prefer = ("Content-Type", "application/json"), ("Prefer", "code=200")
    new = {"recordingUrl": "https://example.com/a.wav", "startedAt": "2026-01-02T03:04:05Z"}
    new |= {"interfaceType": "PHONE", "callDirection": "OUTBOUND"}

    def post_call(body: Any, *headers: tuple[str, str]) -> int:
        content = json.dumps(body).encode()
        return site["roark"](
            HttpRequest("POST", "/v1/call", "", (kind, prefer, *headers), content)
        ).status

    assert (post_call(new, key), post_call({}, key), post_call(new)) == (200, 400, 401)
    assert call(mock, "GET", "/v1/call").parse_json()["pagination"]["total"] == 2


def test_a_lone_surrogate_is_escaped_in_json() -> None:
    """A lone surrogate is escaped in JSON, as UTF-8 cannot encode it."""
    for string in ("\ud800", "a\udfffb"):
        response = build_json_response(200, {"said": string})
        assert response.parse_json() == {"said": string}
        assert response.get_header("Content-Length") == str(len(response.body))


# Conditions, compression, methods


def test_a_matching_etag_gets_a_304(roark: Spec) -> None:
    """A matching ETag, weak or strong, gets a 304
    without a body; any other gets the full response.
    """
    mock = Mock(roark, rows=3)
    site = Site({"roark": mock})
    credential_headers = {"Authorization": f"Bearer {mock.credentials['bearerToken']}"}

    def get(**headers: str) -> HttpResponse:
        header_pairs = tuple({**credential_headers, **headers}.items())
        return site["roark"](HttpRequest("GET", "/v1/call", "", header_pairs))

    first = get()
    tag = first.get_header("ETag")
    assert tag is not None
    for entity_tag in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        second_response = get(**{"If-None-Match": entity_tag})
        assert (second_response.status, second_response.body) == (304, b"")
        assert (
            second_response.get_header("ETag"),
            second_response.get_header("Content-Length"),
        ) == (tag, None)
    assert get(**{"If-None-Match": '"other"'}).body == first.body
    compressed_response = get(**{"Accept-Encoding": "gzip", "If-None-Match": '"other"'})
    assert compressed_response.get_header("ETag") == tag


PACKING = [
    ("gzip", True),
    ("br, gzip;q=0.5", True),
    ("*", True),
    ("gzip;q=0", False),
    ("identity", False),
    ("", False),
    ("br", False),
]


@pytest.mark.parametrize(("accept", "is_packed"), PACKING)
def test_long_responses_are_compressed_if_accepted(
    roark: Spec, accept: str, is_packed: bool
) -> None:
    """Long responses are compressed if the client accepts gzip, with `Vary`; short ones are not."""
    mock = Mock(roark, rows=20)
    site = Site({"roark": mock})
    credential_headers = (("Authorization", f"Bearer {mock.credentials['bearerToken']}"),)
    plain_response = site["roark"](HttpRequest("GET", "/v1/call", "", credential_headers))
    response = site["roark"](
        HttpRequest("GET", "/v1/call", "", (*credential_headers, ("Accept-Encoding", accept)))
    )
    assert response.get_header("Vary") == plain_response.get_header("Vary") == "Accept-Encoding"
    assert response.get_header("Content-Encoding") == ("gzip" if is_packed else None)
    assert response.get_header("Content-Length") == str(len(response.body))
    assert (gzip.decompress(response.body) if is_packed else response.body) == plain_response.body
    assert ask(Accept_Encoding=accept).get_header("Content-Encoding") is None


def test_head_is_get_without_the_body(roark: Spec) -> None:
    """HEAD has the same status and headers as GET, and no body."""
    mock = Mock(roark, rows=5)
    site = Site({"roark": mock})
    credential_headers = (("Authorization", f"Bearer {mock.credentials['bearerToken']}"),)
    for headers in (
        credential_headers,
        (*credential_headers, ("Accept-Encoding", "gzip")),
        (),
        (*credential_headers, ("Accept", "a/b")),
    ):
        get = site["roark"](HttpRequest("GET", "/v1/call", "", headers))
        head = site["roark"](HttpRequest("HEAD", "/v1/call", "", headers))
        assert head == attrs.evolve(get, body=b"")
    for path in ("/v1/call/analysis", "/nowhere"):
        assert site["roark"](HttpRequest("HEAD", path, "", credential_headers)).status in {404, 405}


def test_options_of_a_path_and_of_the_server(site: Site) -> None:
    """OPTIONS lists the allowed methods of a path or the server without a credential."""
    assert site["media"](HttpRequest("OPTIONS", "/files")).get_header("Allow") == "OPTIONS, POST"
    assert site.handle(HttpRequest("OPTIONS", "*")).status == 204
    assert site["media"](HttpRequest("GET", "/files")).get_header("Allow") == "OPTIONS, POST"


@given(
    headers=st.lists(
        st.tuples(
            st.sampled_from(
                ["Accept", "Prefer", "If-None-Match", "Accept-Encoding", "Content-Encoding", "Host"]
            ),
            st.text("*/;=,q0.1 \"'\\gzipjson\xff\n", max_size=30)
            | st.text(max_size=10)
            | st.sampled_from(["code=404", "dynamic=true", "seed=999999999999999999", "gzip", "*"])
            | st.just(urlencode({"example": "few"})),
        )
    ),
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "TRACE"]),
    path=st.sampled_from(["/reports/x", "/files", "/reports/%00", "/reports/"]),
    body=st.binary(max_size=10),
)
@settings(max_examples=count_examples(300), deadline=None)
def test_any_headers_get_a_response(
    headers: list[tuple[str, str]], method: str, path: str, body: bytes
) -> None:
    """Any headers get a response below 500 unless preferred, and raise no exception."""
    site = SITES.setdefault("media", Site({"media": MOCKS.setdefault("media", Mock(MEDIA))}))
    response = site["media"](HttpRequest(method, path, "", tuple(headers), body))
    preferences = {name: value for name, value in headers if name == "Prefer"}
    assert 200 <= response.status < 500 or "code=5" in f"{preferences}"


SITES: dict[str, Site] = {}
