"""No secret of a recording appears in the output."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import attrs
import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st

from driftline.cli.commands.observe import format_files as table
from driftline.mock import HttpResponse, Mock
from driftline.observe import Observation
from driftline.openapi import load
from driftline.report import terminal
from driftline.report.files import render_files

from .recordings import ROOT, build_entry, build_har, observe_bytes, request_page

SPEC = load(ROOT / "specs" / "roark.yaml")
# Long and unlike anything that a report says by itself.
SECRETS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30
).map(lambda string: f"zQ9{string}vX7kW")


def render_all(observation: Observation) -> str:
    """Return all output of an observation."""
    report = observation.report
    return "\n".join(
        [
            *render_files(report).values(),
            terminal.render(report, width=400),
            table(observation, width=400, color=False),
            repr(observation),
        ]
    )


def with_secret(location: str, secret: str) -> dict[str, Any]:
    """Return an invalid entry with the secret in one location and echoed in others."""
    request, response = request_page(Mock(SPEC, rows=3), limit=2, pageSize=3)
    other_headers = [pair for pair in request.headers if pair[0] != "Authorization"]
    if location == "authorization":
        request = attrs.evolve(
            request, headers=(*other_headers, ("Authorization", f"Bearer {secret}"))
        )
    elif location == "basic":
        encoded_credentials = base64.b64encode(f"user:{secret}".encode()).decode()
        request = attrs.evolve(
            request, headers=(*other_headers, ("Authorization", f"Basic {encoded_credentials}"))
        )
    elif location == "header":
        request = attrs.evolve(request, headers=(*request.headers, ("X-Api-Key", secret)))
    elif location == "cookie":
        safe = quote(secret, safe="")
        request = attrs.evolve(request, headers=(*request.headers, ("Cookie", f"a=b; sid={safe}")))
    elif location == "query":
        query = f"{request.query}&access_token={quote(secret, safe='')}"
        request = attrs.evolve(request, query=query)
    body = response.parse_json()
    del body["data"][0]["projectId"]
    body["data"][0]["status"] = secret  # thrown back, where an enum is documented
    body["data"][1]["title"] = {"why": f"token {secret} is known"}
    body["data"][1]["summary"] = ["x" * 100 + secret]  # cut in the middle
    if location == "body":
        body["access_token"] = secret
    if location == "set-cookie":
        cookie_header = ("Set-Cookie", f"session={quote(secret, safe='')}; Path=/")
        response = attrs.evolve(response, headers=(*response.headers, cookie_header))
        body["data"][0]["status"] = quote(secret, safe="")
        body["data"][1] = {"id": 5}
    if location == "cookie":
        body["data"][0]["status"] = quote(secret, safe="")
        body["data"][1] = {"id": 5}
    return build_entry(request, HttpResponse(200, response.headers, json.dumps(body).encode()))


@pytest.mark.parametrize(
    "location", ["authorization", "basic", "header", "cookie", "query", "body", "set-cookie"]
)
@settings(max_examples=count_examples(15), deadline=None)
@given(secret=SECRETS)
def test_no_secret_is_in_an_output(
    tmp_path_factory: pytest.TempPathFactory, location: str, secret: str
) -> None:
    """No encoding of the secret appears in findings, commands, files or the table."""
    entry = with_secret(location, secret)
    stray = build_entry(
        *request_page(Mock(SPEC, rows=1)),
        base=f"https://user:{quote(secret, safe='')}@other.example",
    )
    stray["request"]["url"] += f"?key={quote(secret, safe='')}"
    observation = observe_bytes(tmp_path_factory.mktemp("secret"), build_har([entry, stray]))
    assert len(observation.report.findings) > 2
    assert observation.unmatched_requests == {"GET other.example/v1/call": 1}
    output = render_all(observation)
    encoded_secret = base64.b64encode(secret.encode()).decode()
    for form in (
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        encoded_secret,
        secret[:12],
    ):
        assert form not in output


@settings(max_examples=count_examples(40), deadline=None)
@given(
    st.from_regex(r"[A-Za-z]{1,10}[0-9][A-Za-z0-9]{15,40}", fullmatch=True),
    st.sampled_from(["/reset/{}", "/bot{}/send", "/a;jsessionid={}", "/{}"]),
)
def test_unmatched_requests_are_listed_without_tokens(
    tmp_path_factory: pytest.TempPathFactory, token: str, path: str
) -> None:
    """Unmatched requests are listed by host and path without parts that may be tokens."""
    request, response = request_page(Mock(SPEC, rows=1))
    stray = build_entry(attrs.evolve(request, path=path.format(token)), response)
    observation = observe_bytes(
        tmp_path_factory.mktemp("stray"), build_har([stray, build_entry(request, response)])
    )
    assert sum(observation.unmatched_requests.values()) == 1
    assert token not in render_all(observation)
